#include "pin_entry.h"

#include <heqi/base/constant_time.h>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace heqi::program {

using base::Code;
using base::Result;
using base::SecretBytes;

namespace {

// Line is a secret line on its way; wiped in every case.
struct Line {
  ~Line() { base::secure_wipe(octets.data(), octets.size()); }
  std::array<std::uint8_t, kPassphraseSizeMax> octets{};
  std::size_t size = 0;
};

Result<SecretBytes> read_line(int descriptor) {
  Line line;
  for (;;) {
    std::uint8_t octet = 0;
    const ssize_t got = ::read(descriptor, &octet, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return base::fail(Code::unavailable, "the secret cannot be read");
    if (got == 0 || octet == '\n') break;
    if (line.size == line.octets.size())
      return base::fail(Code::limit_exceeded, "a secret longer than 256 octets");
    line.octets[line.size++] = octet;
  }
  if (line.size > 0 && line.octets[line.size - 1] == '\r') --line.size;
  if (line.size == 0) return base::fail(Code::cancelled, "nothing was entered");
  return SecretBytes::copy_of(base::ByteView(line.octets).first(line.size));
}

// Descriptor closes what it holds.
struct Descriptor {
  explicit Descriptor(int given) : number(given) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number;
};

// Quiet switches the echo off for as long as it lives.
struct Quiet {
  explicit Quiet(int given) : terminal(given) {
    works = ::tcgetattr(terminal, &before) == 0;
    termios now = before;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    works = works && ::tcsetattr(terminal, TCSAFLUSH, &now) == 0;
  }
  ~Quiet() {
    if (works) ::tcsetattr(terminal, TCSAFLUSH, &before);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
  int terminal;
  termios before{};
  bool works = false;
};

void say(int terminal, std::string_view text) {
  // A prompt that cannot be shown is no reason to fail.
  if (::write(terminal, text.data(), text.size()) < 0) return;
}

}  // namespace

Result<SecretBytes> read_secret_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number < 0) return base::fail(Code::not_found, path);
  return read_line(file.number);
}

Result<SecretBytes> read_secret_stdin() {
  return read_line(STDIN_FILENO);
}

Result<SecretBytes> read_secret_of(const std::string& path, std::string_view name) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number < 0) return base::fail(Code::not_found, path);
  for (;;) {
    auto line = read_line(file.number);
    if (!line && line.error().code == Code::cancelled)
      return base::fail(Code::not_found, path + ": no line " + std::string(name) + "=…");
    HEQI_TRY(const SecretBytes whole, std::move(line));
    const base::ByteView octets = whole.expose();
    const bool is_it = octets.size() > name.size() && octets[name.size()] == '=' &&
                       base::text_of(octets.first(name.size())) == name;
    if (is_it) return SecretBytes::copy_of(octets.subspan(name.size() + 1));
  }
}

Result<SecretBytes> ask_secret(std::string_view prompt) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.number < 0)
    return base::fail(Code::unavailable, "no terminal to ask at; --pin-file or --pin-stdin");
  const Quiet quiet(terminal.number);
  if (!quiet.works) return base::fail(Code::unavailable, "the echo cannot be switched off");
  say(terminal.number, prompt);
  auto line = read_line(terminal.number);
  say(terminal.number, "\n");
  return line;
}

SecretBytes join_entered(const SecretBytes& pin, std::span<const EnteredFactor> more) {
  std::vector<device::GivenFactor> given{{device::Factor::pin, pin.expose()}};
  for (const EnteredFactor& one : more) given.push_back({one.kind, one.value.expose()});
  return device::join_factors(given);
}

bool same_secret(const SecretBytes& a, const SecretBytes& b) {
  return base::ct::declassified(base::ct::equal_bytes(a.expose(), b.expose()));
}

}  // namespace heqi::program
