// What EST and GM/T 0092 carry: credentials, Base64 bodies, certificates only, pairs of
// certificates with an enveloped key.
// uses: heqi_pki heqi_http heqi_testing_pki
// covers: src/pki/certificate_response.cc src/pki/certificates_only.cc src/x509/enveloped_key.cc
// covers: src/http/basic_credentials.cc
#include <heqi/base/text.h>
#include <heqi/http/basic_credentials.h>
#include <heqi/pki/certificate_response.h>
#include <heqi/pki/certificates_only.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/enveloped_key.h>

namespace {

using namespace heqi;
using base::ByteView;

// receiver is a fixed key: envelopes and certificates of the corpus are for it.
const crypto::PrivateKey& receiver() {
  static const crypto::PrivateKey key = *crypto::PrivateKey::decode(base::Bytes(32, 0x11));
  return key;
}

void try_certificates_only(ByteView der) {
  const auto list = pki::parse_certificates_only(der);
  if (!list) return;
  const auto again = pki::parse_certificates_only(pki::encode_certificates_only(*list));
  HEQI_CHECK(again && again->size() == list->size());
}

void try_response(ByteView der) {
  const x509::PublicKeyInfo key = x509::make_public_key_info(receiver().public_key());
  const auto response = pki::parse_certificate_response(der, key);
  if (!response) return;
  const auto again = pki::encode_certificate_response(*response);
  HEQI_CHECK(again && pki::parse_certificate_response(*again, key));
  static_cast<void>(x509::open_enveloped_key(response->enveloped_key, receiver()));
  auto half = *response;
  half.encryption = half.encryption.empty() ? half.signature : std::vector<x509::Certificate>();
  HEQI_CHECK(!pki::encode_certificate_response(half));
  HEQI_CHECK(!pki::encode_certificate_response({}));
}

// A key that is sealed comes out again, and not for another receiver.
void try_envelope(ByteView der) {
  const auto opened = x509::open_enveloped_key(der, receiver());
  if (!opened) return;
  testing::SeededRandom random(1);
  const auto sealed = x509::seal_enveloped_key(*opened, receiver().public_key(), random);
  HEQI_CHECK(sealed && x509::open_enveloped_key(*sealed, receiver()));
  const auto other = crypto::PrivateKey::decode(base::Bytes(32, 0x22));
  HEQI_CHECK(!x509::open_enveloped_key(*sealed, *other));
}

void try_der(ByteView der) {
  try_certificates_only(der);
  try_envelope(der);
  try_response(der);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  try_der(input);
  if (const auto body = pki::parse_est_body(base::text_of(input))) {
    HEQI_CHECK(*pki::parse_est_body(pki::encode_est_body(*body)) == *body);
    try_der(*body);
    static_cast<void>(x509::parse_csr(*body));
  }
  if (const auto credentials = http::parse_basic_credentials(base::text_of(input)))
    HEQI_CHECK(credentials->name.find(':') == std::string::npos);
  return 0;
}
