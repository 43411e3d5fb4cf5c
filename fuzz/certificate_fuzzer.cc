// uses: heqi_x509
// Certificates, requests, attributes, keys and SM2 values: whatever comes in, the parsers stay
// within it, and what has one form only is written again as it was read.
#include <heqi/asn1/writer.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

namespace {

using heqi::base::ByteView;
using heqi::base::same_bytes;
namespace x509 = heqi::x509;

void try_certificate(ByteView input) {
  const auto certificate = x509::parse_certificate(input);
  if (!certificate) return;
  HEQI_CHECK(same_bytes(certificate->der(), input));
  (void)certificate->subject().text();
  (void)certificate->issuer().matches(certificate->subject());
  (void)certificate->identity_extensions();
  (void)certificate->unknown_critical_extensions();
  (void)certificate->public_key().sm2_key();
  const auto again = x509::parse_signing_certificate(
      x509::encode_signing_certificate(x509::make_reference(*certificate)));
  HEQI_CHECK(again && again->issuer == heqi::base::to_bytes(certificate->issuer().der()));
  (void)x509::verify_issued_by(*certificate, certificate->public_key(),
                               x509::Sm2SignatureVerifier());
}

void try_request(ByteView input) {
  if (const auto csr = x509::parse_csr(input)) (void)x509::verify_possession(*csr);
  const auto body = x509::parse_csr_body(input);
  if (!body) return;
  const auto again = x509::parse_csr_body(x509::encode_csr_body(*body));
  HEQI_CHECK(again && again->subject == body->subject && again->public_key == body->public_key);
}

void try_attributes(ByteView input) {
  const auto attributes = x509::parse_signed_attributes(input);
  if (!attributes) return;
  const auto der = x509::encode_signed_attributes(*attributes);
  HEQI_CHECK(der && x509::parse_signed_attributes(*der));
}

void try_values(ByteView input) {
  if (const auto signature = x509::parse_signature(input))
    HEQI_CHECK(same_bytes(x509::encode_signature(*signature), input));
  if (const auto ciphertext = x509::parse_ciphertext(input))
    HEQI_CHECK(same_bytes(x509::encode_ciphertext(*ciphertext), input));
  if (const auto info = x509::parse_public_key_info(input)) (void)info->sm2_key();
  (void)x509::parse_private_key(input);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  try_certificate(input);
  try_request(input);
  try_attributes(input);
  try_values(input);
  return 0;
}
