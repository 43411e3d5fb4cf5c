#include "caller.h"

#include "contract_json.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

base::Result<Response> show(Services& services, const Request& request) {
  HEQI_TRY(const auto invitation, services.platform.open_link(request.path_text("link")));
  base::JsonWriter json;
  json.begin_object().key("contract").begin_object();
  write_contract(json, invitation.contract);
  json.end_object()
      .key("you")
      .begin_object()
      .field("name", invitation.party.name)
      .field("state", invitation.party.state)
      .end_object()
      .end_object();
  return Response::json(json);
}

base::Result<Response> document(Services& services, const Request& request) {
  HEQI_TRY(const auto invitation, services.platform.open_link(request.path_text("link")));
  HEQI_TRY(base::Bytes file, services.platform.document(invitation.contract));
  return Response::bytes("application/pdf", std::move(file));
}

base::Result<Response> sign(Services& services, const Request& request) {
  HEQI_TRY(const std::string transaction,
           services.platform.begin_signing(request.path_text("link")));
  base::JsonWriter json;
  json.begin_object().field("transaction", transaction).end_object();
  return Response::json(json, 202);
}

base::Result<Response> decline(Services& services, const Request& request) {
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

// The link is what lets somebody in here, so the log does not show it. It opens and declines;
// signing takes the person's device and PIN besides.
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
