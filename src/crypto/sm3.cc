// sm3.cc: GB/T 32905 clause 5. Names are the standard's.
#include <heqi/crypto/sm3.h>

#include <algorithm>
#include <bit>

#include <heqi/base/secret.h>

namespace heqi::crypto {
namespace {

constexpr std::array<std::uint32_t, 8> kInitial = {0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
                                                   0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E};

consteval std::array<std::uint32_t, 64> make_constants() {
  std::array<std::uint32_t, 64> out{};
  for (std::size_t j = 0; j < 64; ++j)
    out[j] = std::rotl(j < 16 ? 0x79CC4519u : 0x7A879D8Au, static_cast<int>(j % 32));
  return out;
}
constexpr std::array<std::uint32_t, 64> kConstants = make_constants();

inline std::uint32_t p0(std::uint32_t x) {
  return x ^ std::rotl(x, 9) ^ std::rotl(x, 17);
}
inline std::uint32_t p1(std::uint32_t x) {
  return x ^ std::rotl(x, 15) ^ std::rotl(x, 23);
}

inline std::uint32_t load_be32(const std::uint8_t* in) {
  return std::uint32_t(in[0]) << 24 | std::uint32_t(in[1]) << 16 | std::uint32_t(in[2]) << 8 |
         in[3];
}

struct Registers {
  std::uint32_t a, b, c, d, e, f, g, h;
};

template <bool kFirst>
inline void round(Registers& r, std::uint32_t constant, std::uint32_t w, std::uint32_t w4) {
  const std::uint32_t a12 = std::rotl(r.a, 12);
  const std::uint32_t ss1 = std::rotl(a12 + r.e + constant, 7), ss2 = ss1 ^ a12;
  const std::uint32_t ff = kFirst ? r.a ^ r.b ^ r.c : (r.a & r.b) | (r.a & r.c) | (r.b & r.c);
  const std::uint32_t gg = kFirst ? r.e ^ r.f ^ r.g : ((r.f ^ r.g) & r.e) ^ r.g;
  const std::uint32_t tt1 = ff + r.d + ss2 + (w ^ w4), tt2 = gg + r.h + ss1 + w;
  r = {tt1, r.a, std::rotl(r.b, 9), r.c, p0(tt2), r.e, std::rotl(r.f, 19), r.g};
}

void compress(std::array<std::uint32_t, 8>& v, const std::uint8_t* block) {
  std::array<std::uint32_t, 68> w;
  for (std::size_t j = 0; j < 16; ++j) w[j] = load_be32(block + 4 * j);
  for (std::size_t j = 16; j < 68; ++j)
    w[j] = p1(w[j - 16] ^ w[j - 9] ^ std::rotl(w[j - 3], 15)) ^ std::rotl(w[j - 13], 7) ^ w[j - 6];
  Registers r{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]};
  for (std::size_t j = 0; j < 16; ++j) round<true>(r, kConstants[j], w[j], w[j + 4]);
  for (std::size_t j = 16; j < 64; ++j) round<false>(r, kConstants[j], w[j], w[j + 4]);
  v = {v[0] ^ r.a, v[1] ^ r.b, v[2] ^ r.c, v[3] ^ r.d,
       v[4] ^ r.e, v[5] ^ r.f, v[6] ^ r.g, v[7] ^ r.h};
}

}  // namespace

Sm3::Sm3() : state_(kInitial), block_{} {}

Sm3::~Sm3() {
  base::secure_wipe(state_.data(), sizeof state_);
  base::secure_wipe(block_.data(), sizeof block_);
}

Sm3& Sm3::update(base::ByteView part) {
  const std::size_t held = size_ % 64;
  size_ += part.size();
  if (held != 0) {
    const std::size_t taken = std::min(64 - held, part.size());
    std::copy_n(part.begin(), taken, block_.data() + held);
    part = part.subspan(taken);
    if (held + taken < 64) return *this;
    compress(state_, block_.data());
  }
  for (; part.size() >= 64; part = part.subspan(64)) compress(state_, part.data());
  std::copy(part.begin(), part.end(), block_.begin());
  return *this;
}

Digest Sm3::finish() {
  const std::size_t held = size_ % 64;
  const std::uint64_t bits = size_ * 8;
  block_[held] = 0x80;
  std::fill(block_.data() + held + 1, block_.data() + 64, std::uint8_t(0));
  if (held >= 56) {
    compress(state_, block_.data());
    block_.fill(0);
  }
  for (std::size_t i = 0; i < 8; ++i)
    block_[56 + i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  compress(state_, block_.data());
  Digest out;
  for (std::size_t i = 0; i < kSm3Size; ++i)
    out[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  state_ = kInitial;
  base::secure_wipe(block_.data(), sizeof block_);
  size_ = 0;
  return out;
}

Digest sm3(base::ByteView message) {
  return Sm3().update(message).finish();
}

}  // namespace heqi::crypto
