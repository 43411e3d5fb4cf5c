// Certificate revocation lists.
// uses: heqi_pki
#include <heqi/pki/crl.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::pki;
  const heqi::base::ByteView input(data, size);
  const auto delta = parse_delta_crl(input);
  if (delta) HEQI_CHECK(!delta->body.base_number.empty() && !parse_crl(input));
  auto crl = parse_crl(input);
  if (!crl) return 0;
  HEQI_CHECK(!apply_delta(*crl, *crl));
  for (const RevokedEntry& entry : crl->body.revoked)
    HEQI_CHECK(find_revoked(*crl, entry.serial) != nullptr);
  crl->body.freshest_urls.clear();  // read as they are, written in ASCII only
  const auto tbs = encode_crl_body(crl->body, crl->signature_algorithm);
  HEQI_CHECK(tbs.has_value());
  return 0;
}
