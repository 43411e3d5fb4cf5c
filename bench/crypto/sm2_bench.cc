// SM2. One-shot sign: a key object, a message of 32 bytes, Z and the digest, the own DRBG, DER out;
// verify: the same from DER; cached: with a table of the key's multiples.
#include <benchmark/benchmark.h>

#include <memory>

#include <heqi/crypto/sm2.h>
#include <heqi/x509/sm2_encoding.h>

#include "generator.h"
#include "peers.h"

namespace heqi::bench {
namespace {

using base::Bytes;
using Key = std::shared_ptr<const crypto::PrivateKey>;

Key make_key() {
  return std::make_shared<crypto::PrivateKey>(*crypto::PrivateKey::generate(generator()));
}
const Bytes kMessage(32, 0x61);

Operation sign() {
  return [key = make_key()] {
    const auto signature = crypto::sign(*key, kMessage, generator());
    return signature && !x509::encode_signature(*signature).empty();
  };
}

Operation verify() {
  const Key key = make_key();
  const Bytes der = x509::encode_signature(*crypto::sign(*key, kMessage, generator()));
  return [key, der] {
    const auto signature = x509::parse_signature(der);
    return signature && crypto::verify(key->public_key(), kMessage, *signature).has_value();
  };
}

Operation verify_cached() {
  const Key key = make_key();
  const auto prepared = std::make_shared<const crypto::VerifyingKey>(
      crypto::VerifyingKey::prepare(key->public_key()));
  const Bytes der = x509::encode_signature(*crypto::sign(*key, kMessage, generator()));
  return [prepared, der] {
    const auto signature = x509::parse_signature(der);
    return signature && crypto::verify(*prepared, kMessage, *signature).has_value();
  };
}

Operation encrypt() {
  return [key = make_key()] {
    return crypto::encrypt(key->public_key(), kMessage, generator()).has_value();
  };
}

Operation decrypt() {
  const Key key = make_key();
  const auto sealed = std::make_shared<crypto::Ciphertext>(
      *crypto::encrypt(key->public_key(), kMessage, generator()));
  return [key, sealed] { return crypto::decrypt(*key, *sealed).has_value(); };
}

Operation generate() {
  return [] { return crypto::PrivateKey::generate(generator()).has_value(); };
}

void add_rows(std::vector<Row>& rows) {
  const Unit unit = Unit::operations_per_second;
  rows.push_back({"sm2_sign", unit, 1, {"sm2"}, sign, sign_peers(Curve::sm2)});
  rows.push_back({"sm2_verify", unit, 1, {"sm2"}, verify, verify_peers(Curve::sm2)});
  rows.push_back({"sm2_verify_cached", unit, 1, {"sm2"}, verify_cached, {}});
  rows.push_back({"sm2_encrypt_32", unit, 1, {"sm2"}, encrypt, {botan::sm2_encrypt(32)}});
  rows.push_back({"sm2_decrypt_32", unit, 1, {"sm2"}, decrypt, {botan::sm2_decrypt(32)}});
  rows.push_back({"sm2_keygen", unit, 1, {"sm2"}, generate, {botan::sm2_generate()}});
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
