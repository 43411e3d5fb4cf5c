#include "pdfbox_peer.h"

#include <cstdio>
#include <cstdlib>

#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>

namespace heqi::bench {
namespace {

constexpr const char* kJars =
    "/usr/share/java/pdfbox2.jar:/usr/share/java/fontbox2.jar:/usr/share/java/commons-logging.jar:"
    "/usr/share/java/bcprov.jar:/usr/share/java/bcpkix.jar:/usr/share/java/bcutil.jar";
constexpr int kWarmUps = 200, kSeconds = 3;

}  // namespace

double pdfbox_signatures_per_second(const Desk& desk, base::ByteView file, Provider provider) {
  const testing::TemporaryFolder folder;
  const std::string at = folder.path() + "/";
  const bool written = base::write_file(at + "file.pdf", file).has_value() &&
                       base::write_file(at + "key.der", desk.key_der()).has_value() &&
                       base::write_file(at + "cert.der", desk.certificate().der()).has_value();
  const std::string command =
      std::string("java ") + (provider == Provider::bouncy_castle ? "-Dprovider=BC " : "") +
      "-cp " + kJars + " " HEQI_PDFBOX_SIGN " " + at + "file.pdf " + at + "key.der " + at +
      "cert.der " + std::to_string(kWarmUps) + " " + std::to_string(kSeconds);
  FILE* pipe = written ? ::popen(command.c_str(), "r") : nullptr;
  double figure = 0;
  const bool read = pipe != nullptr && std::fscanf(pipe, "%lf", &figure) == 1;
  if (pipe != nullptr) ::pclose(pipe);
  if (read) return figure;
  std::fprintf(stderr, "bench: no figure of PDFBox (libpdfbox2-java, libbcpkix-java, java)\n");
  return 0;
}

}  // namespace heqi::bench
