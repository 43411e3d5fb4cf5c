// acme.cc: the routes of the ACME server (RFC 8555); what they say is in services/acme.
#include <heqi/api/enrolment.h>

namespace heqi::api {
namespace {

using http::Request;
using http::Response;
using services::acme::Answer;
using services::acme::Server;

base::Result<Response> with_nonce(Server& server, Response response) {
  HEQI_TRY(std::string nonce, server.make_nonce());
  return std::move(response)
      .with_header("Replay-Nonce", std::move(nonce))
      .with_header("Cache-Control", "no-store")
      .with_header("Link", "</acme/directory>;rel=\"index\"");
}

Response response_of(const Answer& answer) {
  Response out = Response::bytes(answer.content_type, base::to_bytes(base::bytes_of(answer.body)),
                                 answer.status);
  if (!answer.up.empty()) out.headers.emplace_back("Link", "<" + answer.up + ">;rel=\"up\"");
  if (!answer.location.empty()) out.headers.emplace_back("Location", answer.location);
  return out;
}

}  // namespace

void add_acme_routes(http::Router& router, Server& server) {
  router.get("/acme/directory", [&server](const Request&) -> base::Result<Response> {
    return response_of(server.directory());
  });
  // HEAD finds GET: 200 for it, 204 for GET (§7.2).
  router.get("/acme/new-nonce", [&server](const Request& request) -> base::Result<Response> {
    return with_nonce(server, Response::empty(request.method == http::Method::head ? 200 : 204));
  });
  const auto post = [&server](const Request& request) -> base::Result<Response> {
    constexpr std::string_view prefix = "/acme";
    if (request.content_type() != "application/jose+json") {
      Response refused = http::problem(
          base::fail(base::Code::malformed, "the content type is not application/jose+json"),
          request.id);
      refused.status = 415;
      return refused;
    }
    return with_nonce(server,
                      response_of(server.post(request.path.substr(prefix.size()), request.body)));
  };
  const http::RouteOptions options{.body_size_max = services::acme::kRequestSizeMax};
  for (const char* path :
       {"/acme/new-account", "/acme/new-order", "/acme/revoke-cert", "/acme/key-change",
        "/acme/account/{id}", "/acme/order/{id}", "/acme/authorization/{id}",
        "/acme/challenge/{id}", "/acme/finalize/{id}", "/acme/certificate/{id}"})
    router.post(path, post, options);
}

}  // namespace heqi::api
