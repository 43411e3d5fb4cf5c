// Certification requests, and what stands in their extensions; what was read is asked for anew with
// a key of the target's own, which is the only one whose possession that proves.
// uses: heqi_x509 heqi_testing
// covers: src/x509/csr.cc src/x509/biometric_info.cc
#include <heqi/testing/seeded.h>
#include <heqi/x509/biometric_info.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>

namespace {

using namespace heqi;

void try_biometric_info(base::ByteView value) {
  const auto hashes = x509::parse_biometric_info(value);
  if (!hashes) return;
  const auto made = x509::make_biometric_info(*hashes);
  HEQI_CHECK(made && *x509::parse_biometric_info(made->value) == *hashes);
  for (const x509::EvidenceHash& one : *hashes) HEQI_CHECK(!x509::name_of(one.kind).empty());
}

void ask_anew(x509::CsrBody body) {
  testing::SeededRandom random(1);
  x509::SoftwareSm2Signer signer(*crypto::PrivateKey::decode(base::Bytes(32, 0x11)), random);
  const x509::PublicKeyInfo own = x509::make_public_key_info(signer.public_key());
  const bool is_own = body.public_key == own;
  const auto foreign = x509::parse_csr(*x509::make_csr(body, signer));
  HEQI_CHECK(!foreign || is_own || !x509::verify_possession(*foreign));
  body.public_key = own;
  const auto csr = x509::parse_csr(*x509::make_csr(body, signer));
  HEQI_CHECK(!csr || x509::verify_possession(*csr));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView input(data, size);
  try_biometric_info(input);
  const auto csr = x509::parse_csr(input);
  if (!csr) return 0;
  static_cast<void>(x509::verify_possession(*csr));
  if (const x509::Extension* names =
          x509::find_extension(csr->body.extensions, x509::oids::subject_alternative_name()))
    static_cast<void>(x509::parse_alternative_names(names->value));
  // What was read can be written, and reads the same again.
  const auto again = x509::parse_csr_body(x509::encode_csr_body(csr->body));
  HEQI_CHECK(again && again->subject == csr->body.subject &&
             again->public_key == csr->body.public_key &&
             again->extensions.size() == csr->body.extensions.size());
  ask_anew(csr->body);
  return 0;
}
