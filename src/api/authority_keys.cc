// authority_keys.cc: encryption keys of the key management centre: pairs, recovery under dual
// control, the transcript.
#include <heqi/base/text.h>
#include <heqi/x509/certificate.h>

#include "authority_rights.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kDer = "application/octet-stream";

base::Result<Response> make_pair(Services& services, AuthorityParts& parts,
                                 const Request& request) {
  HEQI_TRY(authenticate_officer(services, request));
  HEQI_TRY(const base::Bytes serial, base::parse_hex(request.path_text("serial")));
  HEQI_TRY(base::Bytes answer, parts.make_pair(serial));
  return Response::bytes(std::string(kDer), std::move(answer), 201);
}

// receiver_of is the key of the holder's new signature certificate: that one must be in force, or
// whoever lost a revoked device's key would be given the encryption key.
base::Result<crypto::PublicKey> receiver_of(AuthorityParts& parts, const std::string& serial_text) {
  HEQI_TRY(const base::Bytes serial, base::parse_hex(serial_text));
  HEQI_TRY(const base::Bytes der, parts.books.certificate(serial));
  HEQI_TRY(const services::ca::Standing standing, parts.authority.standing(serial));
  if (standing.state != services::ca::Standing::State::good)
    return base::fail(base::Code::revoked, "the receiver's certificate is not in force");
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  return certificate.public_key().sm2_key();
}

base::Result<Response> ask(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_officer(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string key, reader.required_text("key", {.size_max = 128}));
  HEQI_TRY(const std::string serial, reader.required_text("receiver", {.size_max = 64}));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = 512}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const crypto::PublicKey receiver, receiver_of(parts, serial));
  HEQI_TRY(
      const std::string id,
      parts.keys.ask_recovery(
          {.key_id = key, .asked_by = caller.owner(), .reason = reason, .receiver = receiver}));
  base::JsonWriter json;
  json.begin_object().field("recovery", id).end_object();
  return Response::json(json, 201);
}

base::Result<Response> approve(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_administrator(services, request));
  HEQI_TRY(parts.centre.approve(request.path_text("recovery"), caller.owner()));
  return Response::empty(204);
}

base::Result<Response> deliver(Services& services, AuthorityParts& parts, const Request& request) {
  HEQI_TRY(authenticate_officer(services, request));
  HEQI_TRY(services::kmc::Delivery delivery, parts.keys.recover(request.path_text("recovery")));
  return Response::bytes(std::string(kDer), std::move(delivery.enveloped_key));
}

base::Result<Response> show_transcript(Services& services, AuthorityParts&,
                                       const Request& request) {
  HEQI_TRY(authenticate_reader(services, request));
  HEQI_TRY(const auto lines, services::kmc::read_transcript(services.database));
  HEQI_TRY(services::kmc::verify_transcript(lines));
  base::JsonWriter json;
  json.begin_object().key("lines").begin_array();
  for (const services::kmc::Line& line : lines) services::kmc::write_line(json, line);
  json.end_array().end_object();
  return Response::json(json);
}

}  // namespace

void add_key_routes(http::Router& router, Services& services, AuthorityParts& parts) {
  const auto with = [&](auto act) {
    return [&services, &parts, act](const Request& r) { return act(services, parts, r); };
  };
  router.post("/api/v1/ca/certificates/{serial}/pair", with(make_pair));
  router.post("/api/v1/ca/recoveries", with(ask));
  router.post("/api/v1/ca/recoveries/{recovery}/approve", with(approve));
  router.post("/api/v1/ca/recoveries/{recovery}/deliver", with(deliver));
  router.get("/api/v1/ca/transcript", with(show_transcript));
}

}  // namespace heqi::api
