// SM2 in batches of 32. sign_batch: messages of 32 bytes, Z and digests, the own DRBG, DER out;
// with one key and with eight. core: digest and nonce are given, numbers out. verify_batch: from
// DER, with eight keys.
#include <heqi/crypto/sm2_batch.h>
#include <heqi/x509/sm2_encoding.h>

#include <memory>

#include "../../src/crypto/sm2_batch_core.h"
#include "generator.h"
#include "peers.h"

namespace heqi::bench {
namespace {

using base::Bytes;
using crypto::PrivateKey;

constexpr std::size_t kItems = 32;
const Bytes kMessage(32, 0x61);

// Keys are shared by an operation's copies; item i has key i modulo their number.
using Keys = std::shared_ptr<const std::vector<PrivateKey>>;
Keys make_keys(std::size_t count) {
  std::vector<PrivateKey> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(*PrivateKey::generate(generator()));
  return std::make_shared<const std::vector<PrivateKey>>(std::move(keys));
}
const PrivateKey& key_of(const Keys& keys, std::size_t i) {
  return (*keys)[i % keys->size()];
}

Operation sign(std::size_t key_count) {
  const Keys keys = make_keys(key_count);
  std::vector<crypto::BatchMessage> messages;
  for (std::size_t i = 0; i < kItems; ++i) messages.push_back({&key_of(keys, i), kMessage});
  return [keys, messages] {
    const auto signatures = crypto::sign_batch(messages, generator());
    if (!signatures) return false;
    for (const crypto::Signature& signature : *signatures)
      if (x509::encode_signature(signature).empty()) return false;
    return true;
  };
}

Operation sign_core() {
  const Keys keys = make_keys(1);
  std::vector<crypto::internal::NonceAndDigest> items;
  for (std::size_t i = 0; i < kItems; ++i)
    items.push_back({&(*keys)[0], crypto::sm3(kMessage), *crypto::Scalar::draw(generator())});
  return [keys, items] { return crypto::internal::sign_batch_core(items).has_value(); };
}

Operation verify() {
  const Keys keys = make_keys(8);
  std::vector<Bytes> encoded;
  for (std::size_t i = 0; i < kItems; ++i)
    encoded.push_back(
        x509::encode_signature(*crypto::sign(key_of(keys, i), kMessage, generator())));
  return [keys, encoded] {
    std::vector<crypto::BatchSignature> signatures;
    for (std::size_t i = 0; i < kItems; ++i) {
      const auto signature = x509::parse_signature(encoded[i]);
      if (!signature) return false;
      const crypto::PublicKey& key = key_of(keys, i).public_key();
      signatures.push_back({&key, crypto::message_digest(key, kMessage), *signature});
    }
    for (const base::Status& verdict : crypto::verify_batch(signatures))
      if (!verdict) return false;
    return true;
  };
}

Operation encrypt() {
  const Keys keys = make_keys(8);
  std::vector<crypto::BatchPlain> plains;
  for (std::size_t i = 0; i < kItems; ++i)
    plains.push_back({&key_of(keys, i).public_key(), kMessage});
  return [keys, plains] { return crypto::encrypt_batch(plains, generator()).has_value(); };
}

void add_rows(std::vector<Row>& rows) {
  const std::vector<std::string> primitives = {"sm2_batch", "sm2"};
  const auto add = [&](const char* name, Prepare prepare, std::vector<Peer> peers) {
    rows.push_back({name, Unit::operations_per_second, kItems, primitives, std::move(prepare),
                    std::move(peers)});
  };
  add(
      "sm2_sign_batch", [] { return sign(1); }, sign_peers(Curve::sm2));
  add("sm2_sign_batch_8_keys", [] { return sign(8); }, {});
  add("sm2_sign_batch_core", sign_core, {});
  add("sm2_verify_batch", verify, verify_peers(Curve::sm2));
  add("sm2_encrypt_batch_32", encrypt, {});
}

const Group kGroup("crypto", add_rows);

}  // namespace
}  // namespace heqi::bench
