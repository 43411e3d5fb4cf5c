// zuc.cc: loading (GB/T 33133.1 §6.5), the stream, EEA3 and the tags.
#include <heqi/crypto/zuc.h>

#include <algorithm>

#include "sm3_bytes.h"
#include "zuc_kernel.h"

namespace heqi::crypto {
namespace internal {

Choice<ZucKernel>& zuc_choice() {
  static const ZucKernel* const kernels[] = {
#if defined(__x86_64__)
    &kZucGfni,
    &kZucAesni,
#endif
    &kZucPortable
  };
  static Choice<ZucKernel> choice("zuc", kernels);
  return choice;
}

}  // namespace internal

namespace {

using internal::kZucTagWordsMax;
using internal::store_be32;
using internal::zuc_choice;
using internal::ZucState;

constexpr std::array<std::uint32_t, 16> kD = {0x44D7, 0x26BC, 0x626B, 0x135E, 0x5789, 0x35E2,
                                              0x7135, 0x09AF, 0x4D78, 0x2F13, 0x6BC4, 0x1AF1,
                                              0x5E26, 0x3C4D, 0x789A, 0x47AC};
constexpr std::array<std::uint32_t, 16> kD256 = {0x22, 0x2F, 0x24, 0x2A, 0x6D, 0x40, 0x40, 0x40,
                                                 0x40, 0x40, 0x40, 0x40, 0x40, 0x52, 0x10, 0x30};

ZucState load(std::span<const std::uint8_t, kZucKeySize> key, const ZucIv& iv) {
  ZucState state{};
  for (std::size_t i = 0; i < 16; ++i)
    state.s[i] = std::uint32_t(key[i]) << 23 | kD[i] << 8 | iv[i];
  return state;
}

// six gives IV17 … IV24 as they stand in the last octets.
std::uint32_t six(const Zuc256Iv& iv, std::size_t number) {
  const std::size_t at = (number - 17) * 6, octet = 17 + at / 8;
  const std::uint32_t pair =
      std::uint32_t(iv[octet]) << 8 | (octet + 1 < iv.size() ? iv[octet + 1] : 0u);
  return pair >> (10 - at % 8) & 0x3F;
}

// UseBits is what the use adds to the constants d0 and d2.
struct UseBits {
  std::uint32_t d0, d2;
};

ZucState load256(std::span<const std::uint8_t, kZuc256KeySize> k, const Zuc256Iv& iv,
                 const UseBits& use) {
  std::array<std::uint32_t, 16> d = kD256;
  d[0] |= use.d0;
  d[2] |= use.d2;
  for (std::size_t i = 5; i <= 12; ++i) d[i] |= six(iv, 12 + i);
  d[14] |= std::uint32_t(k[31]) >> 4;
  d[15] |= k[31] & 0x0Fu;
  const auto cell = [](std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t e) {
    return a << 23 | b << 16 | c << 8 | e;
  };
  ZucState state{{cell(k[0], d[0], k[21], k[16]), cell(k[1], d[1], k[22], k[17]),
                  cell(k[2], d[2], k[23], k[18]), cell(k[3], d[3], k[24], k[19]),
                  cell(k[4], d[4], k[25], k[20]), cell(iv[0], d[5], k[5], k[26]),
                  cell(iv[1], d[6], k[6], k[27]), cell(iv[10], d[7], k[7], iv[2]),
                  cell(k[8], d[8], iv[3], iv[11]), cell(k[9], d[9], iv[12], iv[4]),
                  cell(iv[5], d[10], k[10], k[28]), cell(k[11], d[11], iv[6], iv[13]),
                  cell(k[12], d[12], iv[7], iv[14]), cell(k[13], d[13], iv[15], iv[8]),
                  cell(k[14], d[14], iv[16], iv[9]), cell(k[15], d[15], k[30], k[29])},
                 0,
                 0};
  base::secure_wipe(d.data(), sizeof d);
  return state;
}

// initialised runs the first steps and gives the state as words.
std::array<std::uint32_t, 18> initialised(ZucState state) {
  zuc_choice().kernel().initialise(state);
  std::array<std::uint32_t, 18> out;
  std::copy_n(state.s, 16, out.begin());
  out[16] = state.r1;
  out[17] = state.r2;
  base::secure_wipe(&state, sizeof state);
  return out;
}

std::uint32_t load_be32(const std::uint8_t* in) {
  return std::uint32_t(in[0]) << 24 | std::uint32_t(in[1]) << 16 | std::uint32_t(in[2]) << 8 |
         in[3];
}

// add_words adds the words, highest octet first, to in.
void add_words(base::ByteView in, const std::uint32_t* words, std::uint8_t* out) {
  std::size_t at = 0;
  for (; at + 4 <= in.size(); at += 4)
    store_be32(out + at, load_be32(in.data() + at) ^ words[at / 4]);
  for (std::size_t i = 0; at + i < in.size(); ++i)
    out[at + i] = static_cast<std::uint8_t>(in[at + i] ^ words[at / 4] >> (24 - 8 * i));
}

bool fits(std::uint64_t bits, std::size_t octets) {
  return octets == bits / 8 + (bits % 8 != 0 ? 1 : 0);
}
base::Error malformed(std::string_view what) {
  return base::fail(base::Code::malformed, std::string(what));
}

// bearer_iv is the IV of EEA3; EIA3 puts the direction into two of its bits instead (§ of each).
ZucIv bearer_iv(const ZucBearer& by, bool is_tag) {
  ZucIv iv{};
  store_be32(iv.data(), by.count);
  const auto turn = static_cast<std::uint8_t>(by.direction);
  iv[4] = static_cast<std::uint8_t>(by.bearer << 3 | (is_tag ? 0 : turn << 2));
  std::copy_n(iv.begin(), 8, iv.begin() + 8);
  if (!is_tag) return iv;
  iv[8] = static_cast<std::uint8_t>(iv[8] ^ turn << 7);
  iv[14] = static_cast<std::uint8_t>(iv[14] ^ turn << 7);
  return iv;
}

base::Status check(const ZucBearer& by, base::ByteView message, std::uint64_t bits) {
  if (by.bearer > 31) return malformed("a bearer has five bits");
  if (!fits(bits, message.size())) return malformed("the octets do not fit the number of bits");
  return {};
}

}  // namespace

Zuc::Zuc(const ZucKey& key, const ZucIv& iv) : state_(initialised(load(key.expose(), iv))) {}
Zuc::Zuc(const Zuc256Key& key, const Zuc256Iv& iv) : Zuc(key, iv, Use::stream) {}
Zuc::Zuc(const Zuc256Key& key, const Zuc256Iv& iv, Use use)
    : state_(initialised(load256(key.expose(), iv,
                                 {use == Use::tag64 || use == Use::tag128 ? 1u : 0u,
                                  use == Use::tag32 || use == Use::tag128 ? 1u : 0u}))) {}
Zuc::~Zuc() {
  base::secure_wipe(state_.data(), sizeof state_);
}

void Zuc::generate(std::span<std::uint32_t> words) {
  ZucState state;
  std::copy_n(state_.begin(), 16, state.s);
  state.r1 = state_[16];
  state.r2 = state_[17];
  zuc_choice().kernel().generate(state, words.data(), words.size());
  std::copy_n(state.s, 16, state_.begin());
  state_[16] = state.r1;
  state_[17] = state.r2;
  base::secure_wipe(&state, sizeof state);
}

void Zuc::apply(base::ByteView in, base::MutableByteView out) {
  HEQI_CHECK(in.size() == out.size());
  std::array<std::uint32_t, 256> words;
  for (std::size_t at = 0; at < in.size();) {
    const std::size_t size = std::min(in.size() - at, sizeof words);
    generate(std::span(words).first((size + 3) / 4));
    add_words(in.subspan(at, size), words.data(), out.data() + at);
    at += size;
  }
  base::secure_wipe(words.data(), sizeof words);
}

// ZucTag adds up the windows of the key stream at the set bits of a message.
class ZucTag {
 public:
  // The tag begins as the first words of the stream for ZUC-256 (Start::stream), else as zero.
  enum class Start { zero, stream };
  ZucTag(Zuc& stream, std::size_t tag_words, Start start) : stream_(stream), count_(tag_words) {
    if (start == Start::stream) stream_.generate(std::span(tag_).first(count_));
    stream_.generate(std::span(window_).first(count_));
  }
  ~ZucTag() {
    base::secure_wipe(tag_.data(), sizeof tag_);
    base::secure_wipe(window_.data(), sizeof window_);
  }
  ZucTag(const ZucTag&) = delete;
  ZucTag& operator=(const ZucTag&) = delete;

  static Zuc stream256(const Zuc256Key& key, const Zuc256Iv& iv, std::size_t tag_words) {
    return Zuc(key, iv,
               tag_words == 1   ? Zuc::Use::tag32
               : tag_words == 2 ? Zuc::Use::tag64
                                : Zuc::Use::tag128);
  }

  void add(base::ByteView message, std::uint64_t bits) {
    while (bits >= 32) {
      const auto words = static_cast<std::size_t>(std::min<std::uint64_t>(bits / 32, kChunk));
      absorb(message.data(), words);
      message = message.subspan(4 * words);
      bits -= 32 * words;
    }
    if (bits > 0) add_rest(message, static_cast<unsigned>(bits));
    // The window behind the last bit.
    const auto shift = static_cast<unsigned>(bits);
    for (std::size_t j = 0; j < count_; ++j)
      tag_[j] ^= shift == 0 ? window_[j] : last_[j] << shift | last_[j + 1] >> (32 - shift);
  }
  std::uint32_t& word(std::size_t j) { return tag_[j]; }

 private:
  static constexpr std::size_t kChunk = 256;

  // absorb takes whole words; the window then begins at the next one.
  void absorb(const std::uint8_t* message, std::size_t words) {
    stream_.generate(std::span(window_).subspan(count_, words));
    zuc_choice().kernel().absorb(tag_.data(), count_, window_.data(), message, words);
    std::copy_n(window_.begin() + std::ptrdiff_t(words), count_, window_.begin());
  }
  void add_rest(base::ByteView message, unsigned bits) {
    std::array<std::uint8_t, 4> rest{};
    std::copy(message.begin(), message.end(), rest.begin());
    for (unsigned i = bits; i < 32; ++i)
      rest[i / 8] = static_cast<std::uint8_t>(rest[i / 8] & ~(0x80U >> i % 8));
    std::copy_n(window_.begin(), count_, last_.begin());
    absorb(rest.data(), 1);
    last_[count_] = window_[count_ - 1];
  }

  Zuc& stream_;
  std::size_t count_;
  std::array<std::uint32_t, kZucTagWordsMax> tag_{};
  std::array<std::uint32_t, kZucTagWordsMax + kChunk> window_;
  std::array<std::uint32_t, kZucTagWordsMax + 1> last_{};
};

base::Status zuc_eea3(const ZucKey& key, const ZucBearer& bearer, base::ByteView in,
                      std::uint64_t bits, base::MutableByteView out) {
  HEQI_TRY(check(bearer, in, bits));
  if (out.size() != in.size()) return malformed("the result is as long as the message");
  Zuc(key, bearer_iv(bearer, false)).apply(in, out);
  if (bits % 8 != 0) out.back() = static_cast<std::uint8_t>(out.back() & 0xFF00 >> bits % 8);
  return {};
}

base::Result<std::array<std::uint8_t, kZucTagSize>> zuc_eia3(const ZucKey& key,
                                                             const ZucBearer& bearer,
                                                             base::ByteView message,
                                                             std::uint64_t bits) {
  HEQI_TRY(check(bearer, message, bits));
  Zuc stream(key, bearer_iv(bearer, true));
  ZucTag tag(stream, 1, ZucTag::Start::zero);
  tag.add(message, bits);
  std::array<std::uint32_t, 1> last;  // the word after those of the last window
  stream.generate(last);
  std::array<std::uint8_t, kZucTagSize> out;
  store_be32(out.data(), tag.word(0) ^ last[0]);
  return out;
}

base::Status zuc256_tag(const Zuc256Key& key, const Zuc256Iv& iv, base::ByteView message,
                        std::uint64_t bits, base::MutableByteView tag) {
  if (tag.size() != 4 && tag.size() != 8 && tag.size() != 16)
    return malformed("a tag has 4, 8 or 16 octets");
  if (!fits(bits, message.size())) return malformed("the octets do not fit the number of bits");
  const std::size_t words = tag.size() / 4;
  Zuc stream = ZucTag::stream256(key, iv, words);
  ZucTag sum(stream, words, ZucTag::Start::stream);
  sum.add(message, bits);
  for (std::size_t j = 0; j < words; ++j) store_be32(tag.data() + 4 * j, sum.word(j));
  return {};
}

}  // namespace heqi::crypto
