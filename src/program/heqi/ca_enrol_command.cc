// ca_enrol_command.cc: heqi ca enrol: a certificate of another organisation's authority, over EST.
#include <array>
#include <cstdio>

#include <heqi/base/text.h>
#include <heqi/http/client.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/x509/csr.h>

#include "ca_office.h"
#include "est_client.h"
#include "pin_entry.h"

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::array kEnrolOptions{
    Option{"--csr", "FILE", "the request (PKCS#10, DER or PEM)", "证书请求文件", Need::required},
    Option{"--user", "ID", "of the approved application", "已批准的申请编号", Need::required},
    Option{"--code-file", "FILE", "the authorisation code; left out: asked for",
           "授权码文件；省略则询问"},
    Option{"--root", "FILE", "the root that certificates must lead to", "可信根证书文件",
           Need::required},
    Option{"--tls-root", "FILE", "who vouches for the TLS connection; left out: the system's",
           "TLS 根证书（PEM）；省略则用系统的"},
    Option{"--out", "FILE", "the certificate (PEM)", "证书输出文件（PEM）", Need::required},
    kJson};

constexpr std::size_t kPemSizeMax = 256 * 1024, kCertificateSizeMax = 64 * 1024;

class OsslDigester final : public pki::Digester {
 public:
  Result<base::Bytes> digest(const asn1::Oid& algorithm, base::ByteView data) const override {
    return ossl::digest(algorithm, data);
  }
};

Result<base::SecretBytes> read_code(const Arguments& arguments) {
  if (const auto path = arguments.find("--code-file")) return read_secret_file(*path);
  return ask_secret("Authorisation code / 授权码: ");
}

Result<int> enrol(const Arguments& arguments) {
  HEQI_TRY(const base::Bytes csr, read_der(arguments.get("--csr"), x509::kCsrSizeMax));
  HEQI_TRY(const base::Bytes root_der, read_der(arguments.get("--root"), kCertificateSizeMax));
  HEQI_TRY(x509::Certificate root, x509::parse_certificate(root_der));
  http::ClientOptions options;
  if (const auto path = arguments.find("--tls-root")) {
    HEQI_TRY(const base::Bytes pem, base::read_file(*path, kPemSizeMax));
    options.trusted_pem = base::text_of(pem);
  }
  EstCredentials credentials;
  credentials.user = arguments.get("--user");
  HEQI_TRY(credentials.password, read_code(arguments));
  http::CurlFetch fetch(std::move(options));
  const auto verifier = ossl::make_signature_verifier();
  const OsslDigester digests;
  const base::SystemClock clock;
  EstClient client(arguments.operands()[0] + "/.well-known/est", pki::TrustStore({std::move(root)}),
                   fetch, {*verifier, digests}, clock);
  HEQI_TRY(const x509::Certificate certificate, client.enrol(credentials, csr));
  HEQI_TRY(base::write_file(arguments.get("--out"), base::bytes_of(x509::to_pem(certificate))));
  print_certificate(arguments, certificate, "");
  return kExitDone;
}

constexpr std::array kCommands{
    CaCommand{"enrol",
              {"heqi ca enrol", "URL", 1, 1,
               "Gets a certificate from another organisation's authority (EST).",
               "通过 EST 向其他机构申请证书。", kEnrolOptions},
              enrol}};

}  // namespace

std::span<const CaCommand> ca_enrol_commands() {
  return kCommands;
}

}  // namespace heqi::program
