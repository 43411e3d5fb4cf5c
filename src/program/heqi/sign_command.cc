// heqi sign: files signed with a software SM2 key; openssl verifies them.
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/x509/public_key_info.h>
#include <heqi/x509/signer.h>

#include <array>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "software_key.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kSignedFileSizeMax = std::size_t{1} << 30;  // docs/limits.md
constexpr std::size_t kFilesMax = 1'000;

constexpr std::array kOptions{
    Option{"--key", "KEY.pem", "sign with this SM2 key (PKCS#8 or SEC 1)", "用此 SM2 私钥签名"},
    Option{"--new-key", "KEY.pem", "make a key, readable by this user only",
           "生成新私钥，仅本用户可读"},
    Option{"--public", "PUB.pem", "write the public key of either", "写出对应的公钥"},
    Option{"--out", "FILE", "where the signature goes (one file only; default FILE.sig)",
           "签名文件（仅限一个文件；默认 FILE.sig）"},
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};

constexpr Syntax kSyntax{
    "heqi sign",
    "[FILE…]",
    0,
    kFilesMax,
    "Signs files with SM2 and SM3 (GB/T 32918.2, DER). To verify with OpenSSL 3:\n"
    "  openssl dgst -sm3 -verify PUB.pem -sigopt distid:1234567812345678 -signature FILE.sig FILE",
    "用 SM2/SM3 签名文件（DER 格式），可用上述 OpenSSL 命令验证。",
    kOptions};

Result<crypto::PrivateKey> open_key(const Arguments& arguments, base::Random& random) {
  const auto fresh = arguments.find("--new-key");
  if (!fresh) return read_software_key(arguments.get("--key"));
  HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::generate(random));
  HEQI_TRY(write_software_key(*fresh, key));
  return key;
}

base::Status sign_file(const Arguments& arguments, const std::string& path,
                       x509::SoftwareSm2Signer& signer) {
  HEQI_TRY(const base::Bytes content, base::read_file(path, kSignedFileSizeMax));
  HEQI_TRY(const base::Bytes signature, signer.sign(content));
  const std::string to = arguments.find("--out").value_or(path + ".sig");
  HEQI_TRY(base::write_file(to, signature));
  const std::string digest = base::to_hex(crypto::sm3(content));
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object()
        .field("file", path)
        .field("signature", to)
        .field("sm3", digest)
        .end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s  SM3 %s\n", to.c_str(), digest.c_str());
  }
  return {};
}

Result<int> sign(const Arguments& arguments) {
  HEQI_TRY(const auto randomness, make_randomness());
  HEQI_TRY(crypto::PrivateKey key, open_key(arguments, *randomness->generator));
  if (const auto path = arguments.find("--public")) {
    const auto info = x509::make_public_key_info(key.public_key());
    HEQI_TRY(base::write_file(*path, base::bytes_of(base::to_pem("PUBLIC KEY", info.der))));
  }
  x509::SoftwareSm2Signer signer(std::move(key), *randomness->generator);
  for (const std::string& file : arguments.operands()) {
    HEQI_TRY(sign_file(arguments, file, signer));
  }
  return kExitDone;
}

// check_together says what is wrong with options that are right one by one.
std::string check_together(const Arguments& arguments) {
  const bool given = arguments.has("--key"), fresh = arguments.has("--new-key");
  if (given == fresh) return "either --key or --new-key";
  if (given && arguments.operands().empty() && !arguments.has("--public")) return "no FILE to sign";
  if (arguments.has("--out") && arguments.operands().size() != 1) return "--out is for one FILE";
  return {};
}

}  // namespace

int run_sign(CommandLine arguments) {
  return run_command(kSyntax, arguments, [](const Arguments& parsed) -> Result<int> {
    if (const std::string wrong = check_together(parsed); !wrong.empty()) {
      print_usage_error(kSyntax.command, wrong);
      return kExitUsage;
    }
    return sign(parsed);
  });
}

}  // namespace heqi::program
