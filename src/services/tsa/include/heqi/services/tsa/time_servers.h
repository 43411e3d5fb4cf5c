// heqi/services/tsa/time_servers.h: a clock that counts only while servers of the operator's
// choice, such as a national time centre's, agree with it.
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <heqi/base/log.h>
#include <heqi/pki/time_guard.h>
#include <heqi/services/tsa/authority.h>

namespace heqi::services::tsa {

inline constexpr base::Duration kTimeDeviationMax = std::chrono::milliseconds(500);
inline constexpr base::Duration kTimeCompareEvery = std::chrono::seconds(64);
inline constexpr base::Duration kTimeRetryAfter = std::chrono::seconds(5);
// How long the clock counts while no server is heard: a quartz drifts by a tenth of a second.
inline constexpr base::Duration kTimeHeldFor = std::chrono::minutes(15);
inline constexpr std::size_t kTimeServersMax = 8;

// ClockOffset is how far a server is ahead of this host's clock, and by how much that can be wrong.
struct ClockOffset {
  base::Duration ahead{0}, uncertainty{0};
};

// TimeServer is one server that is asked for the time (a port).
class TimeServer {
 public:
  virtual ~TimeServer() = default;
  virtual std::string_view name() const = 0;
  // ask fails with unavailable (no answer, or the server has no time), malformed.
  virtual base::Result<ClockOffset> ask() = 0;
};

// ComparedTimeSource believes the host's clock while more than half of the servers say that it is
// right within kTimeDeviationMax, which is the accuracy that it claims. They are asked every
// kTimeCompareEvery. It refuses with time_untrusted at once where a server says that the clock is
// wrong and too few say that it is right; where none is heard, after kTimeHeldFor; and after a step
// of the clock. Thread-safe; clock and log live longer.
class ComparedTimeSource final : public TimeSource {
 public:
  ComparedTimeSource(std::vector<std::unique_ptr<TimeServer>> servers, const base::Clock& clock,
                     base::Log& log)
      : servers_(std::move(servers)),
        clock_(clock),
        log_(log),
        guard_(clock, kTimeDeviationMax * 2) {}

  base::Result<base::Time> now() override;
  std::optional<base::Duration> accuracy() const override { return kTimeDeviationMax; }

 private:
  bool is_due(base::Duration at) const;
  void compare(base::Duration at);

  std::vector<std::unique_ptr<TimeServer>> servers_;
  const base::Clock& clock_;
  base::Log& log_;
  pki::TimeGuard guard_;
  std::mutex mutex_;
  std::optional<base::Duration> asked_at_, right_at_;  // by the steady clock
  std::string reason_;                                 // why it is not right
};

}  // namespace heqi::services::tsa
