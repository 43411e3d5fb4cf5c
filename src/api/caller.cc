#include "caller.h"

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/services/identity/signed_request.h>

namespace heqi::api {

base::Status check_origin(const http::Request& request) {
  const auto refused = base::fail(base::Code::denied, "the request comes from another site");
  const auto site = request.header("sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") return refused;
  const auto origin = request.header("origin");
  if (origin && *origin != "https://" + request.header("host").value_or("")) return refused;
  return {};
}

base::Result<std::string> session_token(const http::Request& request) {
  if (const std::optional<std::string> header = request.header("authorization")) {
    constexpr std::string_view scheme = "Bearer ";
    if (header->starts_with(scheme)) return header->substr(scheme.size());
    return base::fail(base::Code::unauthenticated, "Authorization is not a bearer token");
  }
  const std::optional<std::string> cookie = request.cookie(kSessionCookie);
  if (!cookie)
    return base::fail(base::Code::unauthenticated,
                      "a session (bearer token or cookie) or a signed request is needed");
  HEQI_TRY(check_origin(request));
  const bool reads = request.method == http::Method::get || request.method == http::Method::head;
  if (!reads && !request.header("origin"))
    return base::fail(base::Code::denied, "a change with a cookie states its Origin");
  return *cookie;
}

base::Result<Caller> authenticate(Services& services, const http::Request& request) {
  if (request.header(services::identity::kApplicationField))
    return authenticate_application(services, request);
  HEQI_TRY(const std::string token, session_token(request));
  HEQI_TRY(const services::identity::User user, services.accounts.get_session(token));
  return Caller{.kind = Caller::Kind::user, .id = user.id, .role = user.role};
}

base::Result<Caller> authenticate_administrator(Services& services, const http::Request& request) {
  HEQI_TRY(Caller caller, authenticate(services, request));
  if (!caller.is_administrator())
    return base::fail(base::Code::denied, "an administrator may do this");
  return caller;
}

base::Result<Caller> authenticate_sender(Services& services, const http::Request& request) {
  HEQI_TRY(Caller caller, authenticate(services, request));
  if (caller.kind == Caller::Kind::user && caller.role == services::identity::Role::auditor)
    return base::fail(base::Code::denied, "auditors look only");
  return caller;
}

base::Status check_person(Services& services, const Caller& caller, const std::string& person) {
  if (caller.is_administrator()) return {};
  HEQI_TRY(const bool kept, services.persons.is_kept_by(person, caller.owner()));
  if (!kept) return base::fail(base::Code::not_found, "person " + person);
  return {};
}

base::Result<http::Response> answer_or_wait(const http::Request& request, base::JsonWriter json) {
  HEQI_TRY(const auto since, request.query_text("since"));
  const crypto::Digest digest = crypto::sm3(base::bytes_of(json.str()));
  const std::string version = base::to_hex(base::ByteView(digest).first(8));
  json.field("version", version).end_object();
  http::Response response = http::Response::json(json);
  if (since && *since == version) response.wait = http::kWaitMax;
  return response;
}

base::Result<Caller> authenticate_application(Services& services, const http::Request& request) {
  if (!request.header(services::identity::kApplicationField))
    return base::fail(base::Code::unauthenticated,
                      "only applications with signed requests may ask this");
  HEQI_TRY(const auto signed_request, services::identity::read_signed_request(request));
  HEQI_TRY(const auto application, services.applications.verify(signed_request));
  return Caller{.kind = Caller::Kind::application, .id = application.id};
}

base::Result<std::optional<std::string>> request_key(const http::Request& request) {
  constexpr std::size_t size_max = 64;
  std::optional<std::string> key = request.header("idempotency-key");
  if (!key) return std::optional<std::string>{};
  const bool visible =
      std::all_of(key->begin(), key->end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (key->empty() || key->size() > size_max || !visible)
    return base::fail(base::Code::malformed, "Idempotency-Key: 1 to 64 visible characters");
  return key;
}

base::Result<http::Json> body_of(const http::Request& request) {
  if (request.content_type() != "application/json")
    return base::fail(base::Code::unsupported, "Content-Type is application/json here");
  return http::parse_json(request.body);
}

namespace {

void add_health_routes(http::Router& router, Services& services) {
  router.get("/healthz",
             [](const http::Request&) -> base::Result<http::Response> {
               return http::Response::text("ok\n");
             },
             {.runs_inline = true});
  router.get("/readyz", [&services](const http::Request&) -> base::Result<http::Response> {
    if (!services.database.healthy()) return base::fail(base::Code::unavailable, "the database");
    return http::Response::text("ready\n");
  });
}

}  // namespace

void add_routes(http::Router& router, Services& services) {
  add_health_routes(router, services);
  add_account_routes(router, services);
  add_person_routes(router, services);
  add_contract_routes(router, services);
  add_legal_routes(router, services);
  add_device_routes(router, services);
  add_signature_routes(router, services);
  add_revocation_routes(router, services);
  add_desk_routes(router, services);
  add_verification_routes(router, services);
}

void add_signing_routes(http::Router& router, Services& services) {
  add_health_routes(router, services);
  add_link_routes(router, services);
  add_link_enrolment_routes(router, services);
  add_legal_link_routes(router, services);
  add_device_routes(router, services);
}

}  // namespace heqi::api
