#include "caller.h"

#include <heqi/http/multipart.h>

namespace heqi::api {

// Verifying needs no sign-in: anybody may ask about any file. Nothing of it is kept.
void add_verification_routes(http::Router& router, Services& services) {
  router.post("/api/v1/reports",
              [&](const http::Request& request) -> base::Result<http::Response> {
                HEQI_TRY(const http::Upload upload, http::get_upload(request, "application/pdf"));
                HEQI_TRY(std::string report, services.verify(upload.content));
                return http::Response::json_text(std::move(report));
              },
              {.body_size_max = http::kUploadSizeMax});
}

}  // namespace heqi::api
