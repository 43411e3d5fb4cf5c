// authority_mobile.cc: the authority's end of GB/T 38646 §8.3. Officers accept persons and keep the
// connections; a mobile signature service is an application with signed requests.
#include <heqi/base/text.h>
#include <heqi/x509/csr.h>

#include "authority_rights.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::mobile::Connection;
using services::mobile::FlowStatus;
using services::mobile::Issuer;
using services::mobile::Side;

constexpr std::size_t kProofSizeMax = 256;

// Actor is who acts on a connection, and whose it is.
struct Actor {
  Side side = Side::service;
  std::string who, service;
};

// officer_of: the service is in the path. service_of: it is the one that asks.
base::Result<Actor> officer_of(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_officer(services, request));
  return Actor{Side::authority, caller.owner(), request.path_text("service")};
}

base::Result<Actor> service_of(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  return Actor{Side::service, caller.owner(), caller.id};
}

void write_connection(base::JsonWriter& json, const Connection& connection) {
  json.begin_object()
      .field("service", connection.service)
      .field("state", services::mobile::name_of(connection.state))
      .field("changed_by", connection.changed_by)
      .field("reason", connection.reason)
      .field("changed_at", base::to_rfc3339(connection.changed_at))
      .end_object();
}

Response connection_answer(const Connection& connection) {
  base::JsonWriter json;
  write_connection(json, connection);
  return Response::json(json);
}

base::Result<std::string> reason_of(const Request& request) {
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(std::string reason, reader.required_text("reason", {.size_max = 500}));
  HEQI_TRY(reader.finish());
  return reason;
}

using ActorOf = base::Result<Actor> (*)(Services&, const Request&);

template <ActorOf kActor>
base::Result<Response> suspend(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Actor actor, kActor(services, request));
  HEQI_TRY(const std::string reason, reason_of(request));
  HEQI_TRY(const Connection now,
           parts.connections.suspend(actor.service, actor.side, actor.who, reason));
  return connection_answer(now);
}

template <ActorOf kActor>
base::Result<Response> resume(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Actor actor, kActor(services, request));
  HEQI_TRY(const Connection now, parts.connections.resume(actor.service, actor.side, actor.who));
  return connection_answer(now);
}

template <ActorOf kActor>
base::Result<Response> cancel(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Actor actor, kActor(services, request));
  HEQI_TRY(const std::string reason, reason_of(request));
  HEQI_TRY(const Connection now,
           parts.connections.cancel(actor.service, actor.side, actor.who, reason));
  return connection_answer(now);
}

base::Result<Response> list_connections(Services& services, AuthorityParts& parts,
                                        const Request& request) {
  HEQI_TRY(authenticate_reader(services, request));
  HEQI_TRY(const auto connections, parts.connections.list());
  base::JsonWriter json;
  json.begin_object().key("connections").begin_array();
  for (const Connection& one : connections) write_connection(json, one);
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> connect(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Actor actor, officer_of(services, request));
  HEQI_TRY(services.applications.get(actor.service));
  HEQI_TRY(const Connection now, parts.connections.apply(actor.service, actor.who));
  return connection_answer(now);
}

base::Result<Response> show_connection(Services& services, AuthorityParts& parts,
                                       const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  HEQI_TRY(const Connection now, parts.connections.get(actor.service));
  return connection_answer(now);
}

base::Result<Response> accept_connection(Services& services, AuthorityParts& parts,
                                         const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  HEQI_TRY(const Connection now, parts.connections.accept(actor.service));
  return connection_answer(now);
}

Response flow_answer(const FlowStatus& status, int code = 200) {
  base::JsonWriter json;
  json.begin_object()
      .field("flow", status.id)
      .field("kind", status.kind)
      .field("user", status.user)
      .field("device", status.device)
      .field("step", status.step)
      .field("state", status.state);
  if (!status.code.empty()) json.field("code", status.code);
  if (!status.serial.empty()) json.field("certificate", base::to_hex(status.serial));
  if (!status.old_serial.empty())
    json.field("old_certificate", base::to_hex(status.old_serial))
        .field("nonce", base::to_base64(status.nonce));
  json.end_object();
  return Response::json(json, code);
}

// accept_person is the counter: the officer has seen the person and the documents.
base::Result<Response> accept_person(Services& services, AuthorityParts& parts,
                                     const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_officer(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::mobile::Acceptance accepted;
  accepted.officer = caller.owner();
  HEQI_TRY(accepted.id, reader.required_text("id", {.size_max = 64}));
  HEQI_TRY(accepted.service, reader.required_text("service", {.size_max = 64}));
  HEQI_TRY(accepted.user, reader.required_text("user", {.size_max = 64}));
  HEQI_TRY(accepted.device, reader.required_text("device", {.size_max = 64}));
  HEQI_TRY(auto subject, reader.required_object("subject"));
  HEQI_TRY(accepted.subject, read_subject(std::move(subject)));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const std::string code, parts.acceptances.accept(accepted));
  base::JsonWriter json;
  json.begin_object().field("id", accepted.id).field("code", code).end_object();
  return Response::json(json, 201).with_header("Cache-Control", "no-store");
}

base::Result<Response> activate(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(authenticate_officer(services, request));
  HEQI_TRY(const FlowStatus flow, parts.flows.activate(request.path_text("acceptance")));
  return flow_answer(flow, 202);
}

base::Result<Response> show_flow(Services& services, AuthorityParts& parts,
                                 const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  HEQI_TRY(const FlowStatus flow, parts.flows.status(actor.service, request.path_text("flow")));
  return flow_answer(flow);
}

Response issued_answer(const Issuer::Issued& issued) {
  base::JsonWriter json;
  json.begin_object()
      .field("serial", base::to_hex(issued.serial))
      .field("certificate", base::to_base64(issued.certificate))
      .key("chain")
      .begin_array();
  for (const base::Bytes& one : issued.chain) json.text(base::to_base64(one));
  json.end_array().end_object();
  return Response::json(json);
}

// take_request is §8.3.1 b or §8.3.2 c: the request with what the MSD proves.
base::Result<Response> take_request(Services& services, AuthorityParts& parts,
                                    const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const base::Bytes csr, reader.required_base64("csr", x509::kCsrSizeMax));
  HEQI_TRY(const auto proof, reader.optional_base64("proof", kProofSizeMax));
  HEQI_TRY(const auto signature, reader.optional_base64("signature", kProofSizeMax));
  HEQI_TRY(reader.finish());
  if (proof.has_value() == signature.has_value())
    return base::fail(base::Code::malformed, "an application has a proof, an update a signature");
  const std::string& flow = request.path_text("flow");
  HEQI_TRY(const Issuer::Issued issued,
           proof ? parts.flows.apply(actor.service, flow, csr, *proof)
                 : parts.flows.update(actor.service, flow, csr, *signature));
  return issued_answer(issued);
}

base::Result<Response> publish(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  const std::string& flow = request.path_text("flow");
  HEQI_TRY(parts.flows.publish(actor.service, flow));
  HEQI_TRY(const FlowStatus now, parts.flows.status(actor.service, flow));
  return flow_answer(now);
}

base::Result<Response> refuse(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  HEQI_TRY(const std::string reason, reason_of(request));
  const std::string& flow = request.path_text("flow");
  HEQI_TRY(parts.flows.refuse(actor.service, flow, reason));
  HEQI_TRY(const FlowStatus now, parts.flows.status(actor.service, flow));
  return flow_answer(now);
}

base::Result<Response> start_update(Services& services, AuthorityParts& parts,
                                    const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string id, reader.required_text("id", {.size_max = 64}));
  HEQI_TRY(const std::string text, reader.required_text("certificate", {.size_max = 64}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const base::Bytes serial, base::parse_hex(text));
  HEQI_TRY(const FlowStatus flow, parts.flows.start_update(actor.service, id, serial));
  return flow_answer(flow, 202);
}

// answer_prompt is the user's word on a prompt of the authority (§6.2.3 a).
base::Result<Response> answer_prompt(Services& services, AuthorityParts& parts,
                                     const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string text, reader.required_text("answer", {.size_max = 16}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const services::mobile::PromptAnswer answer,
           services::mobile::parse_prompt_answer(text));
  HEQI_TRY(const services::mobile::UpdatePrompt prompt,
           parts.flows.answer_prompt(actor.service, request.path_text("prompt"), answer));
  base::JsonWriter json;
  json.begin_object()
      .field("prompt", prompt.id)
      .field("certificate", base::to_hex(prompt.serial))
      .field("answer", prompt.answer);
  if (!prompt.flow.empty()) json.field("flow", prompt.flow);
  json.end_object();
  return Response::json(json);
}

base::Result<Response> revoke(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Actor actor, service_of(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::mobile::RevocationRequest wanted;
  HEQI_TRY(const std::string text, reader.required_text("certificate", {.size_max = 64}));
  HEQI_TRY(wanted.serial, base::parse_hex(text));
  HEQI_TRY(const std::string origin, reader.required_text("origin", {.size_max = 16}));
  HEQI_TRY(wanted.origin, services::mobile::parse_origin(origin));
  HEQI_TRY(const auto asked_by, reader.optional_text("asked_by", {.size_max = 64}));
  wanted.asked_by = asked_by.value_or("");
  HEQI_TRY(wanted.reason, read_reason(reader));
  HEQI_TRY(const auto signature, reader.optional_base64("signature", kProofSizeMax));
  wanted.signature = signature.value_or(base::Bytes());
  HEQI_TRY(reader.finish());
  HEQI_TRY(parts.flows.revoke(actor.service, wanted));
  base::JsonWriter json;
  json.begin_object().field("certificate", text).field("standing", "revoked").end_object();
  return Response::json(json);
}

}  // namespace

void add_mobile_routes(http::Router& router, Services& services, AuthorityParts& parts) {
  const auto with = [&](auto act) {
    return [&services, &parts, act](const Request& r) { return act(services, parts, r); };
  };
  const std::string root = "/api/v1/ca/mobile/";
  router.get(root + "connections", with(list_connections));
  router.post(root + "connections/{service}/apply", with(connect));
  router.post(root + "connections/{service}/suspend", with(suspend<officer_of>));
  router.post(root + "connections/{service}/resume", with(resume<officer_of>));
  router.post(root + "connections/{service}/cancel", with(cancel<officer_of>));
  router.get(root + "connection", with(show_connection));
  router.post(root + "connection/accept", with(accept_connection));
  router.post(root + "connection/suspend", with(suspend<service_of>));
  router.post(root + "connection/resume", with(resume<service_of>));
  router.post(root + "connection/cancel", with(cancel<service_of>));
  router.post(root + "acceptances", with(accept_person));
  router.post(root + "acceptances/{acceptance}/activate", with(activate));
  router.get(root + "flows/{flow}", with(show_flow));
  router.post(root + "flows/{flow}/request", with(take_request));
  router.post(root + "flows/{flow}/publish", with(publish));
  router.post(root + "flows/{flow}/refuse", with(refuse));
  router.post(root + "updates", with(start_update));
  router.post(root + "prompts/{prompt}/answer", with(answer_prompt));
  router.post(root + "revocations", with(revoke));
}

}  // namespace heqi::api
