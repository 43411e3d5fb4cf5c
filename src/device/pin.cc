#include "pin.h"

#include <algorithm>

#include <heqi/base/fault_hooks.h>
#include <heqi/crypto/kdf.h>

namespace heqi::device {
namespace {

// password_of is what is stretched. The first octet tells the two forms apart: a PIN alone begins
// with its length, which is never zero.
base::SecretBytes password_of(const KeySlot& slot, base::ByteView pin, const WrapKeys& keys) {
  const base::SecretArray<32> device_secret = keys.pin_secret();
  base::Bytes head = {static_cast<std::uint8_t>(pin.size())};
  base::Bytes machine;
  if (slot.factors != kPinAlone || slot.uuid) {
    const unsigned bound = slot.uuid ? 0x80 : 0;
    head = {0, static_cast<std::uint8_t>(slot.factors | bound),
            static_cast<std::uint8_t>(pin.size())};
  }
  if (slot.uuid) base::append(machine, keys.mobile_id(*slot.uuid));
  base::SecretBytes password(head.size() + pin.size() + machine.size() + device_secret.size());
  auto out = password.expose_mutable().begin();
  out = std::copy(head.begin(), head.end(), out);
  out = std::copy(pin.begin(), pin.end(), out);
  out = std::copy(machine.begin(), machine.end(), out);
  base::secure_wipe(machine.data(), machine.size());
  std::copy(device_secret.expose().begin(), device_secret.expose().end(), out);
  return password;
}

crypto::Sm4Key pin_key(const KeySlot& slot, base::ByteView pin, const WrapKeys& keys,
                       const Progress& progress) {
  const base::SecretBytes password = password_of(slot, pin, keys);
  crypto::StretchOptions options;
  options.rounds = slot.rounds;
  options.progress = progress;
  const base::SecretBytes stretched =
      crypto::stretch(password.expose(), slot.salt, crypto::kSm4KeySize, options);
  crypto::Sm4Key key;
  std::copy(stretched.expose().begin(), stretched.expose().end(), key.expose_mutable().begin());
  HEQI_REVEAL("TK", key.expose().data(), key.size());
  HEQI_STOP_AT("pin");
  return key;
}

}  // namespace

base::Result<crypto::Sm4Key> new_pin_key(KeySlot& slot, base::ByteView pin, const WrapKeys& keys,
                                         std::uint32_t rounds, base::Random& random,
                                         const Progress& progress) {
  HEQI_TRY(check_factors(pin, slot.factors));
  HEQI_TRY(random.fill(slot.salt));
  slot.rounds = rounds;
  return pin_key(slot, pin, keys, progress);
}

void encrypt_share(KeySlot& slot, const crypto::SecretScalar& d1, const crypto::Sm4Key& key) {
  HEQI_REVEAL("d1", d1.expose().words().data(), crypto::kScalarSize);
  const base::SecretArray<kShareSize> plain(d1.expose().encode());
  crypto::Sm4(key).encrypt_blocks(plain.expose(), slot.encrypted_d1);
}

base::Status protect_share(KeySlot& slot, const crypto::SecretScalar& d1, base::ByteView pin,
                           const WrapKeys& keys, std::uint32_t rounds, base::Random& random,
                           const Progress& progress) {
  HEQI_TRY(const crypto::Sm4Key key, new_pin_key(slot, pin, keys, rounds, random, progress));
  encrypt_share(slot, d1, key);
  return {};
}

crypto::SecretScalar recover_share(const KeySlot& slot, base::ByteView pin, const WrapKeys& keys,
                                   const Progress& progress) {
  base::SecretArray<kShareSize> plain;
  crypto::Sm4(pin_key(slot, pin, keys, progress))
      .decrypt_blocks(slot.encrypted_d1, plain.expose_mutable());
  HEQI_REVEAL("d1 octets", plain.expose().data(), plain.size());
  HEQI_STOP_AT("share");
  // A wrong PIN gives 256 random bits; those not below n (one in 2^32) are no exception here.
  return crypto::SecretScalar(crypto::Scalar::reduce(plain.expose()));
}

}  // namespace heqi::device
