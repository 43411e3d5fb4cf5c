#include "problems.h"

#include <heqi/base/json.h>
#include <heqi/base/text.h>

namespace heqi::services::acme {
namespace {

struct Kind {
  base::Code code;
  std::string_view type;
  int status;
};
constexpr Kind kKinds[] = {
    {base::Code::identity_replayed, "badNonce", 400},
    {base::Code::signer_unknown, "accountDoesNotExist", 400},
    {base::Code::invalid_signature, "unauthorized", 403},
    {base::Code::denied, "unauthorized", 403},
    {base::Code::unauthenticated, "unauthorized", 401},
    {base::Code::identity_refused, "rejectedIdentifier", 400},
    {base::Code::unsupported, "badSignatureAlgorithm", 400},
    {base::Code::conflict, "orderNotReady", 403},
    {base::Code::ca_lint, "badCSR", 400},
    {base::Code::revoked, "alreadyRevoked", 400},
    {base::Code::malformed, "malformed", 400},
    {base::Code::limit_exceeded, "malformed", 413},
    {base::Code::not_found, "malformed", 404},
    {base::Code::expired, "malformed", 410},
    {base::Code::rate_limited, "rateLimited", 429},
    {base::Code::ca_halted, "serverInternal", 503},
    {base::Code::unavailable, "serverInternal", 503},
    {base::Code::time_untrusted, "serverInternal", 503},
};

}  // namespace

Answer problem_of(const base::Error& error) {
  Kind kind{error.code, "serverInternal", 500};
  for (const Kind& one : kKinds)
    if (one.code == error.code) kind = one;
  base::JsonWriter json;
  json.begin_object()
      .field("type", "urn:ietf:params:acme:error:" + std::string(kind.type))
      .field("detail",
             kind.status == 500 ? std::string(base::error_text(error.code).english) : error.detail)
      .field("status", static_cast<std::int64_t>(kind.status))
      .end_object();
  return {.status = kind.status,
          .content_type = "application/problem+json",
          .body = json.str(),
          .location = {}};
}

base::Result<std::string> make_token(base::Random& random) {
  HEQI_TRY(const base::Bytes octets, base::random_bytes(random, 16));
  return base::to_base64url(octets);
}

}  // namespace heqi::services::acme
