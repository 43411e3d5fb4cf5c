#include <heqi/x509/algorithm.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {

bool AlgorithmIdentifier::has_no_parameters() const {
  static constexpr std::uint8_t kNullElement[] = {0x05, 0x00};
  return parameters.empty() || base::same_bytes(parameters, kNullElement);
}

base::Result<AlgorithmIdentifier> parse_algorithm(asn1::Reader& reader) {
  HEQI_TRY(asn1::Reader inner, reader.sequence());
  AlgorithmIdentifier out;
  HEQI_TRY(out.oid, inner.oid());
  if (!inner.at_end()) {
    HEQI_TRY(const asn1::Element parameters, inner.any());
    out.parameters = base::to_bytes(parameters.whole);
  }
  HEQI_TRY(inner.finish());
  return out;
}

void write_algorithm(asn1::Writer& writer, const AlgorithmIdentifier& algorithm) {
  writer.sequence([&](asn1::Writer& w) {
    w.oid(algorithm.oid);
    w.raw(algorithm.parameters);
  });
}

base::Bytes encode_algorithm(const AlgorithmIdentifier& algorithm) {
  asn1::Writer out;
  write_algorithm(out, algorithm);
  return out.take();
}

AlgorithmIdentifier sm2_with_sm3_algorithm() {
  return {oids::sm2_with_sm3(), {}};
}

AlgorithmIdentifier sm3_algorithm() {
  return {oids::sm3(), {}};
}

}  // namespace heqi::x509
