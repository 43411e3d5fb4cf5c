// Requests of ACME clients: the signed form, and the payloads inside, which are tried on the input
// itself too.
// uses: heqi_services_acme
// covers: src/services/acme/jws.cc src/services/acme/payloads.cc
#include <heqi/services/acme/payloads.h>

namespace {

using namespace heqi::services::acme;

void try_payloads(heqi::base::ByteView payload) {
  if (const auto wish = parse_account_wish(payload))
    HEQI_CHECK(wish->contact.empty() || wish->contact.back() == '\n');
  static_cast<void>(parse_account_update(payload));
  if (const auto names = parse_order(payload))
    HEQI_CHECK(!names->empty() && names->size() <= kNamesMax);
  if (const auto wish = parse_finalization(payload))
    HEQI_CHECK(heqi::base::same_bytes(wish->csr.der, wish->der));
  if (const auto wish = parse_revocation(payload))
    HEQI_CHECK(heqi::base::same_bytes(wish->certificate.der(), wish->der));
  static_cast<void>(parse_key_change(payload));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const heqi::base::ByteView input(data, size);
  try_payloads(input);
  const auto jws = parse_jws(input);
  if (!jws) return 0;
  HEQI_CHECK(jws->key.has_value() == jws->account_url.empty());
  try_payloads(jws->payload);
  if (jws->key) {
    HEQI_CHECK(jws->key->thumbprint.size() == 43);
    static_cast<void>(verify_jws(*jws, jws->key->public_key));
  }
  return 0;
}
