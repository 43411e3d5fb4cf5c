// sm4.cc: GB/T 32907, sixteen blocks at a time: rounds on words, the S-box on bit slices.
#include <heqi/crypto/sm4.h>

#include <algorithm>
#include <bit>

#include "sm4_substitution.h"

namespace heqi::crypto {
namespace {

constexpr std::size_t kBatch = 16;
using Batch = std::array<std::uint32_t, kBatch>;
using RoundKeys = std::array<std::uint32_t, 32>;

constexpr std::array<std::uint32_t, 4> kFamilyKey = {0xA3B1BAC6, 0x56AA3350, 0x677D9197,
                                                     0xB27022DC};
consteval RoundKeys make_constant_key() {
  RoundKeys out{};
  for (std::uint32_t i = 0; i < 32; ++i)
    for (std::uint32_t j = 0; j < 4; ++j) out[i] = out[i] << 8 | ((4 * i + j) * 7 & 0xFF);
  return out;
}
constexpr RoundKeys kConstantKey = make_constant_key();

std::uint32_t load_be32(const std::uint8_t* in) {
  return std::uint32_t(in[0]) << 24 | std::uint32_t(in[1]) << 16 | std::uint32_t(in[2]) << 8 |
         in[3];
}
void store_be32(std::uint8_t* out, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

// substitute_words is the non-linear τ on each byte of the words.
void substitute_words(Batch& words) {
  internal::Slices slices;
  for (std::size_t i = 0; i < 8; ++i)
    slices[i] = words[2 * i] | std::uint64_t(words[2 * i + 1]) << 32;
  internal::transpose(slices);
  slices = internal::substitute(slices);
  internal::transpose(slices);
  for (std::size_t i = 0; i < 8; ++i) {
    words[2 * i] = static_cast<std::uint32_t>(slices[i]);
    words[2 * i + 1] = static_cast<std::uint32_t>(slices[i] >> 32);
  }
}

void round(const Batch& x1, const Batch& x2, const Batch& x3, std::uint32_t key, Batch& x0) {
  Batch t;
  for (std::size_t i = 0; i < kBatch; ++i) t[i] = x1[i] ^ x2[i] ^ x3[i] ^ key;
  substitute_words(t);
  for (std::size_t i = 0; i < kBatch; ++i)
    x0[i] ^=
        t[i] ^ std::rotl(t[i], 2) ^ std::rotl(t[i], 10) ^ std::rotl(t[i], 18) ^ std::rotl(t[i], 24);
}

// crypt_batch runs the rounds over up to sixteen blocks.
void crypt_batch(const RoundKeys& keys, const std::uint8_t* in, std::uint8_t* out,
                 std::size_t blocks) {
  std::array<Batch, 4> x{};
  for (std::size_t i = 0; i < blocks; ++i)
    for (std::size_t j = 0; j < 4; ++j) x[j][i] = load_be32(in + 16 * i + 4 * j);
  for (std::size_t i = 0; i < 32; i += 4) {
    round(x[1], x[2], x[3], keys[i], x[0]);
    round(x[2], x[3], x[0], keys[i + 1], x[1]);
    round(x[3], x[0], x[1], keys[i + 2], x[2]);
    round(x[0], x[1], x[2], keys[i + 3], x[3]);
  }
  for (std::size_t i = 0; i < blocks; ++i)
    for (std::size_t j = 0; j < 4; ++j) store_be32(out + 16 * i + 4 * j, x[3 - j][i]);
  base::secure_wipe(x.data(), sizeof x);
}

void crypt(const RoundKeys& keys, base::ByteView in, base::MutableByteView out) {
  HEQI_CHECK(in.size() % kSm4BlockSize == 0 && out.size() == in.size());
  for (std::size_t at = 0; at < in.size(); at += kBatch * kSm4BlockSize) {
    const std::size_t blocks = std::min(kBatch, (in.size() - at) / kSm4BlockSize);
    crypt_batch(keys, in.data() + at, out.data() + at, blocks);
  }
}

}  // namespace

Sm4::Sm4(const Sm4Key& key) {
  std::array<std::uint32_t, 4> k;
  for (std::size_t i = 0; i < 4; ++i) k[i] = load_be32(key.expose().data() + 4 * i) ^ kFamilyKey[i];
  for (std::size_t i = 0; i < 32; ++i) {
    Batch t{};
    t[0] = k[(i + 1) % 4] ^ k[(i + 2) % 4] ^ k[(i + 3) % 4] ^ kConstantKey[i];
    substitute_words(t);
    k[i % 4] ^= t[0] ^ std::rotl(t[0], 13) ^ std::rotl(t[0], 23);
    round_keys_[i] = k[i % 4];
  }
  base::secure_wipe(k.data(), sizeof k);
}

Sm4::~Sm4() {
  base::secure_wipe(round_keys_.data(), sizeof round_keys_);
}

void Sm4::encrypt_blocks(base::ByteView in, base::MutableByteView out) const {
  crypt(round_keys_, in, out);
}

void Sm4::decrypt_blocks(base::ByteView in, base::MutableByteView out) const {
  RoundKeys reversed;
  std::reverse_copy(round_keys_.begin(), round_keys_.end(), reversed.begin());
  crypt(reversed, in, out);
  base::secure_wipe(reversed.data(), sizeof reversed);
}

}  // namespace heqi::crypto
