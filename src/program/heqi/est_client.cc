#include "est_client.h"

#include <heqi/base/text.h>
#include <heqi/pki/certificates_only.h>
#include <heqi/x509/csr.h>

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kAnswerSizeMax = std::size_t{1} << 20;
constexpr std::string_view kKind = "application/pkcs7-mime";

// without_breaks is Base64 without the line breaks that a server may put.
std::string without_breaks(base::ByteView body) {
  std::string out;
  for (const char letter : base::text_of(body))
    if (letter != '\r' && letter != '\n' && letter != ' ') out.push_back(letter);
  return out;
}

// authorization_of is the header field of Basic authentication (RFC 7617).
std::string authorization_of(const EstCredentials& credentials) {
  base::Bytes text = base::to_bytes(base::bytes_of(credentials.user + ":"));
  base::append(text, credentials.password.expose());
  std::string field = "Basic " + base::to_base64(text);
  base::secure_wipe(text.data(), text.size());
  return field;
}

}  // namespace

Result<std::vector<x509::Certificate>> EstClient::ask(base::FetchRequest request) {
  request.answer_size_max = kAnswerSizeMax;
  const std::string what = request.url;
  HEQI_TRY(const base::FetchAnswer answer, fetch_.fetch(request));
  if (answer.status == 401) return base::fail(Code::unauthenticated, what + " refuses the code");
  if (answer.status == 202 || answer.status == 503)
    return base::fail(Code::unavailable, what + " asks to come again later");
  if (answer.status != 200)
    return base::fail(Code::denied, what + " answers " + std::to_string(answer.status));
  if (!answer.content_type.starts_with(kKind))
    return base::fail(Code::malformed, what + " answers with " + answer.content_type);
  HEQI_TRY(const base::Bytes der, base::parse_base64(without_breaks(answer.body)));
  return pki::parse_certificates_only(der);
}

Result<std::vector<x509::Certificate>> EstClient::certificates_of_authority() {
  base::FetchRequest request;
  request.url = url_ + "/cacerts";
  return ask(std::move(request));
}

base::Status EstClient::check(const x509::Certificate& certificate, base::ByteView csr_der) {
  HEQI_TRY(const x509::Csr csr, x509::parse_csr(csr_der));
  if (!(certificate.public_key() == csr.body.public_key))
    return base::fail(Code::untrusted, "the certificate is for another key");
  if (!csr.body.subject.empty() && !certificate.subject().matches(csr.body.subject))
    return base::fail(Code::untrusted, "the certificate is for another subject");
  pki::PathOptions options;
  options.at = options.now = clock_.now();
  options.revocation = pki::RevocationMode::ignore;  // it is a second old
  HEQI_TRY(options.intermediates, certificates_of_authority());
  const pki::PathResult path = pki::validate_path(certificate, anchors_, options, algorithms_);
  if (path.status != pki::PathStatus::trusted)
    return base::fail(Code::untrusted, "the certificate has no trusted chain: " + path.reason);
  return {};
}

Result<x509::Certificate> EstClient::enrol(const EstCredentials& credentials, base::ByteView csr) {
  base::FetchRequest request;
  request.method = "POST";
  request.url = url_ + "/simpleenroll";
  request.headers = {{"Content-Type", "application/pkcs10"},
                     {"Content-Transfer-Encoding", "base64"},
                     {"Authorization", authorization_of(credentials)}};
  request.body = base::to_bytes(base::bytes_of(base::to_base64(csr)));
  HEQI_TRY(std::vector<x509::Certificate> got, ask(std::move(request)));
  if (got.size() != 1) return base::fail(Code::malformed, "not one certificate in the answer");
  HEQI_TRY(check(got.front(), csr));
  return std::move(got.front());
}

Result<base::Bytes> ExternalIssuer::issue(const services::ra::Application& application,
                                          base::ByteView csr) {
  HEQI_TRY(const EstCredentials credentials, credentials_(application));
  HEQI_TRY(const x509::Csr asked, x509::parse_csr(csr));
  HEQI_TRY(const x509::Name approved, x509::Name::parse(application.subject));
  if (!asked.body.subject.matches(approved))
    return base::fail(Code::denied, "the request states another subject than was approved");
  HEQI_TRY(const x509::Certificate certificate, client_.enrol(credentials, csr));
  return base::to_bytes(certificate.der());
}

}  // namespace heqi::program
