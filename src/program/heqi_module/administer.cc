#include "administer.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include <heqi/asn1/reader.h>
#include <heqi/base/constant_time.h>
#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/keys/administration.h>
#include <heqi/keys/module_client.h>

namespace heqi {
namespace {

using base::Result;
using base::Status;
using keys::Act;

constexpr std::size_t kBackupSizeMax = std::size_t{1} << 30;

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
  const Unechoed unechoed;  // before the question: what is typed earlier is forgotten
  if (::isatty(STDIN_FILENO) != 0) std::fprintf(stderr, "%s: ", prompt);
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
  } else if (act == Act::restore) {
    HEQI_TRY(const keys::Restored restored, keys::parse_restored(answer));
    std::printf("restored %lld keys, %lld were known\n", static_cast<long long>(restored.keys),
                static_cast<long long>(restored.known));
  } else {
    std::printf("done\n");
  }
  return {};
}

// NewFile is written from its beginning; it is a failure where there is one already.
class NewFile {
 public:
  static Result<NewFile> create(const std::string& path) {
    const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (number < 0) return base::fail(base::Code::storage, path + " exists, or cannot be written");
    return NewFile(number);
  }
  NewFile(NewFile&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() {
    if (number_ >= 0) ::close(number_);
  }
  Status write(base::ByteView octets) {
    while (!octets.empty()) {
      const ssize_t done = ::write(number_, octets.data(), octets.size());
      if (done <= 0) return base::fail(base::Code::storage, "the backup cannot be written");
      octets = octets.subspan(static_cast<std::size_t>(done));
    }
    return {};
  }
  Status finish() {
    if (::fsync(number_) != 0)
      return base::fail(base::Code::storage, "the backup cannot be written");
    return {};
  }

 private:
  explicit NewFile(int number) : number_(number) {}
  int number_;
};

// back_up writes page after page into a new file.
Result<base::Bytes> back_up(keys::ModuleClient& client, base::ByteView token,
                            const std::string& path) {
  HEQI_TRY(NewFile file, NewFile::create(path));
  std::string cursor;
  do {
    HEQI_TRY(
        const base::Bytes answer,
        client.administer(
            {.act = Act::back_up, .token = base::SecretBytes::copy_of(token), .subject = cursor}));
    HEQI_TRY(const keys::BackupPage page, keys::parse_backup_page(answer));
    HEQI_TRY(file.write(answer));
    cursor = page.next;
  } while (!cursor.empty());
  HEQI_TRY(file.finish());
  return base::Bytes();
}

// restore hands in the pages of a file, and adds up what came of them.
Result<base::Bytes> restore(keys::ModuleClient& client, base::ByteView token,
                            const std::string& path) {
  HEQI_TRY(const base::Bytes content, base::read_file(path, kBackupSizeMax));
  keys::Restored all;
  std::string next = "first";
  base::ByteView left = content;
  while (!next.empty()) {
    HEQI_TRY(asn1::Reader pages,
             asn1::Reader::over(left.first(std::min(left.size(), keys::kModuleMessageSizeMax))));
    HEQI_TRY(const asn1::Element one, pages.any());
    HEQI_TRY(const keys::BackupPage page, keys::parse_backup_page(one.whole));
    HEQI_TRY(const base::Bytes answer,
             client.administer({.act = Act::restore,
                                .token = base::SecretBytes::copy_of(token),
                                .content = page.sealed}));
    HEQI_TRY(const keys::Restored restored, keys::parse_restored(answer));
    all.keys += restored.keys;
    all.known += restored.known;
    next = page.next;
    left = left.subspan(one.whole.size());
  }
  return keys::encode_restored(all);
}

// new_password is asked for twice (GM/T 0028 §7.10).
Result<base::SecretBytes> new_password() {
  HEQI_TRY(base::SecretBytes first, read_line("new password 新口令"));
  HEQI_TRY(const base::SecretBytes again, read_line("again 再次输入"));
  if (!base::ct::declassified(base::ct::equal_bytes(first.expose(), again.expose())))
    return base::fail(base::Code::malformed, "the two new passwords differ");
  return first;
}

Result<base::Bytes> ask(keys::ModuleClient& client, keys::Administration asked) {
  if (asked.act == Act::back_up) return back_up(client, asked.token.expose(), asked.subject);
  if (asked.act == Act::restore) return restore(client, asked.token.expose(), asked.subject);
  return client.administer(asked);
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
    HEQI_TRY(asked.new_secret, new_password());
    asked.secret = std::move(password);
  }
  const base::SecretBytes token = asked.token.clone();
  auto answer = ask(client, std::move(asked));
  if (act != Act::change_password && act != Act::sign_out) {
    const auto left = client.administer({.act = Act::sign_out, .token = token.clone()});
    if (answer && !left) return left.error();
  }
  HEQI_TRY(const base::Bytes body, std::move(answer));
  return print(act, body);
}

std::string administer_help() {
  return "heqi-module --config FILE --administer ACT [SUBJECT [REASON]]\n\n"
         "One act of the administrator at the running key centre; the password is read from\n"
         "standard input (change_password: the old one, then the new one twice). The first "
         "password stands\n"
         "in wrapping_folder/administrator-password and must be changed. ACT is one of\n"
         "  change_password\n"
         "  attest_host STATEMENT    who vouches for the host's physical protection\n"
         "  list_keys, list_acts\n"
         "  disable_key KEY          ends the server's share of a key, for ever\n"
         "  delete_key KEY           removes what is kept of a disabled key\n"
         "  back_up FILE             writes all keys, each as sealed as in the database, to a new "
         "file\n"
         "  restore FILE             brings back what is missing; a key that comes back waits a\n"
         "                           day, or for unlock_key. The root wrapping key has to be the "
         "same\n"
         "  unlock_key KEY PROOF     gives back the tries, after a fresh proof of identity\n"
         "  wipe_device DEVICE       ends its shares now, and has it erase its own when it comes "
         "back\n"
         "  renew_master [TENANT]    a new master key, for new keys and refreshed shares\n";
}

}  // namespace heqi
