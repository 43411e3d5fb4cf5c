#include <heqi/services/identity/application_push.h>

namespace heqi::services::identity {

using base::Code;
using base::fail;

namespace {

constexpr base::Duration kAnswerMax = std::chrono::seconds(15);
constexpr std::size_t kAnswerSizeMax = 4096;  // what it says is not read, only that it heard

}  // namespace

base::Status ApplicationPush::deliver(const std::string& application_id, base::ByteView json) {
  HEQI_TRY(const Application application, applications_.get(application_id));
  if (application.push_url.empty() || application.state == ApplicationState::cancelled) return {};
  if (application.state == ApplicationState::suspended)
    return fail(Code::unavailable, "application " + application_id + " is suspended");

  base::FetchRequest request{.method = "POST",
                             .url = application.push_url,
                             .headers = {{"content-type", "application/json"}},
                             .body = base::to_bytes(json),
                             .timeout = kAnswerMax,
                             .answer_size_max = kAnswerSizeMax};
  HEQI_TRY(sign_request(request, own_id_, "1", signer_, clock_.now(), random_));
  HEQI_TRY(const base::FetchAnswer answer, fetch_.fetch(request));
  if (answer.status / 100 == 2) return {};
  const std::string what =
      "application " + application_id + " answered " + std::to_string(answer.status);
  return fail(answer.status == 410 ? Code::denied : Code::unavailable, what);
}

}  // namespace heqi::services::identity
