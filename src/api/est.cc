// est.cc: enrolment over secure transport (RFC 7030): cacerts, simpleenroll, simplereenroll,
// csrattrs.
#include <heqi/api/enrolment.h>

#include <heqi/base/text.h>
#include <heqi/pki/certificates_only.h>
#include <heqi/x509/csr.h>

namespace heqi::api {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kBodySizeMax = 2 * x509::kCsrSizeMax;

Response pkcs7(const std::vector<x509::Certificate>& certificates) {
  const std::string text = base::to_base64(pki::encode_certificates_only(certificates));
  return Response::bytes("application/pkcs7-mime; smime-type=certs-only",
                         base::to_bytes(base::bytes_of(text)))
      .with_header("Content-Transfer-Encoding", "base64");
}

// Credentials are those of HTTP Basic authentication (RFC 7617).
struct Credentials {
  std::string application, code;
};

base::Result<Credentials> read_credentials(const Request& request) {
  constexpr std::string_view scheme = "Basic ";
  const auto header = request.header("authorization");
  if (!header || !header->starts_with(scheme))
    return base::fail(base::Code::unauthenticated, "the application's id and its code are needed");
  HEQI_TRY(const base::Bytes decoded, base::parse_base64(header->substr(scheme.size())));
  const std::string_view text = base::text_of(decoded);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return base::fail(base::Code::malformed, "Authorization: Basic without a colon");
  return Credentials{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

// read_request decodes the Base64 of the body, with line breaks wherever the client put them.
base::Result<base::Bytes> read_request(const Request& request) {
  if (request.content_type() != "application/pkcs10")
    return base::fail(base::Code::malformed, "the content type is not application/pkcs10");
  std::string text;
  for (const char letter : base::text_of(request.body))
    if (letter != '\r' && letter != '\n' && letter != ' ') text.push_back(letter);
  return base::parse_base64(text);
}

base::Result<Response> enrol(EstParts& parts, const Request& request) {
  const auto credentials = read_credentials(request);
  if (!credentials && credentials.error().code == base::Code::unauthenticated)
    return http::problem(credentials.error(), request.id)
        .with_header("WWW-Authenticate", "Basic realm=\"est\"");
  if (!credentials) return credentials.error();
  HEQI_TRY(const base::Bytes csr, read_request(request));
  auto certificate = parts.desk.redeem(credentials->application, credentials->code, csr);
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
