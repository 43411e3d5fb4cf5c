#include <heqi/api/api.h>
#include <heqi/base/text.h>

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kOcspAnswer = "application/ocsp-response",
                           kTspAnswer = "application/timestamp-reply",
                           kCrl = "application/pkix-crl", kCertificate = "application/pkix-cert";

base::Result<Response> certificate(const PkiServices& services, const Request& request) {
  const std::string& name = request.path_text("name");
  const services::ca::Hierarchy& hierarchy = services.hierarchy;
  const std::pair<std::string_view, const x509::Certificate*> known[] = {
      {"root.cer", &hierarchy.root},
      {"issuing.cer", &hierarchy.issuing},
      {"ocsp.cer", &hierarchy.status_responder},
      {"tsa.cer", &hierarchy.time_stamp_authority},
  };
  for (const auto& [file, found] : known)
    if (name == file)
      return Response::bytes(std::string(kCertificate), base::to_bytes(found->der()));
  return base::fail(base::Code::not_found, name);
}

base::Result<Response> crl(PkiServices& services, const Request& request) {
  const std::string& name = request.path_text("name");
  if (name == "root.crl") return Response::bytes(std::string(kCrl), services.hierarchy.root_crl);
  if (name == "issuing-delta.crl") {
    HEQI_TRY(base::Bytes delta, services.authority.delta_crl());
    return Response::bytes(std::string(kCrl), std::move(delta));
  }
  if (name != "issuing.crl") return base::fail(base::Code::not_found, name);
  HEQI_TRY(base::Bytes list, services.authority.crl());
  return Response::bytes(std::string(kCrl), std::move(list));
}

}  // namespace

void add_pki_routes(http::Router& router, PkiServices& services) {
  router.post("/ocsp",
              [&](const Request& request) -> base::Result<Response> {
                return Response::bytes(std::string(kOcspAnswer),
                                       services.responder.answer(request.body));
              },
              {.body_size_max = pki::kOcspRequestSizeMax});
  router.get("/ocsp/{request*}",
             [&](const Request& request) -> base::Result<Response> {
               const auto encoded = base::parse_base64(request.path_text("request"));
               const base::Bytes question = encoded ? *encoded : base::Bytes();
               return Response::bytes(std::string(kOcspAnswer),
                                      services.responder.answer(question));
             },
             {.takes_escaped_slashes = true});
  router.post("/tsa",
              [&](const Request& request) -> base::Result<Response> {
                return Response::bytes(std::string(kTspAnswer),
                                       services.time_stamps.answer(request.body));
              },
              {.body_size_max = pki::kTspRequestSizeMax});
  router.get("/crl/{name}", [&](const Request& r) { return crl(services, r); });
  router.get("/certificates/{name}", [&](const Request& r) { return certificate(services, r); });
}

}  // namespace heqi::api
