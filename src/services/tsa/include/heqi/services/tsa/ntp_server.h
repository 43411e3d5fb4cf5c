// heqi/services/tsa/ntp_server.h: asks one server for the time by NTP version 4 (RFC 5905).
#pragma once
#include <heqi/base/random.h>
#include <heqi/services/tsa/time_servers.h>

namespace heqi::services::tsa {

inline constexpr std::chrono::milliseconds kNtpAnswerTime{1'000};

// NtpServer believes what comes from the server's address and carries the random number of the
// question: who listens on the way can lie, so the way is the operator's, and several servers are
// better than one. clock and random live longer.
class NtpServer final : public TimeServer {
 public:
  // parse takes "host", "host:port" or "[address]:port"; the port is 123 where none is given. Fails
  // with malformed.
  static base::Result<std::unique_ptr<TimeServer>> parse(std::string_view text,
                                                         const base::Clock& clock,
                                                         base::Random& random);
  NtpServer(std::string host, std::string port, const base::Clock& clock, base::Random& random)
      : host_(std::move(host)), port_(std::move(port)), clock_(clock), random_(random) {}

  std::string_view name() const override { return host_; }
  base::Result<ClockOffset> ask() override;

 private:
  std::string host_, port_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace heqi::services::tsa
