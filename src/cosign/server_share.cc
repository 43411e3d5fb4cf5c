#include <heqi/base/fault_hooks.h>
#include <heqi/cosign/server_share.h>
#include <heqi/crypto/kdf.h>

namespace heqi::cosign {
namespace {

using Words = std::array<std::uint64_t, 4>;  // little-endian

// n − 1 of GB/T 32918.5.
constexpr Words kOrderMinusOne = {0x53BBF40939D54122, 0x7203DF6B21C6052B, 0xFFFFFFFFFFFFFFFF,
                                  0xFFFFFFFEFFFFFFFF};
constexpr std::size_t kStreamSize = 384 / 8;

// subtract_if_not_less replaces carry:value by its difference with n − 1 where that is not
// negative.
void subtract_if_not_less(Words& value, std::uint64_t carry) {
  Words difference{};
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint64_t step = value[i] - kOrderMinusOne[i];
    const std::uint64_t under = base::ct::barrier(step > value[i]);
    difference[i] = step - borrow;
    borrow = under | base::ct::barrier(difference[i] > step);
  }
  // Not less: a carry covers the borrow, or there is none.
  const base::ct::Mask take = base::ct::mask_from_bit(carry | (borrow ^ 1));
  for (std::size_t i = 0; i < 4; ++i) value[i] = base::ct::select(take, difference[i], value[i]);
  base::secure_wipe(difference.data(), sizeof difference);
}

}  // namespace

crypto::SecretScalar scalar_of_stream(base::ByteView stream) {
  HEQI_CHECK(stream.size() <= 64);
  Words rest{};
  for (const std::uint8_t octet : stream) {
    for (int bit = 7; bit >= 0; --bit) {
      std::uint64_t carry = static_cast<std::uint64_t>(octet) >> bit & 1;
      for (std::uint64_t& word : rest) {
        const std::uint64_t high = word >> 63;
        word = word << 1 | carry;
        carry = high;
      }
      subtract_if_not_less(rest, carry);
    }
  }
  base::SecretArray<crypto::kScalarSize> octets;
  for (std::size_t i = 0; i < crypto::kScalarSize; ++i)
    octets.expose_mutable()[i] = static_cast<std::uint8_t>(rest[3 - i / 8] >> (56 - 8 * (i % 8)));
  base::secure_wipe(rest.data(), sizeof rest);
  // rest ≤ n − 2 < n, so reduce changes nothing, and the sum is in 1…n−1.
  return crypto::SecretScalar(crypto::Scalar::reduce(octets.expose()) +
                              crypto::Scalar::from_word(1));
}

base::Result<crypto::SecretScalar> derive_server_share(const crypto::Sm4Key& master_key,
                                                       std::uint32_t master_key_version,
                                                       const KeyName& name) {
  HEQI_TRY(check_key_name(name));
  base::Bytes input = Transcript("heqi d2 1").key(name).number(master_key_version).view();
  input.resize((input.size() + crypto::kSm4BlockSize - 1) / crypto::kSm4BlockSize *
               crypto::kSm4BlockSize);
  base::SecretBytes shared(input.size());
  crypto::Sm4(master_key).encrypt_blocks(input, shared.expose_mutable());
  const base::SecretBytes stream = crypto::sm2_kdf(shared.expose(), kStreamSize);
  crypto::SecretScalar d2 = scalar_of_stream(stream.expose());
  HEQI_REVEAL("stream of d2", stream.expose().data(), stream.size());
  HEQI_REVEAL("d2", d2.expose().words().data(), crypto::kScalarSize);
  HEQI_STOP_AT("derive_server_share");
  return d2;
}

}  // namespace heqi::cosign
