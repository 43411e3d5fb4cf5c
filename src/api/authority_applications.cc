// authority_applications.cc: applications for certificates, their evidence, review and codes.
#include <heqi/base/text.h>
#include <heqi/x509/name.h>
#include <heqi/x509/oids.h>

#include "authority_rights.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::ra::Application;

constexpr std::size_t kNamesMax = 100;  // alternative names of one application

Response state_answer(const std::string& id, services::ra::State state, int status = 200) {
  base::JsonWriter json;
  json.begin_object().field("id", id).field("state", services::ra::name_of(state)).end_object();
  return Response::json(json, status);
}

base::Result<std::vector<services::ra::Evidence>> read_evidence(http::JsonReader& reader) {
  HEQI_TRY(auto list, reader.optional_objects("evidence", services::ra::kEvidenceMax));
  std::vector<services::ra::Evidence> out;
  for (http::JsonReader& one : list) {
    services::ra::Evidence evidence;
    HEQI_TRY(evidence.kind, one.required_text("kind", {.size_max = 64}));
    HEQI_TRY(const std::string digest, one.required_text("sm3", {.size_min = 64, .size_max = 64}));
    HEQI_TRY(evidence.digest, base::parse_hex(digest));
    HEQI_TRY(one.finish());
    out.push_back(std::move(evidence));
  }
  return out;
}

base::Result<Response> submit(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_officer(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  Application asked;
  asked.applicant = caller.owner();
  HEQI_TRY(asked.id, reader.required_text("id", {.size_max = 64}));
  HEQI_TRY(asked.profile, reader.required_text("profile", {.size_max = 64}));
  HEQI_TRY(asked.holder, reader.required_text("holder", {.size_max = 128}));
  HEQI_TRY(auto subject, reader.required_object("subject"));
  HEQI_TRY(asked.subject, read_subject(std::move(subject)));
  HEQI_TRY(asked.names, reader.optional_texts("names", kNamesMax, {.size_max = 253}));
  HEQI_TRY(asked.evidence, read_evidence(reader));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const services::ra::State state, parts.desk.submit(asked));
  return state_answer(asked.id, state, 201);
}

base::Result<Response> list_waiting(Services& services, AuthorityParts& parts,
                                    const Request& request) {
  HEQI_TRY(request.refuse_unknown_query({}));
  HEQI_TRY(authenticate_reader(services, request));
  HEQI_TRY(const auto waiting, parts.desk.waiting());
  base::JsonWriter json;
  json.begin_object().key("waiting").begin_array();
  for (const std::string& id : waiting) json.text(id);
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> show(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(authenticate_reader(services, request));
  const std::string& id = request.path_text("application");
  HEQI_TRY(const Application found, parts.desk.get(id));
  HEQI_TRY(const services::ra::State state, parts.desk.state(id));
  HEQI_TRY(const x509::Name subject, x509::Name::parse(found.subject));
  base::JsonWriter json;
  json.begin_object()
      .field("id", id)
      .field("state", services::ra::name_of(state))
      .field("applicant", found.applicant)
      .field("holder", found.holder)
      .field("profile", found.profile)
      .field("subject", subject.text())
      .key("names")
      .begin_array();
  for (const std::string& name : found.names) json.text(name);
  json.end_array().key("evidence").begin_array();
  for (const services::ra::Evidence& one : found.evidence)
    json.begin_object().field("kind", one.kind).field("sm3", base::to_hex(one.digest)).end_object();
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> approve(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_officer(services, request));
  const std::string& id = request.path_text("application");
  HEQI_TRY(const services::ra::State state, parts.desk.approve(id, caller.owner()));
  return state_answer(id, state);
}

base::Result<Response> refuse(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_officer(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = 512}));
  HEQI_TRY(reader.finish());
  const std::string& id = request.path_text("application");
  HEQI_TRY(const services::ra::State state, parts.desk.refuse(id, caller.owner(), reason));
  return state_answer(id, state);
}

// make_code answers with the code once: it is kept nowhere.
base::Result<Response> make_code(Services& services, AuthorityParts& parts,
                                 const Request& request) {
  HEQI_TRY(authenticate_officer(services, request));
  HEQI_TRY(const std::string code, parts.desk.make_code(request.path_text("application")));
  base::JsonWriter json;
  json.begin_object().field("code", code).end_object();
  return Response::json(json, 201).with_header("Cache-Control", "no-store");
}

base::Result<Response> keep_evidence(Services& services, AuthorityParts& parts,
                                     const Request& request) {
  HEQI_TRY(authenticate_officer(services, request));
  if (request.body.empty()) return base::fail(base::Code::malformed, "the evidence is empty");
  HEQI_TRY(const base::Bytes digest, parts.keep_evidence(request.body));
  base::JsonWriter json;
  json.begin_object().field("sm3", base::to_hex(digest)).end_object();
  return Response::json(json, 201);
}

}  // namespace

void add_application_routes(http::Router& router, Services& services, AuthorityParts& parts) {
  const auto with = [&](auto act) {
    return [&services, &parts, act](const Request& r) { return act(services, parts, r); };
  };
  router.get("/api/v1/ca/applications", with(list_waiting));
  router.post("/api/v1/ca/applications", with(submit));
  router.get("/api/v1/ca/applications/{application}", with(show));
  router.post("/api/v1/ca/applications/{application}/approve", with(approve));
  router.post("/api/v1/ca/applications/{application}/refuse", with(refuse));
  router.post("/api/v1/ca/applications/{application}/code", with(make_code));
  router.post("/api/v1/ca/evidence", with(keep_evidence), {.body_size_max = http::kUploadSizeMax});
}

}  // namespace heqi::api
