// PKCS#8 (RFC 5208) and SEC 1 (RFC 5915) forms of an SM2 private key.
#include <cstring>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/public_key_info.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::x509 {
namespace {

// SEQUENCE of less than 128 octets, INTEGER 1, OCTET STRING of 32: the key's octets begin here.
constexpr std::size_t kKeyOffset = 7;
constexpr std::size_t kPrivateKeySizeMax = 4096;

base::Error not_sm2() {
  return base::fail(base::Code::unsupported, "private key: not of the SM2 curve");
}

// parse_ec_private_key reads what follows the version of ECPrivateKey.
base::Result<crypto::PrivateKey> parse_ec_private_key(asn1::Reader& reader, bool curve_known) {
  HEQI_TRY(const base::ByteView d, reader.octet_string());
  if (d.size() != crypto::kScalarSize)
    return base::fail(base::Code::malformed, "private key: not of 32 octets");
  HEQI_TRY(auto parameters, reader.explicit_tag(0));
  if (parameters) {
    HEQI_TRY(const asn1::Oid curve, parameters->oid());
    HEQI_TRY(parameters->finish());
    if (!(curve == oids::sm2_curve())) return not_sm2();
  } else if (!curve_known) {
    return not_sm2();
  }
  HEQI_TRY(auto public_part, reader.explicit_tag(1));
  HEQI_TRY(reader.finish());
  HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::decode(d));
  if (public_part) {
    HEQI_TRY(const base::ByteView point, public_part->bit_string());
    HEQI_TRY(public_part->finish());
    HEQI_TRY(const crypto::PublicKey stated, crypto::PublicKey::decode(point));
    if (!(stated == key.public_key()))
      return base::fail(base::Code::malformed, "private key: the stated public key is another's");
  }
  return key;
}

}  // namespace

base::SecretBytes encode_private_key(const crypto::PrivateKey& key) {
  // Everything but the 32 octets of d is public, so only they are put in afterwards.
  const crypto::ScalarBytes blank{};
  asn1::Writer inner;
  inner.sequence([&](asn1::Writer& w) {
    w.integer(1);
    w.octet_string(blank);
    w.explicit_tag(1, [&](asn1::Writer& tagged) { tagged.bit_string(key.public_key().encode()); });
  });
  const std::size_t inner_size = inner.bytes().size();
  asn1::Writer outer;
  outer.sequence([&](asn1::Writer& w) {
    w.integer(0);
    write_algorithm(w, make_public_key_info(key.public_key()).algorithm);
    w.octet_string(inner.bytes());
  });
  base::SecretBytes out = base::SecretBytes::copy_of(outer.bytes());
  const base::SecretArray<crypto::kScalarSize> d = key.encode();
  std::memcpy(out.expose_mutable().data() + (out.size() - inner_size + kKeyOffset),
              d.expose().data(), d.size());
  return out;
}

base::Result<crypto::PrivateKey> parse_private_key(base::ByteView der) {
  if (der.size() > kPrivateKeySizeMax)
    return base::fail(base::Code::limit_exceeded, "private key: more than 4096 octets");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader reader, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const std::int64_t version, reader.small_integer());
  const auto next = reader.peek();
  if (next && *next == asn1::kOctetString) {
    if (version != 1) return base::fail(base::Code::unsupported, "private key: unknown version");
    return parse_ec_private_key(reader, false);
  }
  if (version != 0) return base::fail(base::Code::unsupported, "private key: unknown version");
  PublicKeyInfo kind;
  HEQI_TRY(kind.algorithm, parse_algorithm(reader));
  if (!kind.is_sm2()) return not_sm2();
  HEQI_TRY(const base::ByteView octets, reader.octet_string());
  HEQI_TRY(reader.optional(asn1::context_constructed(0)));  // attributes
  HEQI_TRY(reader.finish());
  HEQI_TRY(asn1::Reader inner_outer, asn1::Reader::over(octets));
  HEQI_TRY(asn1::Reader inner, inner_outer.sequence());
  HEQI_TRY(inner_outer.finish());
  HEQI_TRY(const std::int64_t inner_version, inner.small_integer());
  if (inner_version != 1)
    return base::fail(base::Code::unsupported, "private key: unknown version");
  return parse_ec_private_key(inner, true);
}

}  // namespace heqi::x509
