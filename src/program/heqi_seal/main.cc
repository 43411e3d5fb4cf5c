// heqi-seal: signs the integrity manifest of a program of the cryptographic module, after it was
// linked and stripped: PROGRAM.integrity beside it (heqi/device/integrity.h). Not part of the
// module.
#include <cstdio>
#include <string>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/device/integrity.h>

namespace heqi {
namespace {

constexpr std::size_t kProgramSizeMax = std::size_t{512} << 20;

base::Result<crypto::PrivateKey> read_key(const std::string& path) {
  HEQI_TRY(base::Bytes text, base::read_file(path, 4096));
  auto octets = base::parse_hex(base::trim(base::text_of(text)));
  base::secure_wipe(text.data(), text.size());
  HEQI_TRY(base::Bytes d, std::move(octets));
  auto key = crypto::PrivateKey::decode(d);
  base::secure_wipe(d.data(), d.size());
  return key;
}

base::Status seal(const crypto::PrivateKey& key, const std::string& program) {
  HEQI_TRY(base::Bytes content, base::read_file(program, kProgramSizeMax));
  std::vector<device::ModuleFile> files;
  files.push_back({program.substr(program.rfind('/') + 1), std::move(content)});
  base::SystemRandom random;
  HEQI_TRY(const base::Bytes manifest, device::make_integrity_manifest(files, key, random));
  return base::write_file(program + ".integrity", manifest);
}

base::Status run(int argc, char** argv) {
  const std::string first = argv[1];
  const bool own = first == "--key";
  HEQI_TRY(const crypto::PrivateKey key, own ? read_key(argv[2]) : device::development_key());
  for (int i = own ? 3 : 2; i < argc; ++i) {
    HEQI_TRY(seal(key, argv[i]));
  }
  if (own) std::printf("HEQI_MODULE_KEY=%s\n", base::to_hex(key.public_key().encode()).c_str());
  return {};
}

}  // namespace
}  // namespace heqi

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  const bool known = first == "--development" ? argc > 2 : first == "--key" && argc > 3;
  if (!known) {
    std::fprintf(
        first == "--help" ? stdout : stderr,
        "heqi-seal --development PROGRAM…\nheqi-seal --key FILE PROGRAM…\n\n"
        "Writes PROGRAM.integrity: its size and SM3, signed with SM2. FILE holds d in\n"
        "hexadecimal; the programs must have been built with -DHEQI_MODULE_KEY=… (printed).\n");
    return first == "--help" ? 0 : 2;
  }
  const heqi::base::Status done = heqi::run(argc, argv);
  if (done) return 0;
  std::fprintf(stderr, "heqi-seal: %s\n", heqi::base::to_line(done.error()).c_str());
  return 1;
}
