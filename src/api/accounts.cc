#include "caller.h"

#include <heqi/base/text.h>

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

base::JsonWriter user_json(const services::identity::User& user) {
  base::JsonWriter json;
  json.begin_object()
      .field("id", user.id)
      .field("email", user.email)
      .field("role", services::identity::to_text(user.role));
  json.field("active", user.is_active).end_object();
  return json;
}

base::Result<Response> sign_in(Services& services, const Request& request) {
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string email, reader.required_text("email", {.size_max = 254}));
  HEQI_TRY(std::string password, reader.required_text("password", {.size_max = 256}));
  HEQI_TRY(reader.finish());
  const base::SecretBytes secret = base::SecretBytes::copy_of(base::bytes_of(password));
  base::secure_wipe(password.data(), password.size());
  HEQI_TRY(const services::identity::Session session,
           services.accounts.sign_in(email, secret, request.peer_address));
  base::JsonWriter json;
  json.begin_object()
      .field("token", session.token)
      .field("expires_at", base::to_rfc3339(session.expires_at))
      .key("user")
      .raw(user_json(session.user).str())
      .end_object();
  return Response::json(json, 201);
}

base::Result<Response> sign_out(Services& services, const Request& request) {
  HEQI_TRY(authenticate(services, request));
  const std::string header = request.header("authorization").value_or("");
  HEQI_TRY(services.accounts.sign_out(std::string_view(header).substr(header.find(' ') + 1)));
  return Response::empty();
}

base::Result<Response> add_user(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  if (caller.kind != Caller::Kind::user || caller.role != services::identity::Role::administrator)
    return base::fail(base::Code::denied, "an administrator may do this");
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::identity::NewUser user;
  HEQI_TRY(user.email, reader.required_text("email", {.size_max = 254}));
  HEQI_TRY(const std::string role, reader.required_text("role"));
  HEQI_TRY(user.role, services::identity::parse_role(role));
  HEQI_TRY(std::string password, reader.required_text("password", {.size_max = 256}));
  HEQI_TRY(reader.finish());
  const base::SecretBytes secret = base::SecretBytes::copy_of(base::bytes_of(password));
  base::secure_wipe(password.data(), password.size());
  HEQI_TRY(const services::identity::User added, services.accounts.add(user, secret));
  return Response::json(user_json(added), 201);
}

base::Result<Response> add_application(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  if (caller.kind != Caller::Kind::user || caller.role != services::identity::Role::administrator)
    return base::fail(base::Code::denied, "an administrator may do this");
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string id, reader.required_text("id", {.size_max = 64}));
  HEQI_TRY(const std::string name, reader.required_text("name", {.size_max = 100}));
  HEQI_TRY(const base::Bytes key, reader.required_base64("public_key", 65));
  HEQI_TRY(reader.finish());
  if (id == services.own_application)
    return base::fail(base::Code::conflict, "this is the platform's own id");
  HEQI_TRY(const auto application, services.applications.add(name, id));
  HEQI_TRY(services.applications.add_key(application.id, "1", key));
  base::JsonWriter json;
  json.begin_object().field("id", application.id).field("key", "1").end_object();
  return Response::json(json, 201);
}

}  // namespace

void add_account_routes(http::Router& router, Services& services) {
  router.post("/api/v1/sessions", [&](const Request& r) { return sign_in(services, r); });
  router.remove("/api/v1/sessions/current",
                [&](const Request& r) { return sign_out(services, r); });
  router.post("/api/v1/users", [&](const Request& r) { return add_user(services, r); });
  router.post("/api/v1/applications",
              [&](const Request& r) { return add_application(services, r); });
}

}  // namespace heqi::api
