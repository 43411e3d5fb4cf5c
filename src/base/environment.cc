#include <heqi/base/environment.h>

#include <unistd.h>

#include <array>
#include <cstdlib>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

namespace heqi::base {
namespace {

constexpr std::size_t kStatusSizeMax = 64 * 1024;

bool is_traced() {
  const auto status = read_file("/proc/self/status", kStatusSizeMax);
  if (!status) return false;
  const std::string_view text = text_of(*status);
  constexpr std::string_view label = "TracerPid:";
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return false;
  const std::string_view line =
      text.substr(at + label.size(), text.find('\n', at) - at - label.size());
  return trim(line) != "0";
}

bool is_preloaded() {
  for (const char* name : {"LD_PRELOAD", "LD_AUDIT"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return true;
  }
  const auto file = read_file("/etc/ld.so.preload", kStatusSizeMax);
  return file && !trim(text_of(*file)).empty();
}

}  // namespace

std::vector<std::string> find_in_environment() {
  std::vector<std::string> findings;
  if (is_traced()) findings.emplace_back("debugger");
  if (is_preloaded()) findings.emplace_back("preloaded");
  if (::geteuid() == 0) findings.emplace_back("superuser");
  return findings;
}

Result<std::vector<std::string>> judge_environment(std::vector<std::string> findings,
                                                   EnvironmentPolicy policy) {
  for (const std::string& finding : findings) {
    const bool is_intrusion = finding == "debugger" || finding == "preloaded";
    if (is_intrusion || policy == EnvironmentPolicy::refuse)
      return fail(Code::denied, "the environment: " + finding);
  }
  return findings;
}

Result<std::vector<std::string>> check_environment(EnvironmentPolicy policy) {
  return judge_environment(find_in_environment(), policy);
}

Result<std::string> own_program_path() {
  std::array<char, 4096> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0 || static_cast<std::size_t>(size) == path.size())
    return fail(Code::internal, "the program's own path is not told");
  return std::string(path.data(), static_cast<std::size_t>(size));
}

}  // namespace heqi::base
