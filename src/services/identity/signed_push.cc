#include <heqi/services/identity/signed_push.h>

#include <heqi/services/identity/signed_request.h>

namespace heqi::services::identity {

using base::Code;
using base::fail;

namespace {

constexpr std::size_t kAnswerSizeMax = 4096;  // what it says is not read, only that it heard

}  // namespace

base::Status check_push_url(std::string_view url) {
  const auto refused = [](std::string_view why) {
    return fail(Code::malformed, "push_url: " + std::string(why));
  };
  if (url.size() > kPushUrlSizeMax) return refused("more than 500 octets");
  for (char c : url)
    if (c <= ' ' || c >= 0x7f || c == '#') return refused("printable ASCII, without # and spaces");
  const bool is_plain = url.starts_with("http://");
  if (!is_plain && !url.starts_with("https://")) return refused("expected https://…");
  std::string_view host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find_first_of("/?"));
  if (host.find('@') != std::string_view::npos) return refused("no user name in it");
  if (host.empty() || host.front() == ':') return refused("no host");
  const std::string_view name = host.substr(0, host.rfind(':'));
  if (is_plain && name != "127.0.0.1" && name != "localhost" && host != "127.0.0.1")
    return refused("http:// leads to 127.0.0.1 only; use https://");
  return {};
}

base::Status SignedPush::post(base::Fetch& fetch, base::FetchRequest request,
                              const std::string& receiver) {
  request.method = "POST";
  request.answer_size_max = kAnswerSizeMax;
  HEQI_TRY(sign_request(request, own_id_, "1", signer_, clock_.now(), random_));
  HEQI_TRY(const base::FetchAnswer answer, fetch.fetch(request));
  if (answer.status / 100 == 2) return {};
  const std::string what = receiver + " answered " + std::to_string(answer.status);
  return fail(answer.status == 410 ? Code::denied : Code::unavailable, what);
}

}  // namespace heqi::services::identity
