#ifdef HEQI_FAULT_HOOKS
#include "fault_plan.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

namespace heqi::sql::faults {
namespace {

struct Plan {
  enum class Kind { none, kill, tear, fail_once, fail_on, count, wrong } kind = Kind::none;
  std::uint64_t at = 0;
  int file = -1;
  std::string text;
};

Plan parse_plan(std::string_view text) {
  Plan plan{.text = std::string(text)};
  if (text.empty()) return plan;
  const std::size_t colon = text.find(':');
  const std::string_view verb = text.substr(0, colon);
  std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  plan.kind = Plan::Kind::wrong;
  if (verb == "count") {
    plan.file = ::open(std::string(rest).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (plan.file >= 0) plan.kind = Plan::Kind::count;
    return plan;
  }
  const bool persists = verb == "eio" && rest.ends_with('+');
  if (persists) rest.remove_suffix(1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), plan.at);
  if (error != std::errc() || end != rest.data() + rest.size() || plan.at == 0) return plan;
  if (verb == "kill") plan.kind = Plan::Kind::kill;
  if (verb == "tear") plan.kind = Plan::Kind::tear;
  if (verb == "eio") plan.kind = persists ? Plan::Kind::fail_on : Plan::Kind::fail_once;
  return plan;
}

const Plan& plan() {
  static const Plan kPlan = [] {
    const char* text = std::getenv("HEQI_FAULT");
    return parse_plan(text == nullptr ? "" : text);
  }();
  return kPlan;
}

std::atomic<std::uint64_t> count{0};

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

void write_count(int file, std::uint64_t number) {
  // Fixed width, so that a later number covers an earlier one.
  std::string digits = std::to_string(number);
  digits.insert(0, 20 - std::min<std::size_t>(20, digits.size()), '0');
  digits += '\n';
  (void)!::pwrite(file, digits.data(), digits.size(), 0);
}

}  // namespace

base::Status check_plan() {
  if (plan().kind == Plan::Kind::wrong)
    return base::fail(base::Code::malformed, "HEQI_FAULT: \"" + plan().text + "\"");
  return {};
}

std::uint64_t calls() {
  return count.load();
}

Verdict enter(const std::function<void()>& tear) {
  const std::uint64_t number = ++count;
  const Plan& p = plan();
  switch (p.kind) {
    case Plan::Kind::none:
    case Plan::Kind::wrong:
      return Verdict::go_on;
    case Plan::Kind::kill:
      if (number == p.at) die();
      return Verdict::go_on;
    case Plan::Kind::tear:
      if (number == p.at) {
        if (tear) tear();
        die();
      }
      return Verdict::go_on;
    case Plan::Kind::fail_once:
      return number == p.at ? Verdict::fail : Verdict::go_on;
    case Plan::Kind::fail_on:
      return number >= p.at ? Verdict::fail : Verdict::go_on;
    case Plan::Kind::count:
      write_count(p.file, number);
      return Verdict::go_on;
  }
  return Verdict::go_on;
}

}  // namespace heqi::sql::faults
#endif
