// SM9 under the checker: each operation on each path that this processor has.
#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/sm9.h>

#include "operations.h"

namespace heqi::constant_time {
namespace {

using namespace crypto::sm9;

// on_each_path runs operate with SM9 on every path, and leaves the first one chosen.
void on_each_path(void (*operate)()) {
  for (const crypto::PrimitivePath& primitive : crypto::primitive_paths()) {
    if (primitive.primitive != "sm9") continue;
    for (const std::string_view path : primitive.runnable) {
      require(crypto::choose_path("sm9", path).has_value(), "the choice of a path");
      operate();
    }
    (void)crypto::choose_path("sm9", primitive.runnable.front());
  }
}

EncryptMasterKey secret_master(std::uint64_t seed) {
  SecretRandom random(seed);
  return *EncryptMasterKey::generate(random);
}

void run_sign() {
  SecretRandom random(61);
  const auto master = SignMasterKey::generate(random);
  require(master.has_value(), "SM9 master key");
  const auto key = master->extract("alice");
  const auto encoded = key->encode();
  require(SignKey::decode(encoded.expose(), master->public_key(), "alice").has_value(), "SM9 key");
  const base::Bytes message = secret_bytes(50, 62);
  const auto signature = sign(*key, message, random);
  require(signature.has_value(), "SM9 signature");
  base::ct::declassify(message);
  require(verify(master->public_key(), "alice", message, *signature).has_value(), "SM9 verify");
}

void run_encryption() {
  const EncryptMasterKey master = secret_master(63);
  const auto key = master.extract("bob");
  const auto encoded = key->encode();
  require(UserKey::decode(encoded.expose(), master.public_key(), "bob", kEncryptHid).has_value(),
          "SM9 key");
  SecretRandom random(64);
  const base::Bytes plain = secret_bytes(37, 65);
  for (const CipherMode mode : {CipherMode::stream, CipherMode::sm4}) {
    const auto sealed = encrypt(master.public_key(), "bob", plain, mode, random);
    require(sealed.has_value(), "SM9 encryption");
    const auto back = decrypt(*key, *sealed);
    require(back && base::ct::declassified(base::ct::equal_bytes(back->expose(), plain)),
            "SM9 decryption");
    Ciphertext changed = *sealed;
    changed.c2[0] ^= 1;
    require(!decrypt(*key, changed), "SM9 refusal");
  }
}

void run_exchange() {
  const EncryptMasterKey master = secret_master(66);
  const auto alice = master.extract("alice", kExchangeHid);
  const auto bob = master.extract("bob", kExchangeHid);
  SecretRandom random(67);
  const auto initiator = Initiator::begin(*alice, "bob", random);
  auto responder = Responder::answer(*bob, "alice", initiator->share(), 32, random);
  const auto agreed =
      initiator->finish_confirmed(responder->share(), 32, responder->confirmation());
  require(agreed.has_value(), "SM9 exchange");
  require(std::move(*responder).accept_confirmed(agreed->confirmation).has_value(), "SM9 exchange");
}

}  // namespace

void add_sm9_operations(Operations& all) {
  all.insert({{"sm9-sign", [] { on_each_path(run_sign); }},
              {"sm9-encryption", [] { on_each_path(run_encryption); }},
              {"sm9-exchange", [] { on_each_path(run_exchange); }}});
}

}  // namespace heqi::constant_time
