// progress.h: what a command is doing, for who waits: one line for each step, on standard error.
#pragma once
#include <chrono>
#include <string>

#include "arguments.h"

namespace heqi::program {

inline constexpr Option kProgressOption{"--progress", "",
                                        "tell each step on standard error, with its time",
                                        "在标准错误输出上显示每个步骤及用时"};

enum class Told : std::uint8_t { never, when_long, always };

// wants_progress: always with --progress; on a terminal, steps that take long.
Told wants_progress(const Arguments& arguments);

// Progress tells steps: each when it begins and, on the same line, how long it took. With when_long
// the line of a step that took less than a second is taken back, so that short work leaves nothing.
class Progress {
 public:
  explicit Progress(Told told) : told_(told) {}
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // step begins one: what is done in English and Chinese, and to how many octets (0: not told).
  void step(const std::string& english, const std::string& chinese, std::uint64_t octets = 0);
  // end closes the last step.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  Told told_;
  std::string now_;  // the step that runs; empty: none
  Clock::time_point began_;
};

}  // namespace heqi::program
