// heqi/x509/algorithm.h: AlgorithmIdentifier (RFC 5280 §4.1.1.2).
#pragma once
#include <heqi/asn1/oid.h>
#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>

namespace heqi::x509 {

// AlgorithmIdentifier names an algorithm; parameters is one DER element, or empty where absent.
struct AlgorithmIdentifier {
  asn1::Oid oid;
  base::Bytes parameters = {};

  // has_no_parameters tells whether they are absent or NULL.
  bool has_no_parameters() const;
  friend bool operator==(const AlgorithmIdentifier& a, const AlgorithmIdentifier& b) {
    return a.oid == b.oid && a.parameters == b.parameters;
  }
};

// parse_algorithm reads the AlgorithmIdentifier that is next in reader. Fails with malformed.
base::Result<AlgorithmIdentifier> parse_algorithm(asn1::Reader& reader);
void write_algorithm(asn1::Writer& writer, const AlgorithmIdentifier& algorithm);
base::Bytes encode_algorithm(const AlgorithmIdentifier& algorithm);

AlgorithmIdentifier sm2_with_sm3_algorithm();  // 1.2.156.10197.1.501, parameters absent
AlgorithmIdentifier sm3_algorithm();           // 1.2.156.10197.1.401, parameters absent

}  // namespace heqi::x509
