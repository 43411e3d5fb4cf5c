#include "legacy_cipher.h"

#include <heqi/base/result.h>

#include <algorithm>
#include <numeric>

namespace heqi::documents::pdf {

using base::Bytes;
using base::ByteView;

namespace {

using Table = std::array<std::uint8_t, 256>;

// doubled multiplies by x modulo x^8 + x^4 + x^3 + x + 1.
std::uint8_t doubled(std::uint8_t value) {
  return static_cast<std::uint8_t>(value << 1 ^ ((value & 0x80) != 0 ? 0x1B : 0));
}

std::uint8_t product(std::uint8_t a, std::uint8_t b) {
  std::uint8_t out = 0;
  for (; b != 0; b >>= 1, a = doubled(a))
    if ((b & 1) != 0) out ^= a;
  return out;
}

struct Tables {
  Table box{}, inverse{};
  Table by9{}, by11{}, by13{}, by14{};
};

// tables computes the substitution from its definition: the inverse, then the affine map (§5.1.1).
const Tables& tables() {
  static const Tables made = [] {
    Tables out;
    for (unsigned x = 0; x < 256; ++x) {
      std::uint8_t power = 1;  // x^254
      for (int i = 0; i < 254; ++i) power = product(power, static_cast<std::uint8_t>(x));
      const unsigned wide = power * 0x0101U;
      const unsigned mixed = wide ^ wide >> 4 ^ wide >> 5 ^ wide >> 6 ^ wide >> 7 ^ 0x63;
      out.box[x] = static_cast<std::uint8_t>(mixed);
      out.inverse[out.box[x]] = static_cast<std::uint8_t>(x);
      const auto octet = static_cast<std::uint8_t>(x);
      out.by9[x] = product(octet, 9), out.by11[x] = product(octet, 11);
      out.by13[x] = product(octet, 13), out.by14[x] = product(octet, 14);
    }
    return out;
  }();
  return made;
}

void add(Aes::Block& block, const Aes::Block& other) {
  for (std::size_t i = 0; i < 16; ++i) block[i] ^= other[i];
}

Aes::Block block_at(ByteView data, std::size_t at) {
  Aes::Block out;
  std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(at), 16, out.begin());
  return out;
}

}  // namespace

Bytes rc4(ByteView key, ByteView data) {
  HEQI_CHECK(!key.empty() && key.size() <= 256);
  Table state;
  std::iota(state.begin(), state.end(), std::uint8_t{0});
  std::uint8_t j = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    j = static_cast<std::uint8_t>(j + state[i] + key[i % key.size()]);
    std::swap(state[i], state[j]);
  }
  Bytes out = base::to_bytes(data);
  std::uint8_t i = 0;
  j = 0;
  for (std::uint8_t& octet : out) {
    ++i;
    j = static_cast<std::uint8_t>(j + state[i]);
    std::swap(state[i], state[j]);
    octet ^= state[static_cast<std::uint8_t>(state[i] + state[j])];
  }
  return out;
}

Aes::Aes(ByteView key) {
  HEQI_CHECK(key.size() == 16 || key.size() == 32);
  const std::size_t words = key.size() / 4, rounds = words + 7;
  Bytes all = base::to_bytes(key);
  std::uint8_t constant = 1;
  for (std::size_t i = words; i < 4 * rounds; ++i) {
    std::array<std::uint8_t, 4> word;
    std::copy_n(all.end() - 4, 4, word.begin());
    if (i % words == 0) {
      std::rotate(word.begin(), word.begin() + 1, word.end());
      for (std::uint8_t& octet : word) octet = tables().box[octet];
      word[0] ^= constant;
      constant = doubled(constant);
    } else if (words == 8 && i % words == 4) {
      for (std::uint8_t& octet : word) octet = tables().box[octet];
    }
    for (std::size_t k = 0; k < 4; ++k)
      all.push_back(static_cast<std::uint8_t>(all[4 * (i - words) + k] ^ word[k]));
  }
  for (std::size_t i = 0; i < rounds; ++i) rounds_.push_back(block_at(all, 16 * i));
}

Aes::Block Aes::encrypt(Block block) const {
  add(block, rounds_.front());
  for (std::size_t round = 1; round < rounds_.size(); ++round) {
    Block moved;
    for (std::size_t i = 0; i < 16; ++i) moved[i] = tables().box[block[(5 * i) % 16]];
    block = moved;
    if (round + 1 < rounds_.size())
      for (std::size_t c = 0; c < 16; c += 4) {
        const std::uint8_t all =
            static_cast<std::uint8_t>(moved[c] ^ moved[c + 1] ^ moved[c + 2] ^ moved[c + 3]);
        for (std::size_t k = 0; k < 4; ++k) {
          const auto pair = static_cast<std::uint8_t>(moved[c + k] ^ moved[c + (k + 1) % 4]);
          block[c + k] = static_cast<std::uint8_t>(moved[c + k] ^ all ^ doubled(pair));
        }
      }
    add(block, rounds_[round]);
  }
  return block;
}

Aes::Block Aes::decrypt(Block block) const {
  const Tables& t = tables();
  for (std::size_t round = rounds_.size() - 1; round > 0; --round) {
    add(block, rounds_[round]);
    if (round + 1 < rounds_.size()) {
      const Block mixed = block;
      for (std::size_t c = 0; c < 16; c += 4)
        for (std::size_t k = 0; k < 4; ++k)
          block[c + k] = static_cast<std::uint8_t>(
              t.by14[mixed[c + k]] ^ t.by11[mixed[c + (k + 1) % 4]] ^
              t.by13[mixed[c + (k + 2) % 4]] ^ t.by9[mixed[c + (k + 3) % 4]]);
    }
    Block moved;
    for (std::size_t i = 0; i < 16; ++i) moved[(5 * i) % 16] = t.inverse[block[i]];
    block = moved;
  }
  add(block, rounds_.front());
  return block;
}

Bytes Aes::encrypt_cbc(const Block& initial, ByteView data) const {
  HEQI_CHECK(data.size() % 16 == 0);
  Bytes out;
  out.reserve(data.size());
  Block last = initial;
  for (std::size_t at = 0; at < data.size(); at += 16) {
    add(last, block_at(data, at));
    last = encrypt(last);
    out.insert(out.end(), last.begin(), last.end());
  }
  return out;
}

Bytes Aes::decrypt_cbc(const Block& initial, ByteView data) const {
  HEQI_CHECK(data.size() % 16 == 0);
  Bytes out;
  out.reserve(data.size());
  Block last = initial;
  for (std::size_t at = 0; at < data.size(); at += 16) {
    const Block next = block_at(data, at);
    Block plain = decrypt(next);
    add(plain, last);
    out.insert(out.end(), plain.begin(), plain.end());
    last = next;
  }
  return out;
}

}  // namespace heqi::documents::pdf
