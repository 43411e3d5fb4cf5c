#include "machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

namespace heqi {
namespace {

constexpr std::size_t kDescriptionMax = std::size_t{4} << 20;  // /proc/cpuinfo of many processors

// line_of is the first line that begins so; empty where there is none.
std::string line_of(const char* path, std::string_view beginning) {
  const auto content = base::read_file(path, kDescriptionMax);
  if (!content) return {};
  std::string_view text = base::text_of(*content);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (text.substr(0, beginning.size()) == beginning) return std::string(text.substr(0, end));
    text = text.substr(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

device::Machine describe_machine() {
  device::Machine machine;
  machine.hardware = line_of("/proc/cpuinfo", "model name") + "\n" +
                     std::to_string(::sysconf(_SC_NPROCESSORS_CONF));
  utsname system{};
  if (::uname(&system) == 0)
    machine.system = std::string(system.sysname) + "\n" + system.machine + "\n";
  machine.system += line_of("/etc/machine-id", "");
  return machine;
}

}  // namespace heqi
