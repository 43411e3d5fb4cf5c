// OCSP requests and answers: what is read as a request is written back and read as the same.
// uses: heqi_pki
#include <heqi/pki/ocsp.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::pki;
  const heqi::base::ByteView input(data, size);
  if (const auto request = parse_ocsp_request(input)) {
    const auto again = parse_ocsp_request(encode_ocsp_request(*request));
    HEQI_CHECK(again && again->questions == request->questions && again->nonce == request->nonce);
  }
  if (const auto answer = parse_ocsp_answer(input)) {
    const heqi::x509::Sm2SignatureVerifier signatures;
    const Sm3Digester digests;
    for (const heqi::x509::Certificate& certificate : answer->certificates)
      static_cast<void>(verify_ocsp_answer(*answer, certificate, certificate.serial(), {},
                                           {signatures, digests}));
  }
  return 0;
}
