#include <heqi/base/text.h>

#include "caller.h"
#include "contract_json.h"
#include "link_guest.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::contract::Handwriting;

// sender_of is the name of who sends a contract, as its notices say it.
std::string sender_of(Services& services, const std::string& owner) {
  const std::string id = owner.substr(owner.find(':') + 1);
  if (owner.starts_with("user:")) {
    const auto user = services.accounts.get(id);
    return user ? user->email : "Heqi";
  }
  const auto application = services.applications.get(id);
  return application ? application->name : id;
}

void write_you(base::JsonWriter& json, const services::contract::Party& party,
               const services::identity::Person& person) {
  json.key("you")
      .begin_object()
      .field("position", std::int64_t{party.position})
      .field("person", party.person_id)
      .field("name", party.name)
      .field("state", party.state)
      .field("address", services::identity::mask_email(person.email))
      .field("identified", person.is_verified());
  if (!party.failure.empty()) json.field("failure", party.failure);
  if (party.signed_at) json.field("signed_at", base::to_rfc3339(*party.signed_at));
  json.end_object();
}

base::Result<Response> show(Services& services, const Request& request) {
  HEQI_TRY(const Guest guest, guest_of(services, request));
  const services::contract::Contract& contract = guest.contract;
  base::JsonWriter json;
  json.begin_object().key("contract").begin_object();
  write_contract(json, contract);
  json.end_object().field("from", sender_of(services, contract.owner));
  write_you(json, guest.party, guest.person);
  if (contract.turn_party && contract.turn_until && *contract.turn_party != guest.party.position)
    json.field("busy_until", base::to_rfc3339(*contract.turn_until));
  json.field("verify_url", services.platform_url + "/verify").end_object();
  return Response::json(json);
}

base::Result<Response> document(Services& services, const Request& request) {
  HEQI_TRY(const Guest guest, proved_guest_of(services, request));
  HEQI_TRY(base::Bytes file, services.platform.open_document(request.path_text("link")));
  return Response::bytes("application/pdf", std::move(file))
      .with_header("Content-Disposition", "attachment; filename=\"" + guest.contract.id + ".pdf\"");
}

base::Result<int> coordinate(const http::Json& value, int max) {
  const std::int64_t* number = value.integer();
  if (number == nullptr || *number < 0 || *number > max)
    return base::fail(base::Code::malformed, "$.strokes: a coordinate is outside the field");
  return static_cast<int>(*number);
}

// read_stroke takes one stroke: x, y, x, y …
base::Result<std::vector<Handwriting::Point>> read_stroke(const http::Json& stroke,
                                                          const Handwriting& field) {
  const http::JsonArray* values = stroke.array();
  if (values == nullptr || values->empty() || values->size() % 2 != 0)
    return base::fail(base::Code::malformed, "$.strokes: a stroke is x, y, x, y …");
  std::vector<Handwriting::Point> points;
  for (std::size_t i = 0; i < values->size(); i += 2) {
    HEQI_TRY(const int x, coordinate((*values)[i], field.width));
    HEQI_TRY(const int y, coordinate((*values)[i + 1], field.height));
    points.push_back({x, y});
  }
  return points;
}

// read_handwriting takes {"width", "height", "strokes": [[x, y, x, y …], …]}; an empty body is the
// generated signature.
base::Result<Handwriting> read_handwriting(const Request& request) {
  using services::contract::kHandwritingSideMax, services::contract::kStrokesMax,
      services::contract::kStrokePointsMax;
  Handwriting out;
  if (request.body.empty()) return out;
  HEQI_TRY(const http::Json body, body_of(request));
  const http::JsonObject* object = body.object();
  const http::Json* strokes = body.find("strokes");
  if (object == nullptr || object->size() != 3 || strokes == nullptr || !strokes->array())
    return base::fail(base::Code::malformed, "$: width, height, strokes");
  const auto side = [&](std::string_view name) -> base::Result<int> {
    const http::Json* value = body.find(name);
    const std::int64_t* number = value == nullptr ? nullptr : value->integer();
    if (number == nullptr || *number < 1 || *number > kHandwritingSideMax)
      return base::fail(base::Code::malformed, "$." + std::string(name) + " is 1…4096");
    return static_cast<int>(*number);
  };
  HEQI_TRY(out.width, side("width"));
  HEQI_TRY(out.height, side("height"));
  if (strokes->array()->empty() || strokes->array()->size() > kStrokesMax)
    return base::fail(base::Code::limit_exceeded, "$.strokes has 1…100 strokes");
  std::size_t points = 0;
  for (const http::Json& stroke : *strokes->array()) {
    HEQI_TRY(auto line, read_stroke(stroke, out));
    points += line.size();
    if (points > kStrokePointsMax)
      return base::fail(base::Code::limit_exceeded, "$.strokes has more than 4000 points");
    out.strokes.push_back(std::move(line));
  }
  return out;
}

base::Result<Response> sign(Services& services, const Request& request) {
  HEQI_TRY(check_origin(request));
  HEQI_TRY(const Handwriting handwriting, read_handwriting(request));
  HEQI_TRY(const std::string transaction,
           services.platform.begin_signing(request.path_text("link"), handwriting));
  base::JsonWriter json;
  json.begin_object().field("transaction", transaction).end_object();
  return Response::json(json, 202);
}

base::Result<Response> decline(Services& services, const Request& request) {
  HEQI_TRY(const Guest guest, proved_guest_of(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = 200}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const auto contract, services.platform.decline(request.path_text("link"), reason));
  base::JsonWriter json;
  json.begin_object();
  write_contract(json, contract);
  json.end_object();
  return Response::json(json);
}

}  // namespace

// The link is what lets somebody in here, so the log does not show it. Alone it tells what it is
// about: title, parties, state. The file and declining take the one-time code besides; a link can
// be forwarded, and the sender may hand it over. Signing takes the person's device and PIN: /sign
// only sends the document to that device, which shows it. There is no cookie at this origin, and
// what a foreign page sends is refused (check_origin).
void add_link_routes(http::Router& router, Services& services) {
  const http::RouteOptions hidden{.hides_path = true};
  router.get(
      "/s/{link}/contract", [&](const Request& r) { return show(services, r); }, hidden);
  router.get(
      "/s/{link}/document", [&](const Request& r) { return document(services, r); }, hidden);
  router.post(
      "/s/{link}/sign", [&](const Request& r) { return sign(services, r); }, hidden);
  router.post(
      "/s/{link}/decline", [&](const Request& r) { return decline(services, r); }, hidden);
}

}  // namespace heqi::api
