#include "progress.h"

#include <unistd.h>

#include <cstdio>

namespace heqi::program {

namespace {

constexpr double kLong = 1;  // seconds
constexpr const char* kTakeBack = "\r\x1b[K";

}  // namespace

Told wants_progress(const Arguments& arguments) {
  if (arguments.has("--progress")) return Told::always;
  return ::isatty(STDERR_FILENO) == 1 ? Told::when_long : Told::never;
}

void Progress::step(const std::string& english, const std::string& chinese, std::uint64_t octets) {
  end();
  if (told_ == Told::never) return;
  now_ = english + " / " + chinese;
  if (octets > 0) now_ += "  " + std::to_string((octets + 999'999) / 1'000'000) + " MB";
  began_ = Clock::now();
  std::fprintf(stderr, "%s …", now_.c_str());
  std::fflush(stderr);
}

void Progress::end() {
  if (now_.empty()) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  if (told_ == Told::always || seconds >= kLong)
    std::fprintf(stderr, " %.1f s\n", seconds);
  else
    std::fputs(kTakeBack, stderr);
  now_.clear();
}

}  // namespace heqi::program
