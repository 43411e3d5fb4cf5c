#include "pin_terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <heqi/base/constant_time.h>
#include <heqi/base/text.h>
#include <heqi/device/msd.h>

namespace heqi {
namespace {

using base::Code;
using base::Result;
using base::SecretBytes;

constexpr int kEntryTime = 120'000;       // ms for one line
constexpr std::size_t kLineSizeMax = 64;  // octets; what is longer is no PIN

// Quiet switches the echo off, and forgets what was typed before anything was shown.
class Quiet {
 public:
  explicit Quiet(int terminal) : terminal_(terminal) {
    works_ = ::tcgetattr(terminal_, &before_) == 0;
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
    now.c_lflag |= ICANON;
    works_ = works_ && ::tcsetattr(terminal_, TCSAFLUSH, &now) == 0;
  }
  ~Quiet() {
    if (works_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  bool works() const { return works_; }

 private:
  int terminal_;
  termios before_{};
  bool works_ = false;
};

// printable keeps what a document is called from steering the terminal.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& one : out)
    if (static_cast<unsigned char>(one) < 0x20 || one == 0x7f) one = ' ';
  return out;
}

class PinTerminal final : public device::PinInput {
 public:
  explicit PinTerminal(int terminal) : terminal_(terminal) {}
  ~PinTerminal() override { ::close(terminal_); }
  PinTerminal(const PinTerminal&) = delete;
  PinTerminal& operator=(const PinTerminal&) = delete;

  Result<SecretBytes> choose() override {
    HEQI_TRY(SecretBytes pin, ask("New PIN, 6 to 32 digits / 设置 PIN（6–32 位数字）: "));
    HEQI_TRY(const SecretBytes again, ask("Again / 再次输入: "));
    if (!base::ct::declassified(base::ct::equal_bytes(pin.expose(), again.expose())))
      return base::fail(Code::malformed, "the two PINs differ");
    return pin;
  }

  Result<SecretBytes> confirm(const device::Display& display) override {
    show(display);
    return ask_for(display);
  }

  Result<SecretBytes> confirm_list(const device::Display& list,
                                   const std::vector<device::Display>& items) override {
    for (std::size_t i = 0; i < items.size(); ++i) {
      say("\n" + std::to_string(i + 1) + " / " + std::to_string(items.size()));
      show(items[i]);
    }
    say("\nALL of them are signed with one PIN / 输入一次 PIN 即签署以上全部文件: " +
        std::to_string(items.size()) + "\n");
    return ask_for(list);
  }

 private:
  void show(const device::Display& display) {
    say("\n" + printable(display.application) + "\n" + printable(display.title) + "\nSM3 " +
        base::to_hex(display.digest) + " (" + std::to_string(display.size) + ")\n" +
        printable(display.code) + "\n");
  }

  Result<SecretBytes> ask_for(const device::Display& display) {
    if (display.tries_left)
      say("wrong PIN, tries left / PIN 错误，剩余次数: " + std::to_string(*display.tries_left) +
          "\n");
    return ask("PIN goes on, Enter alone refuses / 输入 PIN 继续，直接回车取消: ");
  }

  void say(std::string_view text) {
    // Who does not see the question does not answer it.
    if (::write(terminal_, text.data(), text.size()) < 0) return;
  }

  Result<SecretBytes> ask(std::string_view question) {
    const Quiet quiet(terminal_);
    if (!quiet.works()) return base::fail(Code::unavailable, "the echo cannot be switched off");
    say(question);
    auto line = read_line();
    say("\n");
    return line;
  }

  Result<SecretBytes> read_line() {
    pollfd typed{.fd = terminal_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&typed, 1, kEntryTime);
    if (ready == 0) return base::fail(Code::timeout, "no PIN was entered");
    SecretBytes line(kLineSizeMax);
    const ssize_t got = ::read(terminal_, line.expose_mutable().data(), line.size());
    if (got <= 0 || ready < 0) return base::fail(Code::unavailable, "the PIN's terminal is gone");
    const auto size = static_cast<std::size_t>(got) - 1;  // without the end of the line
    if (size == 0) return base::fail(Code::cancelled, "no PIN was entered");
    if (size > device::kPinSizeMax) return base::fail(Code::malformed, "a PIN is 6 to 32 digits");
    return SecretBytes::copy_of(line.expose().first(size));
  }

  int terminal_;
};

}  // namespace

Result<std::unique_ptr<device::PinInput>> open_pin_terminal(const std::string& path) {
  const int terminal = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal < 0) return base::fail(Code::unavailable, "pin_terminal cannot be opened: " + path);
  auto input = std::make_unique<PinTerminal>(terminal);
  struct stat found {};
  if (::fstat(terminal, &found) != 0 || ::isatty(terminal) == 0)
    return base::fail(Code::denied, "pin_terminal is no terminal: " + path);
  if (found.st_uid != ::getuid() || (found.st_mode & (S_IRGRP | S_IROTH | S_IWOTH)) != 0)
    return base::fail(Code::denied,
                      "pin_terminal belongs to others, or others may read it: " + path);
  if (::ioctl(terminal, TIOCEXCL) != 0)
    return base::fail(Code::denied, "pin_terminal cannot be kept to this program: " + path);
  return std::unique_ptr<device::PinInput>(std::move(input));
}

}  // namespace heqi
