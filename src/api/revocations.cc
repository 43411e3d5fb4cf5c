// revocations.cc: an application asks for the revocation of a certificate of a person who signs for
// it (GB/T 38646 §6.2.4 a; a message that §8.1 leaves out).
#include <heqi/base/text.h>
#include <heqi/device/certificate_messages.h>

#include "authority_rights.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::mss::RevocationStatus;

base::Result<Response> status_answer(const RevocationStatus& status, int code = 200) {
  base::JsonWriter json;
  json.begin_object()
      .field("revocation", status.id)
      .field("id", status.request_id)
      .field("signer", status.person_id)
      .field("certificate", base::to_hex(status.serial))
      .field("state", status.state)
      .field("step", status.step)
      .field("cleared", status.is_cleared);
  if (!status.code.empty()) json.field("code", status.code);
  return Response::json(json.end_object(), code);
}

base::Result<Response> ask(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  HEQI_TRY(const http::Json body, body_of(request));
  HEQI_TRY(http::JsonReader reader, http::JsonReader::open(body));
  services::mss::ApplicationRevocation wish;
  HEQI_TRY(wish.id, reader.required_text("id", {.size_max = 64}));
  HEQI_TRY(wish.signer_id, reader.required_text("signer", {.size_max = 64}));
  HEQI_TRY(const std::string serial,
           reader.required_text("certificate", {.size_max = 2 * device::kSerialSizeMax}));
  HEQI_TRY(wish.serial, base::parse_hex(serial));
  HEQI_TRY(const pki::RevocationReason reason, read_reason(reader));
  HEQI_TRY(reader.finish());
  wish.reason = static_cast<std::int64_t>(reason);
  HEQI_TRY(const RevocationStatus status, services.revocations.ask(caller.id, wish));
  return status_answer(status, 202);
}

base::Result<Response> query(Services& services, const Request& request) {
  HEQI_TRY(const Caller caller, authenticate_application(services, request));
  HEQI_TRY(const RevocationStatus status,
           services.revocations.query(caller.id, request.path_text("revocation")));
  return status_answer(status);
}

}  // namespace

void add_revocation_routes(http::Router& router, Services& services) {
  router.post("/api/v1/revocations", [&](const Request& r) { return ask(services, r); });
  router.get("/api/v1/revocations/{revocation}",
             [&](const Request& r) { return query(services, r); });
}

}  // namespace heqi::api
