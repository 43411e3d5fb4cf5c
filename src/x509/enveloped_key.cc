#include <heqi/x509/enveloped_key.h>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/crypto/sm4.h>
#include <heqi/x509/algorithm.h>
#include <heqi/x509/oids.h>

namespace heqi::x509 {

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
  if (!(algorithm.oid == oids::sm4_ecb()) || !algorithm.has_no_parameters())
    return base::fail(base::Code::unsupported, "symmetric algorithm of SM2EnvelopedKey");
  HEQI_TRY(const asn1::Element sealed_session, fields.expect(asn1::kSequence));
  HEQI_TRY(const base::ByteView stated, fields.bit_string());
  HEQI_TRY(const base::ByteView sealed, fields.bit_string());
  HEQI_TRY(fields.finish());
  if (sealed.size() != crypto::kScalarSize)
    return base::fail(base::Code::malformed, "size of the encrypted private key");
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

}  // namespace heqi::x509
