#include "caller.h"

#include <heqi/services/identity/signed_request.h>

namespace heqi::api {

base::Result<Caller> authenticate(Services& services, const http::Request& request) {
  if (request.header(services::identity::kApplicationField))
    return authenticate_application(services, request);
  const std::optional<std::string> header = request.header("authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (!header || !header->starts_with(scheme))
    return base::fail(base::Code::unauthenticated, "a bearer token or a signed request is needed");
  HEQI_TRY(const services::identity::User user,
           services.accounts.get_session(std::string_view(*header).substr(scheme.size())));
  return Caller{.kind = Caller::Kind::user, .id = user.id, .role = user.role};
}

base::Result<Caller> authenticate_application(Services& services, const http::Request& request) {
  if (!request.header(services::identity::kApplicationField))
    return base::fail(base::Code::unauthenticated,
                      "only applications with signed requests may ask this");
  HEQI_TRY(const auto signed_request, services::identity::read_signed_request(request));
  HEQI_TRY(const auto application, services.applications.verify(signed_request));
  return Caller{.kind = Caller::Kind::application, .id = application.id};
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
  add_device_routes(router, services);
  add_signature_routes(router, services);
  add_verification_routes(router, services);
}

void add_signing_routes(http::Router& router, Services& services) {
  add_health_routes(router, services);
  add_link_routes(router, services);
  add_device_routes(router, services);
}

}  // namespace heqi::api
