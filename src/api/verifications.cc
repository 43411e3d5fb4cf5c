#include "caller.h"

#include <heqi/base/text.h>
#include <heqi/http/multipart.h>

namespace heqi::api {

namespace {

// by_number tells a stranger what genuineness.h says, and nothing else of the contract.
base::Result<http::Response> by_number(Services& services, const http::Request& request) {
  HEQI_TRY(const services::contract::Genuine found,
           services.genuineness.find(request.path_text("number"), request.peer_address));
  base::JsonWriter json;
  json.begin_object()
      .field("number", services::contract::printed_number(found.contract))
      .field("state", "complete")
      .field("completed_at", base::to_rfc3339(found.completed_at));
  json.key("digest")
      .begin_object()
      .field("algorithm", "SM3")
      .field("value", found.sm3)
      .end_object()
      .end_object();
  return http::Response::json(json);
}

}  // namespace

// Verifying needs no sign-in: anybody may ask about any file. Nothing of it is kept.
void add_verification_routes(http::Router& router, Services& services) {
  router.post("/api/v1/reports",
              [&](const http::Request& request) -> base::Result<http::Response> {
                HEQI_TRY(const http::Upload upload, http::get_upload(request, "application/pdf"));
                HEQI_TRY(std::string report, services.verify(upload.content));
                return http::Response::json_text(std::move(report));
              },
              {.body_size_max = http::kUploadSizeMax});
  // A number lets somebody ask: the log does not show it.
  router.get("/api/v1/numbers/{number}",
             [&](const http::Request& request) { return by_number(services, request); },
             {.hides_path = true});
}

}  // namespace heqi::api
