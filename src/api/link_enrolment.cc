#include <heqi/base/text.h>

#include "caller.h"
#include "link_guest.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::identity::LinkSession;

// send_code sends a one-time code to the party's own address: to sign, and to fetch the file later.
base::Result<Response> send_code(Services& services, const Request& request) {
  HEQI_TRY(const Guest guest, guest_of(services, request));
  const std::string& state = guest.contract.state;
  if (state != "signing" && state != "completing" && state != "complete")
    return base::fail(base::Code::conflict, "the contract is " + state);
  HEQI_TRY(const auto code,
           services.database.with_transaction(
               [&](sql::Transaction& tx) -> base::Result<services::identity::LinkCode> {
                 HEQI_TRY(auto issued,
                          services.link_sessions.issue_code(tx, guest.subject, guest.person.id));
                 services::notify::Notice notice;
                 notice.id = issued.id;
                 notice.kind = services::notify::Kind::one_time_code;
                 notice.to_name = guest.person.name;
                 notice.to_address = guest.person.email;
                 notice.title = guest.contract.title;
                 notice.code_id = issued.id;
                 notice.until = issued.expires_at;
                 HEQI_TRY(services.notifier.send(tx, notice));
                 return issued;
               }));
  base::JsonWriter json;
  json.begin_object()
      .field("address", services::identity::mask_email(guest.person.email))
      .field("expires_at", base::to_rfc3339(code.expires_at))
      .end_object();
  return Response::json(json, 202);
}

base::Result<Response> open_session(Services& services, const Request& request) {
  HEQI_TRY(const Guest guest, guest_of(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string code, reader.required_text("code", {.size_max = 16}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const LinkSession session, services.link_sessions.open(guest.subject, code));
  base::JsonWriter json;
  json.begin_object()
      .field("session", session.token)
      .field("expires_at", base::to_rfc3339(session.expires_at))
      .end_object();
  return Response::json(json, 201);
}

// compare compares what was typed with the person that the contract names. A person whose ID
// number nobody else has told states it here, and the provider judges it next.
enum class Likeness { another, same, claimed };
base::Result<Likeness> compare(Services& services, const services::identity::Person& person,
                               const std::string& name, const std::string& id_number) {
  if (base::trim(name) != person.name) return Likeness::another;
  if (!person.id_number_masked.empty() && !person.has_claimed_number) {
    HEQI_TRY(const bool same, services.persons.matches(person.id, id_number));
    return same ? Likeness::same : Likeness::another;
  }
  const base::Status claimed = services.persons.claim_id_number(person.id, id_number);
  if (claimed) return Likeness::claimed;
  if (claimed.error().code == base::Code::conflict) return Likeness::another;
  return claimed.error();
}

void write_check(base::JsonWriter& json, const services::identity::Verification& check) {
  json.begin_object()
      .field("check", check.id)
      .field("provider", check.provider)
      .field("state", services::identity::to_text(check.state))
      .field("challenge", check.challenge)
      .field("tries_left", check.tries_left)
      .field("expires_at", base::to_rfc3339(check.expires_at))
      .end_object();
}

// claim_identity takes name and ID number and asks the provider; another person's are denied.
base::Result<Response> claim_identity(Services& services, const Request& request) {
  HEQI_TRY(const Guest guest, guest_of(services, request));
  HEQI_TRY(const LinkSession session, session_of(services, guest, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string name, reader.required_text("name", {.size_max = 100}));
  HEQI_TRY(const std::string id_number, reader.required_text("id_number", {.size_max = 32}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(services::identity::check_id_number(id_number));
  HEQI_TRY(services.link_sessions.charge_identity(session));
  HEQI_TRY(const Likeness likeness, compare(services, guest.person, name, id_number));
  if (likeness == Likeness::another)
    return base::fail(base::Code::denied, "this link is for another person");
  const auto check = services.verifications.start_again(guest.person.id, id_number);
  if (!check) {
    if (likeness == Likeness::claimed) HEQI_TRY(services.persons.release_claim(guest.person.id));
    return check.error();
  }
  // Numbers that nobody knew before stay counted, or one could try them at the provider for ever.
  if (likeness == Likeness::same) HEQI_TRY(services.link_sessions.forgive_identity(session));
  base::JsonWriter json;
  write_check(json, *check);
  return Response::json(json, 201);
}

// prove_identity gives the provider its evidence.
base::Result<Response> prove_identity(Services& services, const Request& request) {
  HEQI_TRY(const Guest guest, guest_of(services, request));
  HEQI_TRY(const LinkSession session, session_of(services, guest, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string id, reader.required_text("check", {.size_max = 64}));
  HEQI_TRY(const std::string evidence, reader.required_text("evidence", {.size_max = 65536}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const auto before, services.verifications.get(id));
  if (before.person_id != guest.person.id)
    return base::fail(base::Code::not_found, "no such check of yours");
  HEQI_TRY(const auto check, services.verifications.submit(id, base::bytes_of(evidence)));
  if (check.state == services::identity::VerificationState::verified) {
    HEQI_TRY(services.link_sessions.set_identified(session));
  }
  base::JsonWriter json;
  write_check(json, check);
  return Response::json(json);
}

// authorise hands over the code for enrolling a device: only after the address and the identity are
// proved in this session. Earlier codes of the person become void.
base::Result<Response> authorise(Services& services, const Request& request) {
  HEQI_TRY(const Guest guest, guest_of(services, request));
  HEQI_TRY(const LinkSession session, session_of(services, guest, request));
  if (!session.is_identified)
    return base::fail(base::Code::identity_unverified, "name and ID number are needed first");
  HEQI_TRY(const auto issued, services.database.with_transaction([&](sql::Transaction& tx) {
    return services.enrolments.issue_code(tx, guest.person.id);
  }));
  HEQI_TRY(const std::string text, services.enrolments.text_of(issued.id));
  base::JsonWriter json;
  json.begin_object()
      .field("code", text)
      .field("expires_at", base::to_rfc3339(issued.expires_at))
      .end_object();
  return Response::json(json, 201);
}

}  // namespace

void add_link_enrolment_routes(http::Router& router, Services& services) {
  const http::RouteOptions hidden{.hides_path = true};
  const auto add = [&](const char* pattern, auto handler) {
    router.post(
        pattern, [&services, handler](const Request& r) { return handler(services, r); }, hidden);
  };
  add("/s/{link}/code", send_code);
  add("/s/{link}/session", open_session);
  add("/s/{link}/identity", claim_identity);
  add("/s/{link}/identity/evidence", prove_identity);
  add("/s/{link}/authorisation", authorise);
}

}  // namespace heqi::api
