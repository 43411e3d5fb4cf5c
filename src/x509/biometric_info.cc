#include <heqi/x509/biometric_info.h>

namespace heqi::x509 {
namespace {

constexpr std::uint8_t kPredefinedMax = 1;  // picture, handwritten signature

const asn1::Oid& own_arc(EvidenceKind kind) {
  static const asn1::Oid kinds[] = {
      asn1::Oid::of("1.3.6.1.4.1.32473.2.2"), asn1::Oid::of("1.3.6.1.4.1.32473.2.3"),
      asn1::Oid::of("1.3.6.1.4.1.32473.2.4"), asn1::Oid::of("1.3.6.1.4.1.32473.2.5")};
  return kinds[static_cast<std::size_t>(kind) - kPredefinedMax - 1];
}

base::Result<EvidenceKind> read_kind(asn1::Reader& data) {
  if (data.peek() == asn1::kInteger) {
    HEQI_TRY(const std::int64_t number, data.small_integer());
    if (number < 0 || number > kPredefinedMax)
      return base::fail(base::Code::unsupported, "kind of biometric data");
    return static_cast<EvidenceKind>(number);
  }
  HEQI_TRY(const asn1::Oid named, data.oid());
  for (const EvidenceKind kind : {EvidenceKind::identity_document, EvidenceKind::voice,
                                  EvidenceKind::clip, EvidenceKind::fingerprint})
    if (named == own_arc(kind)) return kind;
  return base::fail(base::Code::unsupported, "kind of biometric data");
}

base::Result<EvidenceHash> read_hash(asn1::Reader& list) {
  HEQI_TRY(asn1::Reader data, list.sequence());
  EvidenceHash out;
  HEQI_TRY(out.kind, read_kind(data));
  HEQI_TRY(AlgorithmIdentifier algorithm, parse_algorithm(data));
  if (!algorithm.has_no_parameters())
    return base::fail(base::Code::malformed, "parameters of a hash algorithm");
  out.hash_algorithm = std::move(algorithm.oid);
  HEQI_TRY(const base::ByteView hash, data.octet_string());
  if (hash.empty()) return base::fail(base::Code::malformed, "empty biometric hash");
  out.hash = base::to_bytes(hash);
  HEQI_TRY(data.optional(asn1::kIa5String));  // sourceDataUri
  HEQI_TRY(data.finish());
  return out;
}

}  // namespace

const asn1::Oid& biometric_info() {
  static const asn1::Oid value = asn1::Oid::of("1.3.6.1.5.5.7.1.2");
  return value;
}

std::string_view name_of(EvidenceKind kind) {
  constexpr std::string_view names[] = {
      "picture", "handwritten_signature", "identity_document", "voice", "clip", "fingerprint"};
  return names[static_cast<std::size_t>(kind)];
}

base::Result<Extension> make_biometric_info(const std::vector<EvidenceHash>& hashes) {
  if (hashes.empty() || hashes.size() > kEvidenceHashesMax)
    return base::fail(base::Code::malformed, "number of biometric hashes");
  for (const EvidenceHash& one : hashes)
    if (one.hash.empty()) return base::fail(base::Code::malformed, "empty biometric hash");
  asn1::Writer out;
  out.sequence([&](asn1::Writer& list) {
    for (const EvidenceHash& one : hashes)
      list.sequence([&](asn1::Writer& data) {
        if (static_cast<std::uint8_t>(one.kind) <= kPredefinedMax)
          data.integer(static_cast<std::int64_t>(one.kind));
        else
          data.oid(own_arc(one.kind));
        write_algorithm(data, {one.hash_algorithm, {}});
        data.octet_string(one.hash);
      });
  });
  return Extension{biometric_info(), false, out.take()};
}

base::Result<std::vector<EvidenceHash>> parse_biometric_info(base::ByteView value) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(value));
  HEQI_TRY(asn1::Reader list, outer.sequence());
  HEQI_TRY(outer.finish());
  std::vector<EvidenceHash> out;
  while (!list.at_end()) {
    if (out.size() == kEvidenceHashesMax)
      return base::fail(base::Code::limit_exceeded, "more than 16 biometric hashes");
    HEQI_TRY(EvidenceHash one, read_hash(list));
    out.push_back(std::move(one));
  }
  if (out.empty()) return base::fail(base::Code::malformed, "no biometric hash");
  return out;
}

}  // namespace heqi::x509
