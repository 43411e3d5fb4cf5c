#include "caller.h"

#include <heqi/base/text.h>
#include <heqi/http/multipart.h>

#include "contract_json.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::contract::Contract;
using services::contract::Party;

base::Result<Response> contract_answer(const Contract& contract, int status = 200) {
  base::JsonWriter json;
  json.begin_object();
  write_contract(json, contract);
  json.end_object();
  return Response::json(json, status);
}

base::Result<double> millimetres(http::JsonReader& reader, std::string_view name) {
  HEQI_TRY(const std::int64_t tenths, reader.required_integer(name, {.min = 0, .max = 100'000}));
  return static_cast<double>(tenths) / 10;
}

base::Result<std::vector<services::contract::PartyRequest>> read_parties(http::JsonReader& reader) {
  HEQI_TRY(std::vector<http::JsonReader> members,
           reader.required_objects("parties", services::contract::kPartiesMax));
  std::vector<services::contract::PartyRequest> parties;
  for (http::JsonReader& member : members) {
    services::contract::PartyRequest party;
    HEQI_TRY(party.person_id, member.required_text("person", {.size_max = 64}));
    HEQI_TRY(std::optional<http::JsonReader> place, member.optional_object("field"));
    if (place) {
      documents::pdf::Placement placement;
      HEQI_TRY(const std::int64_t page, place->required_integer("page", {.min = 1, .max = 10'000}));
      placement.page = static_cast<std::size_t>(page - 1);
      HEQI_TRY(placement.left_mm, millimetres(*place, "left_tenth_mm"));
      HEQI_TRY(placement.top_mm, millimetres(*place, "top_tenth_mm"));
      HEQI_TRY(placement.width_mm, millimetres(*place, "width_tenth_mm"));
      HEQI_TRY(placement.height_mm, millimetres(*place, "height_tenth_mm"));
      HEQI_TRY(place->finish());
      party.placement = placement;
    }
    HEQI_TRY(member.finish());
    parties.push_back(std::move(party));
  }
  return parties;
}

// create takes a form with the parts "contract" (JSON) and "file" (application/pdf).
base::Result<Response> create(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const auto parts,
           http::parse_multipart(request.header("content-type").value_or(""), request.body));
  services::contract::ContractRequest wanted;
  wanted.owner = caller.owner();
  std::optional<http::Json> description;
  for (const http::Part& part : parts) {
    if (part.name == "contract") {
      HEQI_TRY(description, http::parse_json(part.body));
    } else if (part.name == "file") {
      wanted.document = base::to_bytes(part.body);
    } else {
      return base::fail(base::Code::malformed, "unknown part " + part.name);
    }
  }
  if (!description) return base::fail(base::Code::malformed, "the part \"contract\" is missing");
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(*description));
  HEQI_TRY(wanted.title, reader.required_text("title", {.size_max = 150}));
  HEQI_TRY(const auto order, reader.optional_text("order"));
  HEQI_TRY(wanted.order, services::contract::parse_order(order.value_or("any")));
  HEQI_TRY(wanted.expires_at, reader.optional_time("expires_at"));
  HEQI_TRY(wanted.parties, read_parties(reader));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const Contract contract, services.platform.create(wanted));
  return contract_answer(contract, 201);
}

base::Result<Response> start(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const Contract contract,
           services.platform.start(caller.owner(), request.path_text("contract")));
  return contract_answer(contract, 202);
}

base::Result<Response> withdraw(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = 200}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const Contract contract,
           services.platform.withdraw(caller.owner(), request.path_text("contract"), reason));
  return contract_answer(contract);
}

int signed_count(const Contract& contract) {
  int count = 0;
  for (const Party& party : contract.parties) count += party.state == "signed" ? 1 : 0;
  return count;
}

// get answers at once, or with ?signatures=N or ?state=S waits until as many have signed, or the
// state is reached, or the contract has ended.
base::Result<Response> get(Services& services, const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({"signatures", "state"}));
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const Contract contract,
           services.platform.get(caller.owner(), request.path_text("contract")));
  HEQI_TRY(const auto signatures,
           request.query_number("signatures", services::contract::kPartiesMax));
  HEQI_TRY(const auto state, request.query_text("state"));
  HEQI_TRY(Response response, contract_answer(contract));
  const bool waits_for_signatures =
      signatures && static_cast<std::uint64_t>(signed_count(contract)) < *signatures;
  const bool waits_for_state = state && contract.state != *state;
  if (contract.is_open() && (waits_for_signatures || waits_for_state))
    response.wait = http::kWaitMax;
  return response;
}

base::Result<Response> list(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const auto contracts, services.platform.list(caller.owner(), 200));
  base::JsonWriter json;
  json.begin_object().key("contracts").begin_array();
  for (const Contract& contract : contracts) {
    json.begin_object();
    write_contract(json, contract);
    json.end_object();
  }
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> document(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const Contract contract,
           services.platform.get(caller.owner(), request.path_text("contract")));
  HEQI_TRY(base::Bytes file, services.platform.document(contract));
  return Response::bytes("application/pdf", std::move(file))
      .with_header("Content-Disposition", "attachment; filename=\"" + contract.id + ".pdf\"");
}

base::Result<Response> history(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const auto entries,
           services.platform.history(caller.owner(), request.path_text("contract")));
  base::JsonWriter json;
  json.begin_object().key("history").begin_array();
  for (const auto& entry : entries)
    json.begin_object()
        .field("at", base::to_rfc3339(entry.at))
        .field("act", entry.act)
        .field("actor", entry.actor)
        .field("detail", entry.detail)
        .end_object();
  json.end_array().end_object();
  return Response::json(json);
}

}  // namespace

void write_contract(base::JsonWriter& json, const Contract& contract) {
  json.field("id", contract.id)
      .field("title", contract.title)
      .field("state", contract.state)
      .field("order", services::contract::to_text(contract.order))
      .field("created_at", base::to_rfc3339(contract.created_at))
      .field("expires_at", base::to_rfc3339(contract.expires_at));
  if (contract.ended_at) json.field("ended_at", base::to_rfc3339(*contract.ended_at));
  if (!contract.reason.empty()) json.field("reason", contract.reason);
  json.key("parties").begin_array();
  for (const Party& party : contract.parties) {
    json.begin_object()
        .field("person", party.person_id)
        .field("name", party.name)
        .field("field", party.field)
        .field("state", party.state);
    if (!party.failure.empty()) json.field("failure", party.failure);
    if (party.signed_at) json.field("signed_at", base::to_rfc3339(*party.signed_at));
    json.end_object();
  }
  json.end_array();
}

void add_contract_routes(http::Router& router, Services& services) {
  const std::string one = "/api/v1/contracts/{contract}";
  router.post("/api/v1/contracts", [&](const Request& r) { return create(services, r); },
              {.body_size_max = http::kUploadSizeMax});
  router.get("/api/v1/contracts", [&](const Request& r) { return list(services, r); });
  router.get(one, [&](const Request& r) { return get(services, r); });
  router.post(one + "/start", [&](const Request& r) { return start(services, r); });
  router.post(one + "/withdraw", [&](const Request& r) { return withdraw(services, r); });
  router.get(one + "/document", [&](const Request& r) { return document(services, r); });
  router.get(one + "/history", [&](const Request& r) { return history(services, r); });
}

}  // namespace heqi::api
