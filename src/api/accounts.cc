#include "caller.h"

#include <heqi/base/text.h>
#include <heqi/services/identity/signed_push.h>

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

base::Result<base::SecretBytes> required_password(http::JsonReader& reader, std::string_view name) {
  HEQI_TRY(std::string password, reader.required_text(name, {.size_max = 256}));
  base::SecretBytes secret = base::SecretBytes::copy_of(base::bytes_of(password));
  base::secure_wipe(password.data(), password.size());
  return secret;
}

// Keeping is where a session goes: into the answer, or into the browser's cookie, where no script
// reads it.
enum class Keeping { answer, cookie };

base::Result<Keeping> read_keeping(http::JsonReader& reader) {
  HEQI_TRY(const auto keep, reader.optional_text("keep"));
  if (!keep || *keep == "answer") return Keeping::answer;
  if (*keep == "cookie") return Keeping::cookie;
  return reader.refuse("keep", "is \"answer\" or \"cookie\"");
}

std::string cookie_of(std::string_view token, std::string_view attributes) {
  return std::string(kSessionCookie) + "=" + std::string(token) +
         "; Path=/; Secure; HttpOnly; SameSite=Strict" + std::string(attributes);
}

Response session_answer(const services::identity::Session& session, Keeping keeping) {
  base::JsonWriter json;
  json.begin_object();
  if (keeping == Keeping::answer) json.field("token", session.token);
  json.field("expires_at", base::to_rfc3339(session.expires_at))
      .key("user")
      .raw(user_json(session.user).str())
      .end_object();
  Response response = Response::json(json, 201);
  if (keeping == Keeping::cookie)
    response.headers.emplace_back("Set-Cookie", cookie_of(session.token, ""));
  return response;
}

base::Result<Response> sign_in(Services& services, const Request& request) {
  HEQI_TRY(check_origin(request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string email, reader.required_text("email", {.size_max = 254}));
  HEQI_TRY(const base::SecretBytes password, required_password(reader, "password"));
  HEQI_TRY(const Keeping keeping, read_keeping(reader));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const services::identity::Session session,
           services.accounts.sign_in(email, password, request.peer_address));
  return session_answer(session, keeping);
}

base::Result<Response> show_session(Services& services, const Request& request) {
  HEQI_TRY(const std::string token, session_token(request));
  HEQI_TRY(const services::identity::User user, services.accounts.get_session(token));
  return Response::json(user_json(user));
}

base::Result<Response> sign_out(Services& services, const Request& request) {
  HEQI_TRY(const std::string token, session_token(request));
  HEQI_TRY(services.accounts.get_session(token));
  HEQI_TRY(services.accounts.sign_out(token));
  return Response::empty().with_header("Set-Cookie", cookie_of("", "; Max-Age=0"));
}

base::Result<Response> change_password(Services& services, const Request& request) {
  HEQI_TRY(const std::string token, session_token(request));
  HEQI_TRY(const services::identity::User user, services.accounts.get_session(token));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const base::SecretBytes old_password, required_password(reader, "old_password"));
  HEQI_TRY(const base::SecretBytes new_password, required_password(reader, "new_password"));
  HEQI_TRY(reader.finish());
  HEQI_TRY(services.accounts.change_password(user.id, old_password, new_password));
  return Response::empty();
}

base::Result<Response> show_setup(Services& services, const Request&) {
  HEQI_TRY(const bool needed, services.accounts.needs_setup());
  base::JsonWriter json;
  json.begin_object().field("needed", needed).end_object();
  return Response::json(json);
}

// set_up makes the first administrator with the token that the start of the platform printed, and
// signs them in.
base::Result<Response> set_up(Services& services, const Request& request) {
  HEQI_TRY(check_origin(request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string token, reader.required_text("token", {.size_max = 64}));
  HEQI_TRY(const std::string email, reader.required_text("email", {.size_max = 254}));
  HEQI_TRY(const base::SecretBytes password, required_password(reader, "password"));
  HEQI_TRY(const Keeping keeping, read_keeping(reader));
  HEQI_TRY(reader.finish());
  HEQI_TRY(services.accounts.set_up(token, email, password, request.peer_address));
  HEQI_TRY(const services::identity::Session session,
           services.accounts.sign_in(email, password, request.peer_address));
  return session_answer(session, keeping);
}

base::Result<Response> add_user(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::identity::NewUser user;
  HEQI_TRY(user.email, reader.required_text("email", {.size_max = 254}));
  HEQI_TRY(const std::string role, reader.required_text("role"));
  HEQI_TRY(user.role, services::identity::parse_role(role));
  HEQI_TRY(const base::SecretBytes password, required_password(reader, "password"));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const services::identity::User added, services.accounts.add(user, password));
  return Response::json(user_json(added), 201);
}

base::Result<Response> list_users(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const auto users, services.accounts.list(1000));
  base::JsonWriter json;
  json.begin_object().key("users").begin_array();
  for (const services::identity::User& user : users) json.raw(user_json(user).str());
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> user_answer(Services& services, const Request& request) {
  HEQI_TRY(const auto user, services.accounts.get(request.path_text("user")));
  return Response::json(user_json(user));
}

base::Result<Response> set_role(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string text, reader.required_text("role"));
  HEQI_TRY(const services::identity::Role role, services::identity::parse_role(text));
  HEQI_TRY(reader.finish());
  HEQI_TRY(services.accounts.set_role(request.path_text("user"), role));
  return user_answer(services, request);
}

base::Result<Response> deactivate(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(services.accounts.deactivate(request.path_text("user")));
  return user_answer(services, request);
}

base::Result<Response> activate(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(services.accounts.activate(request.path_text("user")));
  return user_answer(services, request);
}

base::Result<Response> add_application(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string id, reader.required_text("id", {.size_max = 64}));
  HEQI_TRY(const std::string name, reader.required_text("name", {.size_max = 100}));
  HEQI_TRY(const base::Bytes key, reader.required_base64("public_key", 65));
  HEQI_TRY(const auto push_url,
           reader.optional_text("push_url", {.size_max = services::identity::kPushUrlSizeMax}));
  HEQI_TRY(reader.finish());
  if (id == services.own_application || id == services::mss::kServiceId)
    return base::fail(base::Code::conflict, "this is the platform's own id");
  HEQI_TRY(const auto application, services.applications.add(name, id));
  HEQI_TRY(services.applications.add_key(application.id, "1", key));
  if (push_url) HEQI_TRY(services.applications.set_push_url(application.id, *push_url));
  base::JsonWriter json;
  json.begin_object()
      .field("id", application.id)
      .field("key", "1")
      .field("platform", services.own_application)
      .field("platform_key", base::to_base64(services.own_key))
      .end_object();
  return Response::json(json, 201);
}

base::Result<Response> set_push_url(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string url,
           reader.required_text("push_url", {.size_max = services::identity::kPushUrlSizeMax}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const auto application,
           services.applications.set_push_url(request.path_text("application"), url));
  base::JsonWriter json;
  json.begin_object()
      .field("id", application.id)
      .field("push_url", application.push_url)
      .end_object();
  return Response::json(json);
}

}  // namespace

void add_account_routes(http::Router& router, Services& services) {
  const std::string session = "/api/v1/sessions/current", user = "/api/v1/users/{user}";
  router.get("/api/v1/setup", [&](const Request& r) { return show_setup(services, r); });
  router.post("/api/v1/setup", [&](const Request& r) { return set_up(services, r); });
  router.post("/api/v1/sessions", [&](const Request& r) { return sign_in(services, r); });
  router.get(session, [&](const Request& r) { return show_session(services, r); });
  router.remove(session, [&](const Request& r) { return sign_out(services, r); });
  router.post(session + "/password",
              [&](const Request& r) { return change_password(services, r); });
  router.get("/api/v1/users", [&](const Request& r) { return list_users(services, r); });
  router.post("/api/v1/users", [&](const Request& r) { return add_user(services, r); });
  router.post(user + "/role", [&](const Request& r) { return set_role(services, r); });
  router.post(user + "/deactivate", [&](const Request& r) { return deactivate(services, r); });
  router.post(user + "/activate", [&](const Request& r) { return activate(services, r); });
  router.post("/api/v1/applications",
              [&](const Request& r) { return add_application(services, r); });
  router.post("/api/v1/applications/{application}/push-url",
              [&](const Request& r) { return set_push_url(services, r); });
}

}  // namespace heqi::api
