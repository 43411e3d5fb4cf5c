// Time-stamp requests, answers, tokens and their contents.
// uses: heqi_pki
#include <heqi/pki/tsp.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::pki;
  const heqi::base::ByteView input(data, size);
  if (const auto request = parse_time_stamp_request(input)) {
    const auto again = parse_time_stamp_request(encode_time_stamp_request(*request));
    HEQI_CHECK(again && again->imprint == request->imprint && again->nonce == request->nonce);
  }
  if (const auto info = parse_tst_info(input)) {
    const auto again = parse_tst_info(encode_tst_info(*info));
    HEQI_CHECK(again && again->time == info->time && again->serial == info->serial);
  }
  const heqi::x509::Sm2SignatureVerifier signatures;
  const Sm3Digester digests;
  const auto answer = parse_time_stamp_answer(input);
  static_cast<void>(verify_time_stamp_token(answer ? heqi::base::ByteView(*answer) : input, {}, {},
                                            {signatures, digests}));
  return 0;
}
