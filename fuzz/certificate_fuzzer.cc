// uses: heqi_x509 heqi_testing
// covers: src/x509/certificate.cc src/x509/extension.cc src/x509/extension_values.cc
// covers: src/x509/general_name.cc src/x509/name.cc src/x509/public_key_info.cc
// covers: src/x509/signed_attributes.cc src/x509/sm2_encoding.cc
// covers: src/x509/private_key_encoding.cc
// Certificates, requests, attributes, keys and SM2 values: whatever comes in, the parsers stay
// within it, and what has one form only is written again as it was read.
#include <heqi/asn1/writer.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

namespace {

using heqi::base::ByteView;
using heqi::base::same_bytes;
namespace crypto = heqi::crypto;
namespace testing = heqi::testing;
namespace x509 = heqi::x509;

// make_again makes a name with the maker of its kind.
x509::GeneralName make_again(const x509::GeneralName& name) {
  using Kind = x509::GeneralName::Kind;
  switch (name.kind) {
    case Kind::dns:
      return x509::dns_name(name.text);
    case Kind::email:
      return x509::email_name(name.text);
    case Kind::uri:
      return x509::uri_name(name.text);
    case Kind::ip_address:
      return x509::ip_name(name.value);
    case Kind::directory:
      return x509::directory_name(name.value);
    default:
      return name;
  }
}

// write_extensions_of writes the values that were read of certificate.
std::vector<x509::Extension> write_extensions_of(const x509::Certificate& certificate) {
  std::vector<x509::Extension> out;
  const auto add = [&](const auto& made) {
    if (made) out.push_back(*made);
  };
  const auto add_made = [&](x509::Extension made) { out.push_back(std::move(made)); };
  if (certificate.basic_constraints())
    add_made(x509::make_basic_constraints(*certificate.basic_constraints()));
  if (!certificate.extended_key_usage().empty())
    add_made(x509::make_extended_key_usage(certificate.extended_key_usage()));
  if (!certificate.policies().empty())
    add_made(x509::make_certificate_policies(certificate.policies()));
  add_made(x509::make_subject_key_identifier(certificate.public_key()));
  add_made(x509::make_authority_key_identifier(certificate.public_key().key_identifier()));
  add_made(x509::make_ocsp_no_check());
  std::vector<x509::GeneralName> names;
  for (const x509::GeneralName& one : certificate.subject_alternative_names()) {
    names.push_back(make_again(one));
    HEQI_CHECK(one.text.empty() || names.back().text == one.text);
  }
  add(x509::make_subject_alternative_names(names));
  add(x509::make_crl_distribution_points(certificate.crl_distribution_points()));
  add(x509::make_authority_information_access(certificate.access_locations()));
  for (const x509::IdentityExtension& one : certificate.identity_extensions())
    if (x509::find_extension(out, one.type) == nullptr)
      add_made(x509::make_identity_extension(one.type, one.text));
  return out;
}

// write_anew has a key of the target's own certify what certificate says, where our builder takes
// that.
void write_anew(const x509::Certificate& certificate) {
  testing::SeededRandom random(1);
  x509::SoftwareSm2Signer signer(*crypto::PrivateKey::decode(heqi::base::Bytes(32, 0x11)), random);
  std::vector<x509::Name::Wanted> texts;
  for (const x509::NameAttribute& one : certificate.subject().attributes())
    texts.push_back({one.type, one.text});
  const auto subject = x509::Name::make(texts);
  const auto made = x509::make_certificate({.serial = certificate.serial(),
                                            .issuer = certificate.issuer(),
                                            .not_before = certificate.not_before(),
                                            .not_after = certificate.not_after(),
                                            .subject = subject ? *subject : certificate.subject(),
                                            .public_key = certificate.public_key(),
                                            .extensions = write_extensions_of(certificate)},
                                           signer);
  if (!made) return;
  HEQI_CHECK(made->is_ca() == certificate.is_ca() && made->policies() == certificate.policies());
  HEQI_CHECK(x509::verify_issued_by(*made, x509::make_public_key_info(signer.public_key()),
                                    x509::Sm2SignatureVerifier())
                 .has_value());
}

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
  x509::SignedAttributes attributes;
  attributes.signing_certificate = *again;
  HEQI_CHECK(x509::verify_signing_certificate(attributes, *certificate).has_value());
  (void)x509::verify_issued_by(*certificate, certificate->public_key(),
                               x509::Sm2SignatureVerifier());
  const auto pem = x509::parse_certificates_pem(x509::to_pem(*certificate));
  HEQI_CHECK(pem && pem->size() == 1 && pem->front() == *certificate);
  write_anew(*certificate);
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
  (void)x509::verify_content(*attributes, input);
  const auto der = x509::encode_signed_attributes(*attributes);
  HEQI_CHECK(der && x509::parse_signed_attributes(*der));
}

void try_values(ByteView input) {
  if (const auto signature = x509::parse_signature(input))
    HEQI_CHECK(same_bytes(x509::encode_signature(*signature), input));
  if (const auto raw = x509::parse_raw_signature(input))
    HEQI_CHECK(same_bytes(x509::encode_raw_signature(*raw), input));
  if (const auto ciphertext = x509::parse_ciphertext(input))
    HEQI_CHECK(same_bytes(x509::encode_ciphertext(*ciphertext), input));
  if (const auto info = x509::parse_public_key_info(input)) (void)info->sm2_key();
  if (const auto key = x509::parse_private_key(input))
    HEQI_CHECK(x509::parse_private_key(x509::encode_private_key(*key).expose()).has_value());
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
