#include <heqi/device/integrity.h>

#include <heqi/base/environment.h>
#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

namespace heqi::device {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;
using base::Status;

constexpr std::string_view kHead = "heqi integrity 1\n", kSignature = "signature ";
constexpr std::size_t kManifestSizeMax = 64 * 1024, kProgramSizeMax = std::size_t{512} << 20;
constexpr std::size_t kFileNameMax = 64;

base::Error broken(const std::string& what) {
  return base::fail(Code::device_self_test, "integrity: " + what);
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kFileNameMax && base::is_file_name(name) &&
         name.find('/') == std::string_view::npos;
}

// lines_of is the signed part: one line for each file, in the order given.
Result<std::string> lines_of(const std::vector<ModuleFile>& files) {
  std::string out(kHead);
  for (const ModuleFile& file : files) {
    if (!is_name(file.name)) return base::fail(Code::malformed, "integrity: a file's name");
    out += "file " + file.name + " " + std::to_string(file.content.size()) + " " +
           base::to_hex(crypto::sm3(file.content)) + "\n";
  }
  return out;
}

Result<crypto::Signature> parse_signature(std::string_view text) {
  HEQI_TRY(const Bytes octets, base::parse_hex(base::trim(text)));
  if (octets.size() != 2 * crypto::kScalarSize) return broken("the signature's size");
  crypto::Signature signature;
  HEQI_TRY(signature.r, crypto::Scalar::decode(ByteView(octets).first(crypto::kScalarSize)));
  HEQI_TRY(signature.s, crypto::Scalar::decode(ByteView(octets).subspan(crypto::kScalarSize)));
  return signature;
}

Result<crypto::PublicKey> module_key() {
#ifdef HEQI_MODULE_KEY
  HEQI_TRY(const Bytes octets, base::parse_hex(HEQI_MODULE_KEY));
  return crypto::PublicKey::decode(octets);
#else
  HEQI_TRY(const crypto::PrivateKey key, development_key());
  return key.public_key();
#endif
}

}  // namespace

Result<Bytes> make_integrity_manifest(const std::vector<ModuleFile>& files,
                                      const crypto::PrivateKey& key, base::Random& random) {
  HEQI_TRY(std::string text, lines_of(files));
  HEQI_TRY(const crypto::Signature signature, crypto::sign(key, base::bytes_of(text), random));
  text += kSignature;
  text += base::to_hex(signature.r.encode()) + base::to_hex(signature.s.encode()) + "\n";
  return base::to_bytes(text);
}

Status verify_integrity(ByteView manifest, const crypto::PublicKey& key,
                        const std::vector<ModuleFile>& files) {
  const std::string_view text = base::text_of(manifest);
  const std::size_t at = text.rfind(kSignature);
  if (at == std::string_view::npos) return broken("the manifest has no signature");
  const auto signature = parse_signature(text.substr(at + kSignature.size()));
  if (!signature || !crypto::verify(key, manifest.first(at), *signature))
    return broken("the manifest is not signed with the module's key");
  HEQI_TRY(const std::string expected, lines_of(files));
  if (text.substr(0, at) == expected) return {};
  for (const ModuleFile& file : files) {
    HEQI_TRY(const std::string one, lines_of({file}));
    if (text.find(one.substr(kHead.size())) == std::string_view::npos)
      return broken(file.name + " is not the file that was signed");
  }
  return broken("the manifest names other files");
}

Status check_own_integrity() {
  HEQI_TRY(const std::string path, base::own_program_path());
  auto manifest = base::read_file(path + ".integrity", kManifestSizeMax);
  if (!manifest) return broken(path + ".integrity cannot be read");
  ModuleFile own{path.substr(path.rfind('/') + 1), {}};
  auto content = base::read_file("/proc/self/exe", kProgramSizeMax);
  if (!content) return broken(path + " cannot be read");
  own.content = *std::move(content);
  HEQI_TRY(const crypto::PublicKey key, module_key());
  std::vector<ModuleFile> files;
  files.push_back(std::move(own));
  return verify_integrity(*manifest, key, files);
}

Result<crypto::PrivateKey> development_key() {
  return crypto::PrivateKey::decode(
      crypto::sm3(base::bytes_of("heqi: the development key of the module's integrity")));
}

bool uses_development_key() {
#ifdef HEQI_MODULE_KEY
  return false;
#else
  return true;
#endif
}

}  // namespace heqi::device
