#include "caller.h"

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kDer = "application/octet-stream";

base::Result<Response> der_answer(base::Result<base::Bytes> answer) {
  HEQI_TRY(base::Bytes der, std::move(answer));
  return Response::bytes(std::string(kDer), std::move(der));
}

}  // namespace

// Devices authenticate inside their messages (docs/asn1), not by HTTP.
void add_device_routes(http::Router& router, Services& services) {
  const http::RouteOptions large{.body_size_max = http::kBodySizeDefault};
  router.post(
      "/device/v1/register",
      [&](const Request& request) { return der_answer(services.enrolments.enrol(request.body)); },
      large);
  router.post(
      "/device/v1/service",
      [&](const Request& request) { return der_answer(services.device_desk.handle(request.body)); },
      large);
  router.post(
      "/device/v1/key-centre",
      [&](const Request& request) { return der_answer(services.key_centre(request.body)); }, large);
}

}  // namespace heqi::api
