// encryption_keys.cc: the key management centre for authorities of other organisations, which are
// applications with signed requests; administrators say which of them are served.
#include <heqi/base/text.h>

#include "authority_rights.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::kmc::ServedAuthority;

constexpr std::size_t kAskedBySizeMax = 128, kReasonSizeMax = 512;

base::Result<crypto::PublicKey> read_receiver(http::JsonReader& reader) {
  HEQI_TRY(const base::Bytes octets, reader.required_base64("receiver", crypto::kPointSize));
  return crypto::PublicKey::decode(octets);
}

Response delivery_answer(std::string_view name, const std::string& id,
                         const services::kmc::Delivery& delivery, int status) {
  base::JsonWriter json;
  json.begin_object()
      .field(name, id)
      .field("public_key", base::to_base64(delivery.public_key.key))
      .field("enveloped_key", base::to_base64(delivery.enveloped_key))
      .end_object();
  return Response::json(json, status).with_header("Cache-Control", "no-store");
}

base::Result<Response> make_for_authority(Services& services, AuthorityParts& parts,
                                          const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string id,
           reader.required_text("id", {.size_max = services::kmc::kServedKeyIdSizeMax}));
  HEQI_TRY(const std::string holder,
           reader.required_text("holder", {.size_max = services::kmc::kServedHolderSizeMax}));
  HEQI_TRY(const crypto::PublicKey receiver, read_receiver(reader));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const services::kmc::Delivery delivery,
           parts.centre.make_for(caller.id, id, holder, receiver));
  return delivery_answer("id", id, delivery, 201);
}

base::Result<Response> ask_for_authority(Services& services, AuthorityParts& parts,
                                         const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string id,
           reader.required_text("id", {.size_max = services::kmc::kServedKeyIdSizeMax}));
  HEQI_TRY(const std::string asked_by,
           reader.required_text("asked_by", {.size_max = kAskedBySizeMax}));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = kReasonSizeMax}));
  HEQI_TRY(const crypto::PublicKey receiver, read_receiver(reader));
  HEQI_TRY(reader.finish());
  HEQI_TRY(
      const std::string recovery,
      parts.centre.ask_recovery_for(
          caller.id, {.key_id = id, .asked_by = asked_by, .reason = reason, .receiver = receiver}));
  base::JsonWriter json;
  json.begin_object().field("recovery", recovery).end_object();
  return Response::json(json, 201);
}

base::Result<Response> deliver_to_authority(Services& services, AuthorityParts& parts,
                                            const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  const std::string& recovery = request.path_text("recovery");
  HEQI_TRY(const services::kmc::Delivery delivery, parts.centre.recover_for(caller.id, recovery));
  return delivery_answer("recovery", recovery, delivery, 200);
}

void write_authority(base::JsonWriter& json, const ServedAuthority& authority) {
  json.begin_object()
      .field("authority", authority.id)
      .field("served", authority.served)
      .field("keys_max", authority.keys_max)
      .field("keys_made", authority.keys_made)
      .field("changed_by", authority.changed_by)
      .field("reason", authority.reason)
      .field("changed_at", base::to_rfc3339(authority.changed_at))
      .end_object();
}

Response authority_answer(const ServedAuthority& authority) {
  base::JsonWriter json;
  write_authority(json, authority);
  return Response::json(json);
}

base::Result<Response> list_authorities(Services& services, AuthorityParts& parts,
                                        const Request& request) {
  HEQI_TRY(authenticate_reader(services, request));
  HEQI_TRY(const auto authorities, parts.served.list());
  base::JsonWriter json;
  json.begin_object().key("authorities").begin_array();
  for (const ServedAuthority& one : authorities) write_authority(json, one);
  json.end_array().end_object();
  return Response::json(json);
}

base::Result<Response> serve_authority(Services& services, AuthorityParts& parts,
                                       const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_administrator(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::int64_t keys_max,
           reader.required_integer("keys_max", {.min = 1, .max = services::kmc::kServedKeysMax}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const auto application, services.applications.get(request.path_text("application")));
  HEQI_TRY(const ServedAuthority now, parts.served.serve(application.id, keys_max, caller.owner()));
  return authority_answer(now);
}

base::Result<Response> end_authority(Services& services, AuthorityParts& parts,
                                     const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_administrator(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  HEQI_TRY(const std::string reason, reader.required_text("reason", {.size_max = kReasonSizeMax}));
  HEQI_TRY(reader.finish());
  HEQI_TRY(const ServedAuthority now,
           parts.served.end(request.path_text("application"), caller.owner(), reason));
  return authority_answer(now);
}

}  // namespace

void add_encryption_key_routes(http::Router& router, Services& services, AuthorityParts& parts) {
  const auto with = [&](auto act) {
    return [&services, &parts, act](const Request& r) { return act(services, parts, r); };
  };
  router.post("/api/v1/encryption-keys", with(make_for_authority));
  router.post("/api/v1/encryption-key-recoveries", with(ask_for_authority));
  router.post("/api/v1/encryption-key-recoveries/{recovery}/deliver", with(deliver_to_authority));
  router.get("/api/v1/ca/authorities", with(list_authorities));
  router.post("/api/v1/ca/authorities/{application}/serve", with(serve_authority));
  router.post("/api/v1/ca/authorities/{application}/end", with(end_authority));
}

}  // namespace heqi::api
