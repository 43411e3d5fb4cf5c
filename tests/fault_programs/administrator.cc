#include "administrator.h"

#include <cstdlib>
#include <filesystem>

#include <heqi/base/text.h>

namespace heqi::faults {
namespace {

using base::Code;
using base::Result;

const std::string kPassword = "correct horse 7";
constexpr std::size_t kSaidMax = std::size_t{1} << 20;

Result<std::string> first_password(const std::string& platform) {
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(platform, error)) {
    if (entry.path().filename() != "administrator-password") continue;
    HEQI_TRY(const base::Bytes text, base::read_file(entry.path().string(), 256));
    return std::string(base::text_of(text));
  }
  return base::fail(Code::not_found, "the first password");
}

}  // namespace

Result<std::string> Administrator::run(const std::string& words, const std::string& typed) {
  const std::string in = world_.folder() + "/typed", out = world_.folder() + "/said";
  HEQI_TRY(base::write_file(in, base::bytes_of(typed)));
  const std::string command = "'" + std::string(HEQI_FAULT_MODULE) + "' --config '" +
                              world_.module_configuration() + "' --administer " + words + " <'" +
                              in + "' >'" + out + "' 2>&1";
  const bool done = std::system(command.c_str()) == 0;
  HEQI_TRY(const base::Bytes said, base::read_file(out, kSaidMax));
  if (!done) return base::fail(Code::denied, words + ": " + std::string(base::text_of(said)));
  return std::string(base::text_of(said));
}

// The answer to a change may be lost with the key centre: then the new one is in force.
base::Status Administrator::choose_password() {
  if (password_chosen_) return {};
  const auto first = first_password(world_.platform());
  if (first) {
    (void)run("change_password", *first + "\n" + kPassword + "\n" + kPassword + "\n").has_value();
  }
  HEQI_TRY(run("list_acts", kPassword + "\n"));
  password_chosen_ = true;
  return {};
}

Result<std::string> Administrator::act(const std::string& words) {
  HEQI_TRY(choose_password());
  return run(words, kPassword + "\n");
}

Result<std::string> Administrator::device_of(const std::string& key_id) {
  HEQI_TRY(const std::string list, act("list_keys"));
  for (const std::string_view line : base::split(list, '\n'))
    if (line.starts_with(key_id)) return std::string(base::split(line, ' ').at(2));
  return base::fail(Code::not_found, "the key " + key_id);
}

}  // namespace heqi::faults
