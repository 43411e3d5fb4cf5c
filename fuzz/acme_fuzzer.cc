// Signed requests of ACME clients.
// uses: heqi_services_acme
#include <heqi/services/acme/jws.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::services::acme;
  const auto jws = parse_jws(heqi::base::ByteView(data, size));
  if (!jws) return 0;
  HEQI_CHECK(jws->key.has_value() == jws->account_url.empty());
  if (jws->key) {
    HEQI_CHECK(jws->key->thumbprint.size() == 43);
    static_cast<void>(verify_jws(*jws, jws->key->public_key));
  }
  return 0;
}
