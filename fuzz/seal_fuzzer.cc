// Seals and sealed signatures: what is read keeps its signed octets as found, and what is written
// from it is read again; a status list too.
// uses: heqi_documents_seal
// covers: src/documents/seal/reading.cc
// covers: src/documents/seal/seal_parse.cc
// covers: src/documents/seal/sealed_signature.cc
// covers: src/documents/seal/status_list.cc
// covers: src/documents/seal/value.cc
// covers: src/documents/seal/picture.cc
#include <heqi/documents/seal/sealed_signature.h>
#include <heqi/documents/seal/status_list.h>
#include <heqi/documents/seal/value.h>
#include <heqi/documents/seal/verify.h>
#include <heqi/x509/oids.h>

#include <algorithm>

namespace {

using namespace heqi::documents::seal;
using heqi::base::ByteView;
using heqi::base::same_bytes;

bool contains(ByteView whole, ByteView part) {
  return std::search(whole.begin(), whole.end(), part.begin(), part.end()) != whole.end();
}

const heqi::x509::Sm2SignatureVerifier kSm2;
const heqi::pki::Sm3Digester kSm3;

// NoKey signs nothing: what is made with it is read, not verified.
class NoKey final : public heqi::x509::Signer {
 public:
  heqi::x509::AlgorithmIdentifier algorithm() const override {
    return heqi::x509::sm2_with_sm3_algorithm();
  }
  heqi::base::Result<heqi::base::Bytes> sign(ByteView) override { return heqi::base::Bytes{1}; }
};

void use_seal(const Seal& seal) {
  static_cast<void>(check_picture(seal.info.picture));
  static_cast<void>(name_of(seal.layout));
  const auto carried = find_certificate_values(seal.info.extensions);
  const auto again = find_certificate_values({make_certificate_values(carried)});
  HEQI_CHECK(again.size() == carried.size());
  const SealedSignatureRequest wish{seal.der, {}, {1, 2}, "/a", seal.info.extensions};
  const auto to_sign = encode_to_sign(wish);
  HEQI_CHECK(to_sign.has_value() == (seal.layout == Layout::v4));
  const auto maker = heqi::x509::parse_certificate(seal.certificate);
  if (!maker) return;
  static_cast<void>(lists(seal.info.signers, *maker));
  if (!to_sign) return;
  const auto sealed =
      assemble_sealed_signature(*to_sign, *maker, NoKey().algorithm(), ByteView(seal.signature));
  HEQI_CHECK(sealed.has_value());
  const auto stamped = add_time_stamp(*sealed, ByteView(seal.signature));
  HEQI_CHECK(stamped && parse_sealed_signature(*stamped)->time_stamp.has_value());
  HEQI_CHECK(!add_time_stamp(*stamped, ByteView(seal.signature)));
}

void use_list(const SealStatusList& list, const Seal* seal) {
  for (const SealStatusEntry& one : list.entries)
    HEQI_CHECK(find_status(list, one.id)->since == one.since);
  const auto maker = heqi::x509::parse_certificate(list.certificate);
  NoKey nobody;
  const auto again =
      maker ? make_status_list(list.this_update, list.next_update, list.entries, *maker, nobody)
            : maker.error();
  if (again) HEQI_CHECK(same_bytes(parse_status_list(*again)->info_der, list.info_der));
  if (seal == nullptr) return;
  static_cast<void>(newest_list({list, list}, *seal, list.this_update));
  static_cast<void>(verify_status_list(list, *seal, {kSm2, kSm3}));
}

// use_pair: a seal, and a list of its maker behind it.
void use_pair(ByteView octets) {
  auto reader = heqi::asn1::Reader::over(octets);
  const auto first = reader ? reader->any() : reader.error();
  const auto second = first ? reader->any() : first.error();
  if (!second) return;
  const auto seal = parse_seal(first->whole);
  const auto list = parse_status_list(second->whole);
  if (seal && list) use_list(*list, &*seal);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView octets(data, size);
  if (const auto seal = parse_seal(octets)) {
    HEQI_CHECK(contains(octets, seal->info_der) && contains(octets, seal->der));
    use_seal(*seal);
  }
  if (const auto sealed = parse_sealed_signature(octets)) {
    HEQI_CHECK(contains(octets, sealed->to_sign));
    SealCheck check;
    check.now = heqi::base::time_from_micros(1'780'000'000'000'000);
    HEQI_CHECK(!verify_sealed_signature(*sealed, octets, check, {kSm2, kSm3}).holds());
  }
  if (const auto list = parse_status_list(octets)) use_list(*list, nullptr);
  use_pair(octets);
  if (const auto value = read_sm2_value(octets)) {
    const auto again = read_sm2_value(value->der);
    HEQI_CHECK(again && again->der == value->der && again->deviations.empty());
  }
  return 0;
}
