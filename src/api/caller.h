// caller.h: who asks: a signed-in user or an application with a signed request.
#pragma once
#include <heqi/api/api.h>
#include <heqi/http/json.h>

namespace heqi::api {

struct Caller {
  enum class Kind { user, application } kind = Kind::user;
  std::string id;
  services::identity::Role role = services::identity::Role::member;

  // owner is the name under which contracts belong to the caller: "user:…" or "application:…".
  std::string owner() const { return (kind == Kind::user ? "user:" : "application:") + id; }
};

// authenticate takes a bearer token (users) or the heqi-… header fields (applications). Fails with
// unauthenticated.
base::Result<Caller> authenticate(Services& services, const http::Request& request);
// authenticate_application takes applications only; denied for users.
base::Result<Caller> authenticate_application(Services& services, const http::Request& request);

// body_of parses the request's JSON body.
base::Result<http::Json> body_of(const http::Request& request);

void add_account_routes(http::Router& router, Services& services);
void add_person_routes(http::Router& router, Services& services);
void add_contract_routes(http::Router& router, Services& services);
void add_link_routes(http::Router& router, Services& services);
void add_device_routes(http::Router& router, Services& services);
void add_signature_routes(http::Router& router, Services& services);
void add_verification_routes(http::Router& router, Services& services);

}  // namespace heqi::api
