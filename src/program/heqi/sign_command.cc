// heqi sign: a signature inside a PDF, with a key and its certificate; or beside any file, with an
// SM2 key alone, which openssl verifies.
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/http/client.h>
#include <heqi/x509/public_key_info.h>
#include <heqi/x509/signer.h>

#include <array>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "component_seal.h"
#include "device_key.h"
#include "inspection.h"
#include "key_process.h"
#include "pin_entry.h"
#include "pkcs11_uri.h"
#include "progress.h"
#include "sdf_key.h"
#include "seam_field.h"
#include "sign_ofd.h"
#include "sign_pdf.h"
#include "software_key.h"
#include "trust_files.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kFilesMax = 1'000;

constexpr std::array kOptions{
    Option{
        "--key", "KEY",
        "PEM, PKCS#12 (.p12), in a token: pkcs11:token=…;object=…?module-path=/… (RFC 7512), or in "
        "heqi-device: heqi-device:key=NAME;socket=PATH;server=URL, or without key= the key of "
        "which "
        "that server has the other share, which seals; in a server's cipher device (SM2, GM/T "
        "0018): "
        "sdf:library=/…;index=1?password-file=/…; an OFD also by a seal component: "
        "oes:library=FILE.so;seal=ID",
        "签名私钥：PEM、PKCS#12，pkcs11: 开头的令牌密钥（RSA、ECDSA），或 heqi-device: "
        "开头的本机模块密钥；不写 key= 时用与该服务各持一份分量的密钥盖章；sdf: "
        "开头的服务器密码设备密钥（SM2，GM/T 0018）；oes: "
        "开头的签章组件（OFD）"},
    Option{"--certificate", "CERT.pem", "its certificate and chain: signs inside a PDF",
           "签名证书及证书链：在 PDF 内签名"},
    Option{"--password-file", "FILE",
           "the password of a PKCS#12 file or of a device's key, the PIN of a token or of "
           "heqi-device",
           "PKCS#12 或密码设备私钥的口令，或令牌、heqi-device 的 PIN 文件"},
    Option{"--password-stdin", "", "read it from standard input", "从标准输入读取口令"},
    Option{"--profile", "NAME",
           "pades (default), gm (GM/T 0010), or a reader: dianju, gm-pkilite, gomain (seals) …",
           "签名格式：pades（默认）、gm 或阅读器名称"},
    Option{"--level", "b|t|lt|lta", "PAdES level; t and above need --tsa, lt and above --trust",
           "签名级别；t 起需 --tsa，lt 起需 --trust"},
    Option{"--tsa", "URL", "the time-stamp authority", "时间戳服务地址"},
    Option{"--trust", "DIR_or_FILE", "trusted roots, for the levels lt and lta", "信任的根证书"},
    Option{"--field", "NAME", "the signature field; default: the first empty one, else a new one",
           "签名域；默认首个空域，否则新建"},
    Option{"--box", "PAGE:X,Y[,W,H]", "where a new field is made, in mm from the upper left corner",
           "新建签名域的位置（毫米，自左上角）"},
    Option{"--reason", "TEXT", "why it is signed", "签名原因"},
    Option{"--location", "TEXT", "where it is signed", "签名地点"},
    Option{"--certify", "none|1|2|3", "what may change later (DocMDP): nothing, forms, annotations",
           "认证级别：之后允许的修改"},
    Option{"--despite", "NAME[,NAME]",
           "sign a PDF that shows otherwise elsewhere: names as heqi pdf lint tells them",
           "仍签署检查不通过的 PDF：填 heqi pdf lint 所列名称"},
    Option{"--seal", "SEAL.esl",
           "seal with it (GB/T 38540): PDF at --box, --seam or both, or in --field; OFD at --box, "
           "--word or --seam",
           "用此电子印章签章：PDF 在 --box、--seam（可并用）或 --field，OFD 在 "
           "--box、--word 或 --seam"},
    Option{"--word", "TEXT", "OFD: seal at each place of this word", "OFD 关键字定位"},
    Option{"--seam", "right|left[:AT]",
           "seal across the edges of all pages; AT: of the seal's middle, as a part of the page's "
           "height (default 0.5)",
           "骑缝章：页边，AT 为印章中心在页高中的比例（默认 0.5）"},
    Option{"--close", "", "OFD: nobody can sign after this signature", "OFD 锁定签名列表"},
    Option{"--new-key", "KEY.pem", "make an SM2 key, readable by this user only",
           "生成新私钥，仅本用户可读"},
    Option{"--public", "PUB.pem", "write the public key of either", "写出对应的公钥"},
    Option{"--out", "FILE", "the signed PDF (default FILE.signed.pdf) or the signature (FILE.sig)",
           "已签 PDF 或签名文件"},
    kProgressOption,
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};

constexpr Syntax kSyntax{
    "heqi sign",
    "[FILE…]",
    0,
    kFilesMax,
    "With a certificate: signs inside a PDF file. With an SM2 key alone: writes a signature "
    "beside\n"
    "each file (GB/T 32918.2, DER), which OpenSSL 3 verifies:\n"
    "  openssl dgst -sm3 -verify PUB.pem -sigopt distid:1234567812345678 -signature FILE.sig FILE",
    "有证书时在 PDF 内签名；仅有 SM2 私钥时为每个文件写出签名值，可用上述 OpenSSL 命令验证。",
    kOptions};

Result<KeyOfFile> open_key(const Arguments& arguments) {
  const auto fresh = arguments.find("--new-key");
  HEQI_TRY(KeyOfFile key,
           fresh ? make_key_elsewhere(*fresh) : open_key_elsewhere(arguments.get("--key"), {}));
  if (!key.public_key.is_sm2())
    return base::fail(Code::unsupported, "signatures beside a file are made with SM2 keys");
  return key;
}

base::Status sign_file(const Arguments& arguments, const std::string& path, x509::Signer& signer) {
  HEQI_TRY(const base::Bytes content, base::read_file(path, kSignedMessageSizeMax));
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
  HEQI_TRY(const KeyOfFile key, open_key(arguments));
  if (const auto path = arguments.find("--public")) {
    HEQI_TRY(const crypto::PublicKey point, key.public_key.sm2_key());
    const auto info = x509::make_public_key_info(point);
    HEQI_TRY(base::write_file(*path, base::bytes_of(base::to_pem("PUBLIC KEY", info.der))));
  }
  for (const std::string& file : arguments.operands()) {
    HEQI_TRY(sign_file(arguments, file, *key.signer));
  }
  return kExitDone;
}

bool signs_inside(const Arguments& arguments) {
  return arguments.has("--certificate") || asks_for_password(arguments.get("--key")) ||
         is_component_uri(arguments.get("--key"));
}

Result<documents::pdf::Certification> parse_certification(const std::string& text) {
  using documents::pdf::Certification;
  if (text.empty() || text == "none") return Certification::none;
  if (text == "1") return Certification::no_changes;
  if (text == "2") return Certification::form_filling;
  if (text == "3") return Certification::annotations;
  return base::fail(Code::malformed, "--certify: none, 1, 2 or 3");
}

Result<PdfWish> read_wish(const Arguments& arguments) {
  PdfWish wish;
  wish.input = arguments.operands()[0];
  const bool ends = wish.input.ends_with(".pdf");
  const std::string stem = ends ? wish.input.substr(0, wish.input.size() - 4) : wish.input;
  wish.output = arguments.find("--out").value_or(stem + ".signed.pdf");
  wish.profile = arguments.get("--profile");
  wish.seal = arguments.get("--seal");
  const auto level = parse_level(arguments.find("--level").value_or("b"));
  if (!level) return base::fail(Code::malformed, "--level: b, t, lt or lta");
  wish.level = *level;
  wish.time_stamp_url = arguments.get("--tsa");
  wish.field = arguments.get("--field");
  if (const auto box = arguments.find("--box")) {
    HEQI_TRY(wish.box, parse_box(*box));
  }
  if (const auto seam = arguments.find("--seam")) {
    HEQI_TRY(wish.seam, parse_seam(*seam));
  }
  wish.reason = arguments.get("--reason");
  wish.location = arguments.get("--location");
  HEQI_TRY(wish.certification, parse_certification(arguments.get("--certify")));
  HEQI_TRY(wish.despite, parse_lints(arguments.get("--despite")));
  if (wish.level >= Level::lt) {
    HEQI_TRY(wish.trust, load_trust(arguments.find("--trust")));
  }
  return wish;
}

Result<base::SecretBytes> read_password(const Arguments& arguments) {
  if (!asks_for_password(arguments.get("--key"))) return base::SecretBytes();
  if (const auto path = arguments.find("--password-file")) return read_secret_file(*path);
  if (arguments.has("--password-stdin")) return read_secret_stdin();
  const std::string key = arguments.get("--key");
  return ask_secret(is_device_uri(key)   ? "PIN of heqi-device / heqi-device 的 PIN: "
                    : is_pkcs11_uri(key) ? "PIN of the token / 令牌 PIN: "
                    : is_sdf_uri(key) ? "Password of the device's key / 密码设备私钥口令: "
                                      : "Password of the PKCS#12 file / PKCS#12 口令: ");
}

void print_signed(const Arguments& arguments, const PdfWish& wish, const Signed& done) {
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object()
        .field("file", wish.input)
        .field("signed", wish.output)
        .field("field", done.field)
        .field("size", static_cast<std::int64_t>(done.size))
        .field("digest", done.signed_digest)
        .field("digest_algorithm", done.digest_algorithm)
        .end_object();
    std::printf("%s\n", json.str().c_str());
    return;
  }
  std::printf("%s  field / 签名域 %s  %s\n", wish.output.c_str(), done.field.c_str(),
              done.signed_digest.c_str());
}

Result<int> sign_inside(const Arguments& arguments) {
  HEQI_TRY(const PdfWish wish, read_wish(arguments));
  HEQI_TRY(const auto randomness, make_randomness());
  HEQI_TRY(const base::SecretBytes password, read_password(arguments));
  HEQI_TRY(SigningKey key,
           open_signing_key({arguments.get("--key"), arguments.get("--certificate")}, password));
  http::CurlFetch fetch({.allows_plain = true});
  Progress progress(wants_progress(arguments));
  HEQI_TRY(const Signed done,
           sign_pdf(wish, key, fetch, randomness->clock, *randomness->generator, progress));
  progress.end();
  print_signed(arguments, wish, done);
  return kExitDone;
}

Result<OfdWish> read_ofd_wish(const Arguments& arguments) {
  OfdWish wish;
  wish.input = arguments.operands()[0];
  const bool ends = wish.input.ends_with(".ofd");
  const std::string stem = ends ? wish.input.substr(0, wish.input.size() - 4) : wish.input;
  wish.output = arguments.find("--out").value_or(stem + ".signed.ofd");
  wish.seal = arguments.get("--seal");
  wish.word = arguments.get("--word");
  if (const auto seam = arguments.find("--seam")) {
    HEQI_TRY(wish.seam, parse_seam(*seam));
  }
  if (const auto box = arguments.find("--box")) {
    HEQI_TRY(const auto place, parse_box(*box));
    wish.place = OfdWish::Place{place.page, place.left_mm, place.top_mm};
  }
  const int places = (wish.place ? 1 : 0) + (wish.seam ? 1 : 0) + (wish.word.empty() ? 0 : 1);
  const bool seals = !wish.seal.empty() || is_component_uri(arguments.get("--key"));
  if (places != (seals ? 1 : 0))
    return base::fail(Code::malformed, "a seal goes to one of --box, --word and --seam");
  wish.time_stamp_url = arguments.get("--tsa");
  if (arguments.has("--close")) wish.closing = documents::ofd::Closing::close;
  return wish;
}

Result<SignedOfd> sign_by_component(const Arguments& arguments, const OfdWish& wish) {
  if (!wish.seal.empty() || !wish.time_stamp_url.empty() || arguments.has("--certificate"))
    return base::fail(Code::malformed,
                      "a seal component brings its own seal, certificate and time");
  HEQI_TRY(const ComponentUri uri, parse_component_uri(arguments.get("--key")));
  HEQI_TRY(const auto component, SealComponent::load(uri.library));
  return seal_by_component(wish, uri.seal, *component);
}

Result<SignedOfd> sign_by_key(const Arguments& arguments, const OfdWish& wish) {
  HEQI_TRY(const auto randomness, make_randomness());
  HEQI_TRY(const base::SecretBytes password, read_password(arguments));
  HEQI_TRY(SigningKey key,
           open_signing_key({arguments.get("--key"), arguments.get("--certificate")}, password));
  http::CurlFetch fetch({.allows_plain = true});
  return sign_ofd(wish, key, fetch, randomness->clock, *randomness->generator);
}

Result<int> sign_package(const Arguments& arguments) {
  HEQI_TRY(const OfdWish wish, read_ofd_wish(arguments));
  HEQI_TRY(const SignedOfd done, is_component_uri(arguments.get("--key"))
                                     ? sign_by_component(arguments, wish)
                                     : sign_by_key(arguments, wish));
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("file", wish.input).field("signed", wish.output);
    json.field("part", done.part).field("stamps", static_cast<std::int64_t>(done.stamps));
    json.field("sm3", done.digest).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s  %s  SM3 %s\n", wish.output.c_str(), done.part.c_str(), done.digest.c_str());
  }
  return kExitDone;
}

// check_together says what is wrong with options that are right one by one.
std::string check_together(const Arguments& arguments) {
  const bool given = arguments.has("--key"), fresh = arguments.has("--new-key");
  if (given == fresh) return "either --key or --new-key";
  if (given && arguments.operands().empty() && !arguments.has("--public")) return "no FILE to sign";
  if (arguments.has("--out") && arguments.operands().size() != 1) return "--out is for one FILE";
  if (signs_inside(arguments) && arguments.operands().size() != 1)
    return "one PDF or OFD at a time";
  return {};
}

}  // namespace

int run_sign(CommandLine arguments) {
  return run_command(kSyntax, arguments, [](const Arguments& parsed) -> Result<int> {
    if (const std::string wrong = check_together(parsed); !wrong.empty()) {
      print_usage_error(kSyntax.command, wrong);
      return kExitUsage;
    }
    if (!signs_inside(parsed)) return sign(parsed);
    if (is_ofd_file(parsed.operands()[0])) return sign_package(parsed);
    if (is_component_uri(parsed.get("--key")))
      return base::fail(Code::unsupported, "seal components seal OFD files");
    return sign_inside(parsed);
  });
}

}  // namespace heqi::program
