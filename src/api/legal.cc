// legal.cc: a contract's evidence package to a legal service: by its sender, from the desk or a
// program, and by its parties, from their links.
#include <heqi/base/text.h>

#include "caller.h"
#include "link_guest.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::contract::Contract;
using services::contract::Handover;

void write_handover(base::JsonWriter& json, const Handover& one, std::string_view asker) {
  json.begin_object()
      .field("id", one.id)
      .field("service", one.service)
      .field("address", one.address)
      .field("state", one.state)
      .field("consented_at", base::to_rfc3339(one.consented_at))
      .field("yours", one.by == asker);
  if (one.ended_at) json.field("ended_at", base::to_rfc3339(*one.ended_at));
  if (!one.failure.empty()) json.field("failure", one.failure);
  json.end_object();
}

// overview_of: which services there are, with the words to consent to, and what went out.
base::Result<Response> overview_of(Services& services, const Contract& contract,
                                   const std::string& asker) {
  HEQI_TRY(const std::vector<Handover> handovers, services.handovers.list(contract.id));
  base::JsonWriter json;
  json.begin_object().key("services").begin_array();
  for (const auto& service : services.handovers.services()) {
    const services::contract::Words words = services::contract::words_of(contract, service);
    json.begin_object()
        .field("service", service.name)
        .field("title", service.title)
        .field("address", service.address)
        .field("words_zh", words.chinese)
        .field("words_en", words.english)
        .end_object();
  }
  json.end_array().key("handovers").begin_array();
  for (const Handover& one : handovers) write_handover(json, one, asker);
  json.end_array().end_object();
  return Response::json(json);
}

// read_consent takes {"service", "consent": true, "words"}: the words as they were shown.
base::Result<services::contract::Consent> read_consent(const Request& request) {
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::contract::Consent out;
  HEQI_TRY(out.service, reader.required_text("service", {.size_max = 64}));
  HEQI_TRY(const bool consents, reader.required_boolean("consent"));
  HEQI_TRY(out.words, reader.required_text("words", {.size_max = 4096}));
  HEQI_TRY(reader.finish());
  if (!consents) return base::fail(base::Code::denied, "nothing leaves without consent");
  return out;
}

base::Result<Response> handed(Services& services, const services::contract::Consent& consent) {
  HEQI_TRY(const Handover made, services.handovers.ask(consent));
  base::JsonWriter json;
  write_handover(json, made, consent.by);
  return Response::json(json, 202);
}

// name_of is the sender's name in the statement.
std::string name_of(Services& services, const Caller& caller) {
  if (caller.kind == Caller::Kind::user) {
    const auto user = services.accounts.get(caller.id);
    return user ? user->email : caller.id;
  }
  const auto application = services.applications.get(caller.id);
  return application ? application->name : caller.id;
}

}  // namespace

// Who may look (administrators and auditors too) may not consent: that is for the sender.
void add_legal_routes(http::Router& router, Services& services) {
  const std::string path = "/api/v1/contracts/{contract}/legal";
  router.get(path, [&](const Request& request) -> base::Result<Response> {
    HEQI_TRY(const Caller caller, authenticate(services, request));
    HEQI_TRY(const Contract contract,
             services.platform.get(caller.reads_for(), request.path_text("contract")));
    return overview_of(services, contract, caller.owner());
  });
  router.post(path, [&](const Request& request) -> base::Result<Response> {
    HEQI_TRY(const Caller caller, authenticate_sender(services, request));
    HEQI_TRY(services::contract::Consent consent, read_consent(request));
    consent.contract = request.path_text("contract");
    consent.by = caller.owner();
    consent.by_name = name_of(services, caller);
    return handed(services, consent);
  });
}

// A link can be forwarded: the one-time code says that its party consents.
void add_legal_link_routes(http::Router& router, Services& services) {
  const http::RouteOptions hidden{.hides_path = true};
  const std::string path = "/s/{link}/legal";
  router.get(
      path,
      [&](const Request& request) -> base::Result<Response> {
        HEQI_TRY(const Guest guest, proved_guest_of(services, request));
        return overview_of(services, guest.contract, "person:" + guest.party.person_id);
      },
      hidden);
  router.post(
      path,
      [&](const Request& request) -> base::Result<Response> {
        HEQI_TRY(const Guest guest, proved_guest_of(services, request));
        HEQI_TRY(services::contract::Consent consent, read_consent(request));
        consent.contract = guest.contract.id;
        consent.by = "person:" + guest.party.person_id;
        consent.by_name = guest.party.name;
        return handed(services, consent);
      },
      hidden);
}

}  // namespace heqi::api
