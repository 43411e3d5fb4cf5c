#include "ofdrw_peer.h"

#include <cstdio>
#include <string>

#include <heqi/base/file_store.h>
#include <heqi/testing/seeded.h>

namespace heqi::bench {
namespace {

constexpr int kWarmUps = 10, kSeconds = 3;

}  // namespace

double ofdrw_verifications_per_second(base::ByteView file) {
  const testing::TemporaryFolder folder;
  const std::string at = folder.path() + "/file.ofd";
  const std::string command =
      std::string("java -cp '" HEQI_OFDRW_JARS "/*' " HEQI_OFDRW_VERIFY " ") + at + " " +
      std::to_string(kWarmUps) + " " + std::to_string(kSeconds) + " 2>/dev/null";
  FILE* pipe = base::write_file(at, file) ? ::popen(command.c_str(), "r") : nullptr;
  double figure = 0;
  const bool read = pipe != nullptr && std::fscanf(pipe, "%lf", &figure) == 1;
  if (pipe != nullptr) ::pclose(pipe);
  if (read) return figure;
  std::fprintf(stderr, "bench: no figure of ofdrw (java; ./dev interop fetches its jars)\n");
  return 0;
}

}  // namespace heqi::bench
