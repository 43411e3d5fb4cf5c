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

// sender_of is who sends a contract, as people know them.
std::string sender_of(Services& services, const std::string& owner) {
  constexpr std::string_view user = "user:";
  if (!owner.starts_with(user)) return owner.substr(owner.find(':') + 1);
  const auto found = services.accounts.get(owner.substr(user.size()));
  return found ? found->email : owner;
}

// has_left tells whether the owner is a user who may not sign in any more.
bool has_left(Services& services, const std::string& owner) {
  constexpr std::string_view user = "user:";
  if (!owner.starts_with(user)) return false;
  const auto found = services.accounts.get(owner.substr(user.size()));
  return found && !found->is_active;
}

void write_for_desk(base::JsonWriter& json, Services& services, const Contract& contract) {
  write_contract(json, contract);
  json.field("sender", sender_of(services, contract.owner)).field("owner", contract.owner);
  if (has_left(services, contract.owner)) json.field("sender_has_left", true);
}

base::Result<Response> contract_answer(Services& services, const Contract& contract,
                                       int status = 200) {
  base::JsonWriter json;
  json.begin_object();
  write_for_desk(json, services, contract);
  json.end_object();
  return Response::json(json, status);
}

constexpr double kMillimetresPerPoint = 25.4 / 72;
constexpr std::int64_t kFieldWidthMin = 40, kFieldHeightMin = 16, kPageSizeMax = 14'400;  // points

base::Result<double> points(http::JsonReader& reader, std::string_view name, std::int64_t min) {
  HEQI_TRY(const std::int64_t value,
           reader.required_integer(name, {.min = min, .max = kPageSizeMax}));
  return static_cast<double>(value) * kMillimetresPerPoint;
}

// read_place reads where a party signs: points from the upper left corner of the page as displayed.
base::Result<documents::pdf::Placement> read_place(http::JsonReader& reader) {
  documents::pdf::Placement place;
  HEQI_TRY(const std::int64_t page, reader.required_integer("page", {.min = 1, .max = 10'000}));
  place.page = static_cast<std::size_t>(page - 1);
  HEQI_TRY(place.left_mm, points(reader, "x", 0));
  HEQI_TRY(place.top_mm, points(reader, "y", 0));
  HEQI_TRY(place.width_mm, points(reader, "width", kFieldWidthMin));
  HEQI_TRY(place.height_mm, points(reader, "height", kFieldHeightMin));
  HEQI_TRY(reader.finish());
  return place;
}

base::Result<std::vector<services::contract::PartyRequest>> read_parties(http::JsonReader& reader) {
  HEQI_TRY(std::vector<http::JsonReader> members,
           reader.required_objects("parties", services::contract::kPartiesMax));
  std::vector<services::contract::PartyRequest> parties;
  for (http::JsonReader& member : members) {
    services::contract::PartyRequest party;
    HEQI_TRY(party.person_id, member.required_text("person", {.size_max = 64}));
    // One signature, one place; the list leaves room for more.
    HEQI_TRY(std::vector<http::JsonReader> fields, member.optional_objects("fields", 1));
    for (http::JsonReader& field : fields) {
      HEQI_TRY(party.placement, read_place(field));
    }
    HEQI_TRY(member.finish());
    parties.push_back(std::move(party));
  }
  return parties;
}

// digest_of is over names and contents: the boundary between parts is another one in a repeat.
crypto::Digest digest_of(const std::vector<http::Part>& parts) {
  crypto::Sm3 digest;
  for (const http::Part& part : parts) {
    digest.update(crypto::sm3(base::bytes_of(part.name)));
    digest.update(crypto::sm3(part.body));
  }
  return digest.finish();
}

// create takes a form with the parts "contract" (JSON) and "file" (application/pdf).
base::Result<Response> create(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_sender(services, request));
  HEQI_TRY(const auto parts,
           http::parse_multipart(request.header("content-type").value_or(""), request.body));
  services::contract::ContractRequest wanted;
  wanted.owner = caller.owner();
  std::optional<http::Json> description;
  HEQI_TRY(const auto key, request_key(request));
  if (key) wanted.repetition = {*key, digest_of(parts)};
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
  HEQI_TRY(const auto format, reader.optional_text("signature_format"));
  HEQI_TRY(wanted.format, services::contract::parse_signature_format(format.value_or("pades")));
  HEQI_TRY(wanted.expires_at, reader.optional_time("expires_at"));
  HEQI_TRY(wanted.parties, read_parties(reader));
  HEQI_TRY(reader.finish());
  for (const services::contract::PartyRequest& party : wanted.parties) {
    HEQI_TRY(check_person(services, caller, party.person_id));
  }
  HEQI_TRY(const Contract contract, services.platform.create(wanted));
  return contract_answer(services, contract, 201);
}

base::Result<Response> start(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_sender(services, request));
  HEQI_TRY(const Contract contract,
           services.platform.start(caller.owner(), request.path_text("contract")));
  return contract_answer(services, contract, 202);
}

// withdrawn_by lets an administrator withdraw in place of a sender who has left; of the others only
// the sender decides.
base::Result<Contract> withdrawn_by(Services& services, const Caller& caller, const std::string& id,
                                    const std::string& reason) {
  if (!caller.is_administrator()) return services.platform.withdraw(caller.owner(), id, reason);
  HEQI_TRY(const Contract contract, services.platform.get(caller.reads_for(), id));
  if (contract.owner == caller.owner())
    return services.platform.withdraw(caller.owner(), id, reason);
  if (!has_left(services, contract.owner))
    return base::fail(base::Code::denied, "the sender is still here and may withdraw it");
  return services.platform.withdraw_for_owner(caller.owner(), id, reason);
}

base::Result<Response> withdraw(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_sender(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = 200}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const Contract contract,
           withdrawn_by(services, caller, request.path_text("contract"), reason));
  return contract_answer(services, contract);
}

base::Result<Response> remind(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_sender(services, request));
  HEQI_TRY(const Contract contract,
           services.platform.remind(caller.owner(), request.path_text("contract")));
  return contract_answer(services, contract, 202);
}

// make_link lets the sender hand a party's link over, beside the notice.
base::Result<Response> make_link(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_sender(services, request));
  HEQI_TRY(const std::uint64_t position,
           request.path_number("position", services::contract::kPartiesMax));
  HEQI_TRY(const std::string path,
           services.platform.make_link(caller.owner(), request.path_text("contract"),
                                       static_cast<int>(position)));
  base::JsonWriter json;
  json.begin_object().field("link", services.desk.signing_url + path).end_object();
  return Response::json(json, 201).with_header("Cache-Control", "no-store");
}

int signed_count(const Contract& contract) {
  int count = 0;
  for (const Party& party : contract.parties) count += party.state == "signed" ? 1 : 0;
  return count;
}

// get answers at once, or with ?signatures=N, ?state=S or ?since=VERSION waits until as many have
// signed, the state is reached, anything has changed, or the contract has ended.
base::Result<Response> get(Services& services, const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({"signatures", "state", "since"}));
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const Contract contract,
           services.platform.get(caller.reads_for(), request.path_text("contract")));
  HEQI_TRY(const auto signatures,
           request.query_number("signatures", services::contract::kPartiesMax));
  HEQI_TRY(const auto state, request.query_text("state"));
  base::JsonWriter json;
  json.begin_object();
  write_for_desk(json, services, contract);
  HEQI_TRY(Response response, answer_or_wait(request, std::move(json)));
  const bool waits_for_signatures =
      signatures && static_cast<std::uint64_t>(signed_count(contract)) < *signatures;
  const bool waits_for_state = state && contract.state != *state;
  if (contract.is_open() && (waits_for_signatures || waits_for_state))
    response.wait = http::kWaitMax;
  return response;
}

base::Result<Response> list(Services& services, const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({}));
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const auto contracts, services.platform.list(caller.reads_for(), 200));
  base::JsonWriter json;
  json.begin_object().key("contracts").begin_array();
  for (const Contract& contract : contracts) {
    json.begin_object();
    write_for_desk(json, services, contract);
    json.end_object();
  }
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> document(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const Contract contract,
           services.platform.get(caller.reads_for(), request.path_text("contract")));
  HEQI_TRY(base::Bytes file, services.platform.document(contract));
  return Response::bytes("application/pdf", std::move(file))
      .with_header("Content-Disposition", "attachment; filename=\"" + contract.id + ".pdf\"");
}

// evidence is the contract's evidence package, for whoever may have the document.
base::Result<Response> evidence(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  const std::string& id = request.path_text("contract");
  HEQI_TRY(base::Bytes package, services.evidence_packages.package(caller.reads_for(), id));
  return Response::bytes("application/zip", std::move(package))
      .with_header("Content-Disposition", "attachment; filename=\"" + id + ".evidence.zip\"");
}

std::string actor_name(Services& services, const Contract& contract, const std::string& actor) {
  constexpr std::string_view person = "person:";
  if (actor.starts_with(person)) {
    for (const Party& party : contract.parties)
      if (party.person_id == actor.substr(person.size())) return party.name;
  }
  return actor.find(':') == std::string::npos ? actor : sender_of(services, actor);
}

base::Result<Response> history(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  const std::string& id = request.path_text("contract");
  HEQI_TRY(const Contract contract, services.platform.get(caller.reads_for(), id));
  HEQI_TRY(const auto entries, services.platform.history(caller.reads_for(), id));
  base::JsonWriter json;
  json.begin_object().key("history").begin_array();
  for (const auto& entry : entries)
    json.begin_object()
        .field("at", base::to_rfc3339(entry.at))
        .field("act", entry.act)
        .field("actor", entry.actor)
        .field("actor_name", actor_name(services, contract, entry.actor))
        .field("detail", entry.detail)
        .end_object();
  json.end_array().end_object();
  return Response::json(json);
}

// moments tells the key operations with the tokens that fix their times, each with the record that
// the token is over, so that anybody can verify it without this platform.
base::Result<Response> moments(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate(services, request));
  HEQI_TRY(const auto moments,
           services.platform.moments(caller.reads_for(), request.path_text("contract")));
  base::JsonWriter json;
  json.begin_object().key("moments").begin_array();
  for (const auto& one : moments) {
    json.begin_object()
        .field("operation", services::contract::to_text(one.deed.operation))
        .field("record", services::contract::record_of(one.deed));
    if (one.deed.operation != services::contract::Operation::complete)
      json.field("party", std::int64_t{one.deed.position}).field("person", one.deed.person);
    if (one.time)
      json.field("time", base::to_rfc3339(*one.time)).field("token", base::to_base64(one.token));
    json.end_object();
  }
  json.end_array().end_object();
  return Response::json(json);
}

// write_failure says why a party's last try did not end in a signature.
void write_failure(base::JsonWriter& json, const std::string& id) {
  json.field("failure", id);
  const auto code = base::find_error(id);
  if (!code) return;
  const base::ErrorText& text = base::error_text(*code);
  json.field("failure_en", text.english).field("failure_zh", text.chinese);
}

}  // namespace

void write_contract(base::JsonWriter& json, const Contract& contract) {
  json.field("id", contract.id)
      .field("title", contract.title)
      .field("state", contract.state)
      .field("order", services::contract::to_text(contract.order))
      .field("signature_format", services::contract::to_text(contract.format))
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
    if (!party.failure.empty()) write_failure(json, party.failure);
    if (party.reminded_at) json.field("reminded_at", base::to_rfc3339(*party.reminded_at));
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
  router.post(one + "/remind", [&](const Request& r) { return remind(services, r); });
  router.post(one + "/parties/{position}/link",
              [&](const Request& r) { return make_link(services, r); });
  router.get(one + "/document", [&](const Request& r) { return document(services, r); });
  router.get(one + "/evidence", [&](const Request& r) { return evidence(services, r); });
  router.get(one + "/history", [&](const Request& r) { return history(services, r); });
  router.get(one + "/moments", [&](const Request& r) { return moments(services, r); });
}

}  // namespace heqi::api
