// Seals and sealed signatures: what is read keeps its signed octets as found; a status list too.
// uses: heqi_documents_seal
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/documents/seal/status_list.h>
#include <heqi/documents/seal/value.h>
#include <heqi/documents/seal/verify.h>

#include <algorithm>

namespace {

using namespace heqi::documents::seal;
using heqi::base::ByteView;

bool contains(ByteView whole, ByteView part) {
  return std::search(whole.begin(), whole.end(), part.begin(), part.end()) != whole.end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  if (const auto seal = parse_seal(octets)) {
    HEQI_CHECK(contains(octets, seal->info_der) && contains(octets, seal->der));
    static_cast<void>(check_picture(seal->info.picture));
  }
  if (const auto sealed = parse_sealed_signature(octets)) {
    HEQI_CHECK(contains(octets, sealed->to_sign));
    const heqi::x509::Sm2SignatureVerifier sm2;
    const heqi::pki::Sm3Digester sm3;
    SealCheck check;
    check.now = heqi::base::time_from_micros(1'780'000'000'000'000);
    HEQI_CHECK(!verify_sealed_signature(*sealed, octets, check, {sm2, sm3}).holds());
  }
  static_cast<void>(parse_status_list(octets));
  if (const auto value = read_sm2_value(octets)) {
    const auto again = read_sm2_value(value->der);
    HEQI_CHECK(again && again->der == value->der && again->deviations.empty());
  }
  return 0;
}
