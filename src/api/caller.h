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
  bool is_administrator() const {
    return kind == Kind::user && role == services::identity::Role::administrator;
  }
  // reads_for is the owner whose contracts the caller may read: everybody's for administrators and
  // auditors.
  std::string reads_for() const {
    const bool all =
        is_administrator() || (kind == Kind::user && role == services::identity::Role::auditor);
    return all ? std::string(services::contract::kEveryOwner) : owner();
  }
};

// kSessionCookie holds a browser's session: HttpOnly, Secure, SameSite=Strict, for this host only.
inline constexpr std::string_view kSessionCookie = "__Host-heqi-session";

// authenticate takes a bearer token or the session's cookie (users), or the heqi-… header fields
// (applications). Cookies reach every port of a host, so with a cookie the request must come from
// this very origin (check_origin). Fails with unauthenticated, denied (another origin).
base::Result<Caller> authenticate(Services& services, const http::Request& request);
// authenticate_application takes applications only; denied for users.
base::Result<Caller> authenticate_application(Services& services, const http::Request& request);

// authenticate_administrator and authenticate_sender (everybody but auditors) fail with denied for
// others.
base::Result<Caller> authenticate_administrator(Services& services, const http::Request& request);
base::Result<Caller> authenticate_sender(Services& services, const http::Request& request);

// check_origin refuses what another site's page has sent: Sec-Fetch-Site and Origin, where they
// are, must name this origin.
base::Status check_origin(const http::Request& request);
// session_token is the bearer token or the cookie.
base::Result<std::string> session_token(const http::Request& request);

// answer_or_wait answers with json (an object without its end) and its version; where the query's
// "since" is that version, the answer waits for another one.
base::Result<http::Response> answer_or_wait(const http::Request& request, base::JsonWriter json);

// check_person fails with not_found unless the caller keeps the person or administers.
base::Status check_person(Services& services, const Caller& caller, const std::string& person);

// request_key is the key under which a request that creates is known when it is repeated: the field
// Idempotency-Key, 1 to 64 visible characters of ASCII; nothing where it is not there. malformed.
base::Result<std::optional<std::string>> request_key(const http::Request& request);

// body_of parses the request's JSON body.
base::Result<http::Json> body_of(const http::Request& request);

void add_account_routes(http::Router& router, Services& services);
void add_person_routes(http::Router& router, Services& services);
void add_contract_routes(http::Router& router, Services& services);
void add_legal_routes(http::Router& router, Services& services);
void add_legal_link_routes(http::Router& router, Services& services);
void add_link_routes(http::Router& router, Services& services);
void add_link_enrolment_routes(http::Router& router, Services& services);
void add_device_routes(http::Router& router, Services& services);
void add_signature_routes(http::Router& router, Services& services);
void add_revocation_routes(http::Router& router, Services& services);
void add_desk_routes(http::Router& router, Services& services);
void add_verification_routes(http::Router& router, Services& services);

}  // namespace heqi::api
