#include "time_source.h"

#include <heqi/base/text.h>
#include <heqi/services/tsa/ntp_server.h>

namespace heqi::program {

namespace tsa = services::tsa;

base::Result<TimeKeeping> open_time_source(std::string_view choice, const base::Clock& clock,
                                           base::Random& random, base::Log& log) {
  constexpr std::string_view prefix = "ntp:";
  if (choice == "system")
    return TimeKeeping{std::make_unique<tsa::SystemTimeSource>(clock), tsa::test_policy()};
  if (choice == "kernel")
    return TimeKeeping{std::make_unique<tsa::KernelTimeSource>(clock), tsa::synchronised_policy()};
  if (!choice.starts_with(prefix))
    return base::fail(
        base::Code::malformed,
        R"(the time source is "kernel", "ntp:HOST,HOST" (time servers) or "system" (for trials))");
  std::vector<std::unique_ptr<tsa::TimeServer>> servers;
  for (const std::string_view name : base::split(choice.substr(prefix.size()), ',')) {
    HEQI_TRY(servers.emplace_back(), tsa::NtpServer::parse(base::trim(name), clock, random));
  }
  if (servers.size() > tsa::kTimeServersMax)
    return base::fail(base::Code::limit_exceeded,
                      "more than " + std::to_string(tsa::kTimeServersMax) + " time servers");
  return TimeKeeping{std::make_unique<tsa::ComparedTimeSource>(std::move(servers), clock, log),
                     tsa::synchronised_policy()};
}

}  // namespace heqi::program
