// Certificate revocation lists.
// uses: heqi_pki
#include <heqi/pki/crl.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::pki;
  const auto crl = parse_crl(heqi::base::ByteView(data, size));
  if (!crl) return 0;
  for (const RevokedEntry& entry : crl->body.revoked)
    HEQI_CHECK(find_revoked(*crl, entry.serial) != nullptr);
  const auto tbs = encode_crl_body(crl->body, crl->signature_algorithm);
  HEQI_CHECK(tbs.has_value());
  return 0;
}
