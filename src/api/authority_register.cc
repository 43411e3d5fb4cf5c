// authority_register.cc: the register of certificates, their standing, and the kill switch.
#include <heqi/base/text.h>

#include "authority_rights.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::ca::KillSwitch;
using services::ca::Query;

constexpr std::uint64_t kPageDefault = 100, kPageMax = 1'000;

base::Result<base::Bytes> serial_of(const Request& request) {
  return base::parse_hex(request.path_text("serial"));
}

std::string_view name_of(const services::ca::Standing& standing) {
  using State = services::ca::Standing::State;
  if (standing.state == State::good) return "good";
  if (standing.state == State::unknown) return "unknown";
  return standing.reason == pki::RevocationReason::certificate_hold ? "suspended" : "revoked";
}

// standing_answer says how the certificate stands now.
base::Result<Response> standing_answer(AuthorityParts& parts, base::ByteView serial) {
  HEQI_TRY(const services::ca::Standing standing, parts.authority.standing(serial));
  base::JsonWriter json;
  json.begin_object().field("serial", base::to_hex(serial)).field("standing", name_of(standing));
  if (standing.revoked_at) json.field("since", base::to_rfc3339(*standing.revoked_at));
  if (standing.reason) json.field("reason", pki::name_of(*standing.reason));
  json.end_object();
  return Response::json(json);
}

base::Result<Query> read_query(const Request& request) {
  Query query;
  HEQI_TRY(const auto profile, request.query_text("profile"));
  if (profile) {
    HEQI_TRY(query.profile, services::ca::parse_profile_name(*profile));
  }
  const auto take = [&](std::string_view name, std::string& out) -> base::Status {
    HEQI_TRY(const auto text, request.query_text(name));
    out = text.value_or("");
    return {};
  };
  const auto take_time = [&](std::string_view name,
                             std::optional<base::Time>& out) -> base::Status {
    HEQI_TRY(const auto text, request.query_text(name));
    if (!text) return {};
    HEQI_TRY(out, base::parse_rfc3339(*text));
    return {};
  };
  HEQI_TRY(take("holder", query.holder));
  HEQI_TRY(take("state", query.state));
  HEQI_TRY(take("subject", query.subject_part));
  HEQI_TRY(take_time("issued_from", query.recorded_from));
  HEQI_TRY(take_time("issued_to", query.recorded_to));
  HEQI_TRY(take_time("valid_at", query.valid_at));
  return query;
}

void write_entry(base::JsonWriter& json, const services::ca::Entry& entry) {
  json.begin_object()
      .field("serial", base::to_hex(entry.serial))
      .field("subject", entry.subject)
      .field("holder", entry.holder)
      .field("profile", services::ca::name_of(entry.profile))
      .field("state", entry.state)
      .field("not_before", base::to_rfc3339(entry.not_before))
      .field("not_after", base::to_rfc3339(entry.not_after))
      .field("recorded_at", base::to_rfc3339(entry.recorded_at))
      .end_object();
}

base::Result<Response> find(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({"profile", "holder", "state", "subject", "issued_from",
                                         "issued_to", "valid_at", "after", "limit"}));
  HEQI_TRY(authenticate_reader(services, request));
  HEQI_TRY(const Query query, read_query(request));
  HEQI_TRY(const auto after_text, request.query_text("after"));
  HEQI_TRY(const base::Bytes after, base::parse_hex(after_text.value_or("")));
  HEQI_TRY(const auto limit, request.query_number("limit", kPageMax));
  HEQI_TRY(const std::int64_t count, parts.books.count(query));
  HEQI_TRY(const auto page, parts.books.find(query, after, limit.value_or(kPageDefault)));
  base::JsonWriter json;
  json.begin_object().field("count", count).key("certificates").begin_array();
  for (const services::ca::Entry& entry : page) write_entry(json, entry);
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> show(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(authenticate_reader(services, request));
  HEQI_TRY(const base::Bytes serial, serial_of(request));
  HEQI_TRY(base::Bytes der, parts.books.certificate(serial));
  return Response::bytes("application/pkix-cert", std::move(der));
}

base::Result<Response> show_standing(Services& services, AuthorityParts& parts,
                                     const Request& request) {
  HEQI_TRY(authenticate_reader(services, request));
  HEQI_TRY(const base::Bytes serial, serial_of(request));
  return standing_answer(parts, serial);
}

base::Result<Response> suspend(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(authenticate_officer(services, request));
  HEQI_TRY(const base::Bytes serial, serial_of(request));
  HEQI_TRY(parts.authority.suspend(serial));
  return standing_answer(parts, serial);
}

base::Result<Response> release(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(authenticate_officer(services, request));
  HEQI_TRY(const base::Bytes serial, serial_of(request));
  HEQI_TRY(parts.authority.release(serial));
  return standing_answer(parts, serial);
}

base::Result<Response> revoke(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(authenticate_officer(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const pki::RevocationReason reason, read_reason(reader));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const base::Bytes serial, serial_of(request));
  HEQI_TRY(parts.authority.revoke(serial, reason));
  return standing_answer(parts, serial);
}

// revoke_many ends what was issued to a holder or in a time, after an incident.
base::Result<Response> revoke_many(Services& services, AuthorityParts& parts,
                                   const Request& request) {
  HEQI_TRY(authenticate_administrator(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  Query query;
  HEQI_TRY(const auto holder, reader.optional_text("holder", {.size_max = 128}));
  query.holder = holder.value_or("");
  HEQI_TRY(query.recorded_from, reader.optional_time("issued_from"));
  HEQI_TRY(query.recorded_to, reader.optional_time("issued_to"));
  HEQI_TRY(const pki::RevocationReason reason, read_reason(reader));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const std::int64_t revoked, parts.books.revoke_all(query, reason));
  base::JsonWriter json;
  json.begin_object().field("revoked", revoked).end_object();
  return Response::json(json);
}

Response switch_answer(const std::vector<KillSwitch::Event>& events) {
  const auto word = [](const KillSwitch::Event& event) {
    return event.kind == KillSwitch::Event::Kind::halted ? "halted" : "released";
  };
  base::JsonWriter json;
  json.begin_object()
      .field("halted", !events.empty() && events.front().kind == KillSwitch::Event::Kind::halted)
      .key("events")
      .begin_array();
  for (const KillSwitch::Event& event : events)
    json.begin_object()
        .field("state", word(event))
        .field("who", event.who)
        .field("reason", event.reason)
        .field("at", base::to_rfc3339(event.at))
        .end_object();
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> show_switch(Services& services, AuthorityParts& parts,
                                   const Request& request) {
  HEQI_TRY(authenticate_reader(services, request));
  HEQI_TRY(const auto events, parts.authority.kill_switch().events());
  return switch_answer(events);
}

base::Result<Response> turn_switch(Services& services, AuthorityParts& parts,
                                   const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_administrator(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const bool halted, reader.required_boolean("halted"));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = 512}));
  HEQI_TRY(reader.finish());
  KillSwitch& turned = parts.authority.kill_switch();
  HEQI_TRY(halted ? turned.halt(caller.owner(), reason) : turned.release(caller.owner(), reason));
  HEQI_TRY(const auto events, turned.events());
  return switch_answer(events);
}

}  // namespace

void add_register_routes(http::Router& router, Services& services, AuthorityParts& parts) {
  const auto with = [&](auto act) {
    return [&services, &parts, act](const Request& r) { return act(services, parts, r); };
  };
  router.get("/api/v1/ca/certificates", with(find));
  router.get("/api/v1/ca/certificates/{serial}", with(show));
  router.get("/api/v1/ca/certificates/{serial}/standing", with(show_standing));
  router.post("/api/v1/ca/certificates/{serial}/suspend", with(suspend));
  router.post("/api/v1/ca/certificates/{serial}/release", with(release));
  router.post("/api/v1/ca/certificates/{serial}/revoke", with(revoke));
  router.post("/api/v1/ca/revocations", with(revoke_many));
  router.get("/api/v1/ca/kill-switch", with(show_switch));
  router.post("/api/v1/ca/kill-switch", with(turn_switch));
}

}  // namespace heqi::api
