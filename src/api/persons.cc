#include "caller.h"

#include <heqi/base/text.h>

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kPersonsMax = 1000;

void write_person(base::JsonWriter& json, const services::identity::Person& person) {
  json.field("id", person.id)
      .field("name", person.name)
      .field("email", services::identity::mask_email(person.email))
      .field("id_number", person.id_number_masked)
      .field("state", services::identity::to_text(person.state))
      .field("verified_by", person.verified_by);
}

void write_verification(base::JsonWriter& json,
                        const services::identity::Verification& verification) {
  json.key("verification")
      .begin_object()
      .field("id", verification.id)
      .field("provider", verification.provider)
      .field("state", services::identity::to_text(verification.state))
      .field("challenge", verification.challenge)
      .field("tries_left", verification.tries_left)
      .field("expires_at", base::to_rfc3339(verification.expires_at))
      .end_object();
}

// start_check starts the check of a person's identity; the repeat of a request gets the check that
// the first one started, where that still waits.
base::Result<services::identity::Verification> start_check(
    Services& services, const services::identity::NewPerson& wanted, const std::string& person) {
  using services::identity::VerificationState;
  HEQI_TRY(const auto begun, services.persons.find_check(wanted));
  if (begun) {
    HEQI_TRY(auto check, services.verifications.get(*begun));
    if (check.state == VerificationState::started) return check;
  }
  HEQI_TRY(auto check, services.verifications.start(person, wanted.id_number));
  HEQI_TRY(services.persons.keep_check(wanted, check.id));
  return check;
}

// add_person takes a person and starts the check of the identity.
base::Result<Response> add_person(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_sender(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::identity::NewPerson wanted;
  wanted.keeper = caller.owner();
  HEQI_TRY(wanted.name, reader.required_text("name", {.size_max = 100}));
  HEQI_TRY(wanted.email, reader.required_text("email", {.size_max = 254}));
  HEQI_TRY(const auto phone, reader.optional_text("phone", {.size_max = 20}));
  wanted.phone = phone.value_or("");
  HEQI_TRY(const auto id_number, reader.optional_text("id_number", {.size_max = 32}));
  wanted.id_number = id_number.value_or("");
  HEQI_TRY(reader.finish());
  HEQI_TRY(const auto key, request_key(request));
  if (key) wanted.repetition = {*key, crypto::sm3(request.body)};
  HEQI_TRY(const auto person, services.persons.add(wanted));
  base::JsonWriter json;
  json.begin_object();
  write_person(json, person);
  // Somebody known already has been checked, or is suspended; nothing is started for them.
  const bool unchecked = person.state == services::identity::PersonState::unverified;
  if (unchecked) {
    HEQI_TRY(const auto check, start_check(services, wanted, person.id));
    write_verification(json, check);
  }
  json.end_object();
  return Response::json(json, unchecked ? 201 : 200);
}

base::Result<Response> list_persons(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const auto persons, caller.is_administrator()
                                   ? services.persons.list(kPersonsMax)
                                   : services.persons.list_kept_by(caller.owner(), kPersonsMax));
  base::JsonWriter json;
  json.begin_object().key("persons").begin_array();
  for (const auto& person : persons) {
    json.begin_object();
    write_person(json, person);
    json.end_object();
  }
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> get_person(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(check_person(services, caller, request.path_text("person")));
  HEQI_TRY(const auto person, services.persons.get(request.path_text("person")));
  base::JsonWriter json;
  json.begin_object();
  write_person(json, person);
  json.end_object();
  return Response::json(json);
}

base::Result<Response> submit_evidence(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_sender(services, request));
  HEQI_TRY(const auto known, services.verifications.get(request.path_text("verification")));
  HEQI_TRY(check_person(services, caller, known.person_id));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string evidence, reader.required_text("evidence", {.size_max = 65536}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const auto verification, services.verifications.submit(request.path_text("verification"),
                                                                  base::bytes_of(evidence)));
  base::JsonWriter json;
  json.begin_object();
  write_verification(json, verification);
  json.end_object();
  return Response::json(json);
}

// authorise sends the person an authorisation code for a device.
base::Result<Response> authorise(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_sender(services, request));
  const std::string& person_id = request.path_text("person");
  HEQI_TRY(check_person(services, caller, person_id));
  HEQI_TRY(const auto person, services.persons.get(person_id));
  HEQI_TRY(const auto code,
           services.database.with_transaction(
               [&](sql::Transaction& tx) -> base::Result<services::mss::Enrolments::IssuedCode> {
                 HEQI_TRY(auto issued, services.enrolments.issue_code(tx, person_id));
                 services::notify::Notice notice;
                 notice.id = "code-" + issued.id;
                 notice.kind = services::notify::Kind::authorisation_code;
                 notice.to_name = person.name;
                 notice.to_address = person.email;
                 notice.code_id = issued.id;
                 notice.until = issued.expires_at;
                 HEQI_TRY(services.notifier.send(tx, notice));
                 return issued;
               }));
  base::JsonWriter json;
  json.begin_object()
      .field("code", code.id)
      .field("expires_at", base::to_rfc3339(code.expires_at))
      .end_object();
  return Response::json(json, 202);
}

// wipe_device ends the key of a person's lost device; its certificate is revoked with it.
base::Result<Response> wipe_device(Services& services, const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const auto person, services.persons.get(request.path_text("person")));
  HEQI_TRY(services.key_endings.wipe(person.id));
  base::JsonWriter json;
  json.begin_object().field("person", person.id).end_object();
  return Response::json(json, 202);
}

}  // namespace

void add_person_routes(http::Router& router, Services& services) {
  router.post("/api/v1/persons", [&](const Request& r) { return add_person(services, r); });
  router.get("/api/v1/persons", [&](const Request& r) { return list_persons(services, r); });
  router.get("/api/v1/persons/{person}", [&](const Request& r) { return get_person(services, r); });
  router.post("/api/v1/persons/{person}/authorisations",
              [&](const Request& r) { return authorise(services, r); });
  router.post("/api/v1/persons/{person}/device/wipe",
              [&](const Request& r) { return wipe_device(services, r); });
  router.post("/api/v1/verifications/{verification}/evidence",
              [&](const Request& r) { return submit_evidence(services, r); });
}

}  // namespace heqi::api
