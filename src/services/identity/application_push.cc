#include <heqi/services/identity/application_push.h>

namespace heqi::services::identity {

namespace {

constexpr base::Duration kAnswerMax = std::chrono::seconds(15);

}  // namespace

base::Status ApplicationPush::deliver(const std::string& application_id, base::ByteView json) {
  HEQI_TRY(const Application application, applications_.get(application_id));
  if (application.push_url.empty() || application.state == ApplicationState::cancelled) return {};
  const std::string receiver = "application " + application_id;
  if (application.state == ApplicationState::suspended)
    return base::fail(base::Code::unavailable, receiver + " is suspended");
  return push_.post(fetch_,
                    {.url = application.push_url,
                     .headers = {{"content-type", "application/json"}},
                     .body = base::to_bytes(json),
                     .timeout = kAnswerMax},
                    receiver);
}

}  // namespace heqi::services::identity
