// ctr_drbg.cc: names are those of SP 800-90A §10.2.1 and §10.3.2.
#include <heqi/crypto/ctr_drbg.h>

#include <algorithm>

#include "sm3_bytes.h"

namespace heqi::crypto {
namespace {

constexpr std::size_t kNistRequestMax = 65536;
using Block = base::SecretArray<kSm4BlockSize>;

// Chain is BCC: blocks chained under one key, fed octet by octet.
class Chain {
 public:
  explicit Chain(const Sm4& cipher) : cipher_(cipher) {}
  void add(base::ByteView part) {
    for (const std::uint8_t octet : part) {
      const auto value = value_.expose_mutable();
      value[held_] = static_cast<std::uint8_t>(value[held_] ^ octet);
      if (++held_ == kSm4BlockSize) turn();
    }
  }
  // finish fills the last block with zeros.
  const Block& finish() {
    if (held_ != 0) turn();
    return value_;
  }

 private:
  void turn() {
    cipher_.encrypt_blocks(value_.expose(), value_.expose_mutable());
    held_ = 0;
  }

  const Sm4& cipher_;
  Block value_;
  std::size_t held_ = 0;
};

constexpr std::array<std::uint8_t, 1> kEnd = {0x80};

}  // namespace

// derive is Block_Cipher_df (§10.3.2) of 32 octets.
CtrDrbgState::Seed CtrDrbgState::derive(std::initializer_list<base::ByteView> material) {
  std::size_t size = 0;
  for (const base::ByteView part : material) size += part.size();
  std::array<std::uint8_t, 8> lengths;  // L || N
  internal::store_be32(lengths.data(), static_cast<std::uint32_t>(size));
  internal::store_be32(lengths.data() + 4, kSeedSize);

  Sm4Key fixed;
  for (std::uint8_t i = 0; i < kSm4KeySize; ++i) fixed.expose_mutable()[i] = i;
  const Sm4 outer(fixed);
  Seed temporary, out;
  for (std::uint32_t i = 0; i < 2; ++i) {
    std::array<std::uint8_t, kSm4BlockSize> iv{};
    internal::store_be32(iv.data(), i);
    Chain chain(outer);
    chain.add(iv);
    chain.add(lengths);
    for (const base::ByteView part : material) chain.add(part);
    chain.add(kEnd);
    const auto made = chain.finish().expose();
    std::copy(made.begin(), made.end(), temporary.expose_mutable().data() + 16 * i);
  }
  const Sm4 inner(Sm4Key(temporary.expose().first<kSm4KeySize>()));
  Block x(temporary.expose().last<kSm4BlockSize>());
  for (std::size_t at = 0; at < kSeedSize; at += kSm4BlockSize) {
    inner.encrypt_blocks(x.expose(), x.expose_mutable());
    std::copy(x.expose().begin(), x.expose().end(), out.expose_mutable().data() + at);
  }
  return out;
}

// next_blocks encrypts V + 1, V + 2, ….
void CtrDrbgState::next_blocks(base::MutableByteView out) {
  const Sm4 cipher(key_);
  Block block;
  for (std::size_t at = 0; at < out.size(); at += kSm4BlockSize) {
    unsigned carry = 1;
    const auto v = v_.expose_mutable();
    for (std::size_t i = kSm4BlockSize; i-- > 0;) {
      carry += v[i];
      v[i] = static_cast<std::uint8_t>(carry & 0xFF);
      carry >>= 8;
    }
    cipher.encrypt_blocks(v_.expose(), block.expose_mutable());
    std::copy_n(block.expose().begin(), std::min(kSm4BlockSize, out.size() - at), out.data() + at);
  }
}

// update is CTR_DRBG_Update (§10.2.1.2).
void CtrDrbgState::update(const Seed& provided) {
  Seed made;
  next_blocks(made.expose_mutable());
  for (std::size_t i = 0; i < kSeedSize; ++i)
    made.expose_mutable()[i] = static_cast<std::uint8_t>(made.expose()[i] ^ provided.expose()[i]);
  key_ = Sm4Key(made.expose().first<kSm4KeySize>());
  v_ = Block(made.expose().last<kSm4BlockSize>());
}

void CtrDrbgState::instantiate(base::ByteView entropy, base::ByteView nonce,
                               base::ByteView personalisation) {
  key_ = Sm4Key();
  v_ = Block();
  update(derive({entropy, nonce, personalisation}));
  counter_ = 1;
}

void CtrDrbgState::reseed(base::ByteView entropy, base::ByteView additional) {
  HEQI_CHECK(counter_ > 0);
  update(derive({entropy, additional}));
  counter_ = 1;
}

std::size_t CtrDrbgState::output_size_max() const {
  return order_ == DrbgOrder::gm_t_0105 ? kSm4BlockSize : kNistRequestMax;
}

void CtrDrbgState::generate(base::MutableByteView out, base::ByteView additional) {
  HEQI_CHECK(counter_ > 0 && out.size() <= output_size_max());
  Seed provided;
  if (!additional.empty()) {
    provided = derive({additional});
    update(provided);
  }
  next_blocks(out);
  update(provided);
  ++counter_;
}

}  // namespace heqi::crypto
