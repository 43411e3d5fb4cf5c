#include <heqi/services/tsa/time_servers.h>

namespace heqi::services::tsa {
namespace {

std::string in_milliseconds(base::Duration time) {
  return std::to_string(std::chrono::round<std::chrono::milliseconds>(time).count()) + " ms";
}

// Votes are what the servers said at one comparison.
struct Votes {
  std::size_t right = 0, wrong = 0;
  std::string reason;  // of the last one that did not say that the clock is right

  void count(std::string_view server, const base::Result<ClockOffset>& answer) {
    if (!answer) {
      reason = std::string(server) + ": " + answer.error().detail;
      return;
    }
    const base::Duration off = std::chrono::abs(answer->ahead);
    if (off + answer->uncertainty <= kTimeDeviationMax) {
      ++right;
      return;
    }
    wrong += off - answer->uncertainty > kTimeDeviationMax;
    reason = std::string(server) + " is " + in_milliseconds(answer->ahead) +
             " ahead, give or take " + in_milliseconds(answer->uncertainty);
  }
};

}  // namespace

bool ComparedTimeSource::is_due(base::Duration at) const {
  if (!asked_at_) return true;
  const bool is_fresh = right_at_ && *right_at_ == *asked_at_;
  return at - *asked_at_ >= (is_fresh ? kTimeCompareEvery : kTimeRetryAfter);
}

void ComparedTimeSource::compare(base::Duration at) {
  Votes votes;
  for (const auto& server : servers_) votes.count(server->name(), server->ask());
  asked_at_ = at;
  reason_ = votes.reason;
  if (votes.right * 2 > servers_.size())
    right_at_ = at;
  else if (votes.wrong > 0)
    right_at_.reset();
  if (!reason_.empty())
    log_.warning("tsa.time_server", {{"detail", std::string_view(reason_)},
                                     {"right", static_cast<std::int64_t>(votes.right)},
                                     {"wrong", static_cast<std::int64_t>(votes.wrong)}});
}

base::Result<base::Time> ComparedTimeSource::now() {
  const std::lock_guard lock(mutex_);
  const base::Duration at = clock_.steady();
  if (is_due(at)) compare(at);
  if (!right_at_ || at - *right_at_ > kTimeHeldFor)
    return base::fail(base::Code::time_untrusted,
                      "the time servers do not confirm the clock: " + reason_ +
                          "; set it right, or see that they can be reached");
  return guard_.now();
}

}  // namespace heqi::services::tsa
