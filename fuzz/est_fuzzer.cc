// What EST and GM/T 0092 carry: certificates only, pairs of certificates with an enveloped key.
// uses: heqi_pki
#include <heqi/pki/certificate_response.h>
#include <heqi/pki/certificates_only.h>
#include <heqi/x509/enveloped_key.h>

namespace {

// receiver is a fixed key: envelopes of the corpus are for it.
const heqi::crypto::PrivateKey& receiver() {
  static const heqi::crypto::PrivateKey key =
      *heqi::crypto::PrivateKey::decode(heqi::base::Bytes(32, 0x11));
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi;
  const base::ByteView input(data, size);
  if (const auto list = pki::parse_certificates_only(input)) {
    const auto again = pki::parse_certificates_only(pki::encode_certificates_only(*list));
    HEQI_CHECK(again && again->size() == list->size());
  }
  static_cast<void>(x509::open_enveloped_key(input, receiver()));
  const x509::PublicKeyInfo key = x509::make_public_key_info(receiver().public_key());
  if (const auto response = pki::parse_certificate_response(input, key)) {
    const auto der = pki::encode_certificate_response(*response);
    HEQI_CHECK(der && pki::parse_certificate_response(*der, key));
    static_cast<void>(x509::open_enveloped_key(response->enveloped_key, receiver()));
  }
  return 0;
}
