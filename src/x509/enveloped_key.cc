#include <heqi/x509/enveloped_key.h>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/crypto/sm4.h>
#include <heqi/x509/algorithm.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {
namespace {

// check_symmetric names the ciphers that other key centres are known to take.
base::Status check_symmetric(const AlgorithmIdentifier& algorithm) {
  const std::string dotted = algorithm.oid.dotted();
  if (algorithm.oid == oids::sm4_ecb()) {
    if (algorithm.has_no_parameters()) return {};
    return base::fail(base::Code::unsupported, "SM4-ECB with parameters in an SM2EnvelopedKey");
  }
  constexpr std::string_view arc = "1.2.156.10197.1.10";  // .101 SM6 … .105 SM7
  std::string name = "a cipher";
  if (dotted.starts_with(arc) && dotted.size() > arc.size()) {
    const char which = dotted[arc.size()];
    name = which == '1'   ? "SM6"
           : which == '2' ? "SM1"
           : which == '3' ? "SSF33"
           : which == '4' ? (dotted.size() == arc.size() + 1 ? "SM4 without a mode"
                                                             : "SM4 in another mode than ECB")
                          : "a cipher";
  }
  return base::fail(base::Code::unsupported,
                    "symmetric algorithm of SM2EnvelopedKey: " + name + " (" + dotted + ")");
}

// check_sealed_size names the two sizes that others are known to write.
base::Status check_sealed_size(std::size_t size) {
  if (size == crypto::kScalarSize) return {};
  std::string what = "the encrypted private key has " + std::to_string(size) + " octets, not 32";
  if (size == 48) what += ": padded (PKCS #7), which GB/T 35276 does not say";
  if (size == 64) what += ": filled up to 512 bits, as in the structures of GM/T 0016 and 0018";
  return base::fail(base::Code::malformed, what);
}

}  // namespace

base::Result<base::Bytes> seal_enveloped_key(const crypto::PrivateKey& key,
                                             const crypto::PublicKey& receiver,
                                             base::Random& random) {
  crypto::Sm4Key session;
  HEQI_TRY(random.fill(session.expose_mutable()));
  const base::SecretArray<crypto::kScalarSize> plain = key.encode();
  base::Bytes sealed(crypto::kScalarSize);
  crypto::Sm4(session).encrypt_blocks(plain.expose(), sealed);
  HEQI_TRY(const crypto::Ciphertext sealed_session,
           crypto::encrypt(receiver, session.expose(), random));
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    write_algorithm(w, {oids::sm4_ecb(), {}});
    w.raw(encode_ciphertext(sealed_session));
    w.bit_string(key.public_key().encode());
    w.bit_string(sealed);
  });
  return out.take();
}

base::Result<crypto::PrivateKey> open_enveloped_key(base::ByteView der,
                                                    const crypto::PrivateKey& receiver) {
  if (der.size() > kEnvelopedKeySizeMax)
    return base::fail(base::Code::limit_exceeded, "SM2EnvelopedKey of more than 4096 octets");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader fields, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const AlgorithmIdentifier algorithm, parse_algorithm(fields));
  HEQI_TRY(check_symmetric(algorithm));
  if (fields.peek() == asn1::kOctetString || fields.peek() == asn1::kBitString)
    return base::fail(base::Code::malformed,
                      "the session key is no SM2Cipher but bare octets (C1C2C3 or C1C3C2), as old "
                      "software writes them");
  HEQI_TRY(const asn1::Element sealed_session, fields.expect(asn1::kSequence));
  HEQI_TRY(const base::ByteView stated, fields.bit_string());
  HEQI_TRY(const base::ByteView sealed, fields.bit_string());
  HEQI_TRY(fields.finish());
  HEQI_TRY(check_sealed_size(sealed.size()));
  if (stated.size() == 2 * crypto::kScalarSize)
    return base::fail(base::Code::malformed, "the public key is bare X || Y without 04 before it");
  HEQI_TRY(const crypto::PublicKey public_key, crypto::PublicKey::decode(stated));
  HEQI_TRY(const crypto::Ciphertext ciphertext, parse_ciphertext(sealed_session.whole));
  HEQI_TRY(const base::SecretBytes session, crypto::decrypt(receiver, ciphertext));
  if (session.size() != crypto::kSm4KeySize)
    return base::fail(base::Code::malformed, "size of the session key");
  base::SecretBytes plain(crypto::kScalarSize);
  const crypto::Sm4Key session_key(session.expose().first<crypto::kSm4KeySize>());
  crypto::Sm4(session_key).decrypt_blocks(sealed, plain.expose_mutable());
  auto key = crypto::PrivateKey::decode(plain.expose());
  // Which of the two faults it was would tell about the plain text.
  if (!key || !(key->public_key() == public_key))
    return base::fail(base::Code::invalid_signature, "the private key does not fit the public key");
  return key;
}

base::Result<crypto::PublicKey> stated_public_key(base::ByteView der) {
  if (der.size() > kEnvelopedKeySizeMax)
    return base::fail(base::Code::limit_exceeded, "SM2EnvelopedKey of more than 4096 octets");
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader fields, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(parse_algorithm(fields));
  HEQI_TRY(fields.expect(asn1::kSequence));
  HEQI_TRY(const base::ByteView stated, fields.bit_string());
  HEQI_TRY(fields.bit_string());
  HEQI_TRY(fields.finish());
  return crypto::PublicKey::decode(stated);
}

}  // namespace heqi::x509
