// Signed messages: whatever is read can be verified, stamped and read again without harm.
// uses: heqi_pki
#include <heqi/pki/cms.h>
#include <heqi/pki/crl.h>

namespace {

using heqi::base::ByteView;

void look(ByteView der) {
  using namespace heqi::pki;
  const auto message = parse_signed_data(der);
  if (!message) return;
  const heqi::x509::Sm2SignatureVerifier signatures;
  const Sm3Digester digests;
  const Algorithms algorithms{signatures, digests};
  for (std::size_t i = 0; i < message->signers.size(); ++i)
    static_cast<void>(verify_signed_data(*message, ByteView(), {i, {}}, algorithms));
  static_cast<void>(verify_encapsulated(*message, {}, algorithms));
  static_cast<void>(check_certificates(*message, {}, algorithms));
  for (const heqi::base::Bytes& crl : message->crls) static_cast<void>(parse_crl(crl));
  const auto stamped = add_unsigned_attribute(der, time_stamp_attribute(heqi::base::Bytes{5, 0}));
  if (stamped) HEQI_CHECK(parse_signed_data(*stamped).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  look(input);
  if (const auto prefix = heqi::pki::der_prefix_of(input)) look(*prefix);
  return 0;
}
