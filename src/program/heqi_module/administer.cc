#include "administer.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include <heqi/base/text.h>
#include <heqi/keys/administration.h>
#include <heqi/keys/module_client.h>

namespace heqi {
namespace {

using base::Result;
using base::Status;
using keys::Act;

// Unechoed switches the terminal's echo off while it lives (§10.3 c).
class Unechoed {
 public:
  Unechoed() {
    is_terminal_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Unechoed() {
    if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unechoed(const Unechoed&) = delete;
  Unechoed& operator=(const Unechoed&) = delete;

 private:
  termios before_{};
  bool is_terminal_ = false;
};

Result<base::SecretBytes> read_line(const char* prompt) {
  if (::isatty(STDIN_FILENO) != 0) std::fprintf(stderr, "%s: ", prompt);
  const Unechoed unechoed;
  base::SecretBytes line(keys::kAdministratorPasswordMax + 1);
  std::size_t size = 0;
  while (size < line.size() && ::read(STDIN_FILENO, &line.expose_mutable()[size], 1) == 1 &&
         line.expose()[size] != '\n')
    ++size;
  if (size == 0 || size == line.size())
    return base::fail(base::Code::malformed, "a password of 12 to 256 octets is expected");
  return base::SecretBytes::copy_of(line.expose().first(size));
}

Result<Act> find_act(std::string_view name) {
  for (int number = static_cast<int>(Act::change_password);
       number <= static_cast<int>(keys::kLastAct); ++number)
    if (keys::name_of(static_cast<Act>(number)) == name) return static_cast<Act>(number);
  return base::fail(base::Code::unsupported, "no such act: " + std::string(name));
}

Status print(Act act, base::ByteView answer) {
  if (act == Act::list_keys) {
    HEQI_TRY(const auto lines, keys::parse_key_lines(answer));
    for (const keys::KeyLine& line : lines)
      std::printf("%s %s %s epoch %lld failures %lld\n", line.key_id.c_str(), line.state.c_str(),
                  line.device_id.c_str(), static_cast<long long>(line.epoch),
                  static_cast<long long>(line.failures));
  } else if (act == Act::list_acts) {
    HEQI_TRY(const auto acts, keys::parse_acts(answer));
    for (const keys::RecordedAct& one : acts)
      std::printf("%s %s %s %s %s\n", base::to_rfc3339(one.at).c_str(),
                  one.role == device::Role::administrator ? "administrator" : "user",
                  one.act.c_str(), one.subject.c_str(), one.outcome.c_str());
  } else {
    std::printf("done\n");
  }
  return {};
}

}  // namespace

Status administer(const std::string& socket, const std::vector<std::string>& arguments) {
  HEQI_TRY(const Act act, find_act(arguments.at(0)));
  keys::ModuleClient client(socket);
  HEQI_TRY(base::SecretBytes password, read_line("password 口令"));
  keys::Administration asked{.act = act};
  HEQI_TRY(asked.token, client.sign_in(password.expose()));
  if (arguments.size() > 1) asked.subject = arguments[1];
  if (arguments.size() > 2) asked.reason = arguments[2];
  if (act == Act::change_password) {
    HEQI_TRY(asked.new_secret, read_line("new password 新口令"));
    asked.secret = std::move(password);
  }
  auto answer = client.administer(asked);
  if (act != Act::change_password && act != Act::sign_out) {
    const auto left = client.administer({.act = Act::sign_out, .token = std::move(asked.token)});
    if (answer && !left) return left.error();
  }
  HEQI_TRY(const base::Bytes body, std::move(answer));
  return print(act, body);
}

std::string administer_help() {
  return "heqi-module --config FILE --administer ACT [SUBJECT [REASON]]\n\n"
         "One act of the administrator at the running key centre; the password is read from\n"
         "standard input (change_password: the old, then the new one). The first password stands\n"
         "in wrapping_folder/administrator-password and must be changed. ACT is one of\n"
         "  change_password\n"
         "  attest_host STATEMENT    who vouches for the host's physical protection\n"
         "  list_keys, list_acts\n"
         "  disable_key KEY          ends the server's share of a key, for ever\n"
         "  unlock_key KEY PROOF     gives back the tries, after a fresh proof of identity\n"
         "  wipe_device DEVICE       ends its shares now, and has it erase its own when it comes "
         "back\n"
         "  renew_master             a new master key, for new keys and refreshed shares\n";
}

}  // namespace heqi
