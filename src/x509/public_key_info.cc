#include <heqi/x509/oids.h>
#include <heqi/x509/public_key_info.h>

namespace heqi::x509 {
namespace {

const base::Bytes& sm2_curve_element() {
  static const base::Bytes value = asn1::Writer().oid(oids::sm2_curve()).take();
  return value;
}

}  // namespace

bool PublicKeyInfo::is_sm2() const {
  if (algorithm.oid == oids::ec_public_key()) return algorithm.parameters == sm2_curve_element();
  return algorithm.oid == oids::sm2_curve();
}

base::Result<crypto::PublicKey> PublicKeyInfo::sm2_key() const {
  if (!is_sm2())
    return base::fail(base::Code::unsupported,
                      "the public key is not of SM2 but of " + algorithm.oid.dotted());
  return crypto::PublicKey::decode(key);
}

base::Bytes PublicKeyInfo::key_identifier() const {
  const crypto::Digest digest = crypto::sm3(key);
  return base::Bytes(digest.begin(), digest.begin() + kKeyIdentifierSize);
}

PublicKeyInfo make_public_key_info(const crypto::PublicKey& key) {
  const crypto::PointBytes point = key.encode();
  PublicKeyInfo out;
  out.algorithm = {oids::ec_public_key(), sm2_curve_element()};
  out.key.assign(point.begin(), point.end());
  asn1::Writer writer;
  writer.sequence([&](asn1::Writer& w) {
    write_algorithm(w, out.algorithm);
    w.bit_string(out.key);
  });
  out.der = writer.take();
  return out;
}

base::Result<PublicKeyInfo> parse_public_key_info(asn1::Reader& reader) {
  HEQI_TRY(const asn1::Element whole, reader.expect(asn1::kSequence));
  HEQI_TRY(asn1::Reader inner, reader.enter(whole));
  PublicKeyInfo out;
  HEQI_TRY(out.algorithm, parse_algorithm(inner));
  HEQI_TRY(const base::ByteView key, inner.bit_string());
  HEQI_TRY(inner.finish());
  if (key.empty()) return asn1::malformed_element("empty public key", whole);
  out.key = base::to_bytes(key);
  out.der = base::to_bytes(whole.whole);
  return out;
}

base::Result<PublicKeyInfo> parse_public_key_info(base::ByteView der) {
  HEQI_TRY(asn1::Reader reader, asn1::Reader::over(der));
  HEQI_TRY(PublicKeyInfo out, parse_public_key_info(reader));
  HEQI_TRY(reader.finish());
  return out;
}

}  // namespace heqi::x509
