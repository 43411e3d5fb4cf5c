// est.cc: enrolment over secure transport (RFC 7030): cacerts, simpleenroll, simplereenroll,
// csrattrs.
#include <heqi/api/enrolment.h>

#include <heqi/base/text.h>
#include <heqi/http/basic_credentials.h>
#include <heqi/pki/certificates_only.h>
#include <heqi/x509/csr.h>

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kBodySizeMax = 2 * x509::kCsrSizeMax;

Response pkcs7(const std::vector<x509::Certificate>& certificates) {
  const std::string text = pki::encode_est_body(pki::encode_certificates_only(certificates));
  return Response::bytes("application/pkcs7-mime; smime-type=certs-only",
                         base::to_bytes(base::bytes_of(text)))
      .with_header("Content-Transfer-Encoding", "base64");
}

// read_request decodes the body of a request for a certificate.
base::Result<base::Bytes> read_request(const Request& request) {
  if (request.content_type() != "application/pkcs10")
    return base::fail(base::Code::malformed, "the content type is not application/pkcs10");
  return pki::parse_est_body(base::text_of(request.body));
}

base::Result<Response> enrol(EstParts& parts, const Request& request) {
  const auto credentials =
      http::parse_basic_credentials(request.header("authorization").value_or(""));
  if (!credentials && credentials.error().code == base::Code::unauthenticated)
    return http::problem(credentials.error(), request.id)
        .with_header("WWW-Authenticate", "Basic realm=\"est\"");
  if (!credentials) return credentials.error();
  HEQI_TRY(const base::Bytes csr, read_request(request));
  auto certificate = parts.desk.redeem(credentials->name, credentials->password, csr);
  if (!certificate && (certificate.error().code == base::Code::unauthenticated ||
                       certificate.error().code == base::Code::identity_code_void)) {
    Response refused = http::problem(certificate.error(), request.id);
    refused.status = 401;
    return std::move(refused).with_header("WWW-Authenticate", "Basic realm=\"est\"");
  }
  if (!certificate) return std::move(certificate).error();
  HEQI_TRY(x509::Certificate parsed, x509::parse_certificate(*certificate));
  return pkcs7({std::move(parsed)});
}

}  // namespace

void add_est_routes(http::Router& router, EstParts& parts) {
  router.get("/.well-known/est/cacerts",
             [&parts](const Request&) -> base::Result<Response> { return pkcs7(parts.chain); });
  router.get("/.well-known/est/csrattrs",
             [](const Request&) -> base::Result<Response> { return Response::empty(204); });
  // A renewal is an application of its own: the desk knows the holder, the code proves who asks.
  for (const char* path : {"/.well-known/est/simpleenroll", "/.well-known/est/simplereenroll"})
    router.post(path, [&parts](const Request& request) { return enrol(parts, request); },
                {.body_size_max = kBodySizeMax});
}

}  // namespace heqi::api
