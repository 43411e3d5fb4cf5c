#include "pin.h"

#include <algorithm>

#include <heqi/base/constant_time.h>
#include <heqi/base/fault_hooks.h>
#include <heqi/crypto/kdf.h>

namespace heqi::device {
namespace {

crypto::Sm4Key pin_key(const KeySlot& slot, base::ByteView pin, const WrapKeys& keys,
                       const Progress& progress) {
  const base::SecretArray<32> device_secret = keys.pin_secret();
  base::SecretBytes password(1 + pin.size() + device_secret.size());
  auto out = password.expose_mutable().begin();
  *out++ = static_cast<std::uint8_t>(pin.size());
  out = std::copy(pin.begin(), pin.end(), out);
  std::copy(device_secret.expose().begin(), device_secret.expose().end(), out);
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

base::Status check_pin(base::ByteView pin) {
  bool fits = pin.size() >= kPinSizeMin && pin.size() <= kPinSizeMax;
  // Only the answer for all octets together decides a branch.
  std::uint64_t outside = 0;
  for (const std::uint8_t octet : pin) {
    const std::uint64_t digit = std::uint64_t(octet) - '0';  // wraps where octet is less
    outside |= digit | (9 - digit);
  }
  fits &= base::ct::declassified(base::ct::is_zero(outside >> 8));
  if (!fits) return base::fail(base::Code::malformed, "a PIN is 6 to 32 digits");
  return {};
}

base::Result<crypto::Sm4Key> new_pin_key(KeySlot& slot, base::ByteView pin, const WrapKeys& keys,
                                         std::uint32_t rounds, base::Random& random,
                                         const Progress& progress) {
  HEQI_TRY(check_pin(pin));
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
