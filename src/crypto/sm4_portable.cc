// sm4_portable.cc: SM4 on any processor (sm4_slices.h, ghash.h).
#include <algorithm>

#include "ghash.h"
#include "sm4_slices.h"

namespace heqi::crypto::internal {
namespace {

using namespace sm4_slices;
using In = const std::uint8_t*;
using Out = std::uint8_t*;

// Vectors where the processor has them by default, else words: a vector made of words is slower.
#if defined(__SSE2__) || defined(__ARM_NEON) || defined(__wasm_simd128__)
using WideSlice = Slice128;
#else
using WideSlice = Slice64;
#endif
constexpr std::size_t kBatch = kBlocks<WideSlice>, kBatchBytes = 16 * kBatch;
constexpr std::size_t kFew = kBlocks<Slice64>;

// Buffer holds one batch and forgets it.
struct Buffer {
  alignas(16) std::uint8_t bytes[kBatchBytes];
  Buffer() { std::memset(bytes, 0, sizeof bytes); }
  ~Buffer() { base::secure_wipe(bytes, sizeof bytes); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
};

// crypt_buffer runs the cipher over the first blocks of a buffer, and perhaps more of them.
void crypt_buffer(const Sm4RoundKeys& keys, Buffer& buffer, std::size_t blocks) {
  if (blocks <= kFew)
    crypt<Slice64>(keys, buffer.bytes, buffer.bytes);
  else
    crypt<WideSlice>(keys, buffer.bytes, buffer.bytes);
}

void add_bytes(Out out, In a, In b, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
}

std::uint32_t substitute_word(std::uint32_t word) {
  Slices<Slice64> slices{spread(word)};
  transpose(slices);
  slices = substitute(slices);
  transpose(slices);
  return gathered(slices[0]);
}

void expand(In key, Sm4Keys& keys) {
  constexpr std::uint32_t family[4] = {0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC};
  std::uint32_t k[4];
  for (std::size_t i = 0; i < 4; ++i) k[i] = load_be32(key + 4 * i) ^ family[i];
  for (std::uint32_t i = 0; i < 32; ++i) {
    std::uint32_t constant = 0;
    for (std::uint32_t j = 0; j < 4; ++j) constant = constant << 8 | ((4 * i + j) * 7 & 0xFF);
    const std::uint32_t t =
        substitute_word(k[(i + 1) % 4] ^ k[(i + 2) % 4] ^ k[(i + 3) % 4] ^ constant);
    k[i % 4] ^= t ^ std::rotl(t, 13) ^ std::rotl(t, 23);
    keys.encrypt[i] = keys.decrypt[31 - i] = k[i % 4];
  }
  base::secure_wipe(k, sizeof k);
}

void ecb(const Sm4RoundKeys& keys, In in, Out out, std::size_t blocks) {
  for (; blocks >= kBatch; blocks -= kBatch, in += kBatchBytes, out += kBatchBytes)
    crypt<WideSlice>(keys, in, out);
  if (blocks == 0) return;
  Buffer buffer;
  std::memcpy(buffer.bytes, in, 16 * blocks);
  crypt_buffer(keys, buffer, blocks);
  std::memcpy(out, buffer.bytes, 16 * blocks);
}

// Carry says whether the counter is one number of 128 bits, or one of 32 behind a fixed part (GCM).
enum class Carry { all, none };
template <Carry kCarry>
void counter_mode(const Sm4RoundKeys& keys, Out counter, In in, Out out, std::size_t size) {
  Buffer buffer;
  while (size != 0) {
    const std::size_t part = std::min(size, kBatchBytes), blocks = (part + 15) / 16;
    for (std::size_t i = 0; i < blocks; ++i) {
      std::memcpy(buffer.bytes + 16 * i, counter, 16);
      if constexpr (kCarry == Carry::all)
        add_to_counter(counter, 1);
      else
        add_to_counter32(counter, 1);
    }
    crypt_buffer(keys, buffer, blocks);
    add_bytes(out, in, buffer.bytes, part);
    in += part;
    out += part;
    size -= part;
  }
}

void cbc_encrypt(const Sm4RoundKeys& keys, Out chain, In in, Out out, std::size_t blocks) {
  Buffer buffer;
  std::memcpy(buffer.bytes, chain, 16);
  for (; blocks > 0; --blocks, in += 16, out += 16) {
    add_bytes(buffer.bytes, buffer.bytes, in, 16);
    crypt_buffer(keys, buffer, 1);
    std::memcpy(out, buffer.bytes, 16);
  }
  std::memcpy(chain, buffer.bytes, 16);
}

void cbc_decrypt(const Sm4RoundKeys& keys, Out chain, In in, Out out, std::size_t blocks) {
  Buffer buffer, previous;
  while (blocks != 0) {
    const std::size_t part = std::min(blocks, kBatch);
    std::memcpy(previous.bytes, chain, 16);
    std::memcpy(previous.bytes + 16, in, 16 * (part - 1));
    std::memcpy(chain, in + 16 * (part - 1), 16);
    std::memcpy(buffer.bytes, in, 16 * part);
    crypt_buffer(keys, buffer, part);
    add_bytes(out, buffer.bytes, previous.bytes, 16 * part);
    in += 16 * part;
    out += 16 * part;
    blocks -= part;
  }
}

void cbc_mac(const Sm4RoundKeys& keys, Out chain, In in, std::size_t blocks) {
  Buffer buffer;
  std::memcpy(buffer.bytes, chain, 16);
  for (; blocks > 0; --blocks, in += 16) {
    add_bytes(buffer.bytes, buffer.bytes, in, 16);
    crypt_buffer(keys, buffer, 1);
  }
  std::memcpy(chain, buffer.bytes, 16);
}

void cbc_streams(const Sm4RoundKeys& keys, Sm4Stream* streams, std::size_t blocks) {
  Buffer buffer;
  for (; blocks > 0; --blocks) {
    for (std::size_t i = 0; i < kSm4Streams; ++i)
      add_bytes(buffer.bytes + 16 * i, streams[i].chain.data(), streams[i].in, 16);
    crypt_buffer(keys, buffer, kSm4Streams);
    for (std::size_t i = 0; i < kSm4Streams; ++i) {
      Sm4Stream& stream = streams[i];
      std::memcpy(stream.chain.data(), buffer.bytes + 16 * i, 16);
      std::memcpy(stream.out, buffer.bytes + 16 * i, 16);
      stream.in += stream.in_step;
      stream.out += stream.out_step;
    }
  }
}

template <auto kTimesAlpha>
void xts(const Sm4RoundKeys& keys, Out tweak, In in, Out out, std::size_t blocks) {
  Buffer buffer, tweaks;
  while (blocks != 0) {
    const std::size_t part = std::min(blocks, kBatch);
    for (std::size_t i = 0; i < part; ++i) {
      std::memcpy(tweaks.bytes + 16 * i, tweak, 16);
      kTimesAlpha(tweak);
    }
    add_bytes(buffer.bytes, in, tweaks.bytes, 16 * part);
    crypt_buffer(keys, buffer, part);
    add_bytes(out, buffer.bytes, tweaks.bytes, 16 * part);
    in += 16 * part;
    out += 16 * part;
    blocks -= part;
  }
}

void make_powers(In hash_key, GhashPowers& powers) {
  std::memcpy(powers.data(), hash_key, 16);
}
void ghash(const GhashPowers& powers, Out sum, In in, std::size_t size) {
  ghash_field(powers.data(), sum, in, size);
}
void gcm_encrypt(const Sm4RoundKeys& keys, const GhashPowers& powers, GcmState& state, In in,
                 Out out, std::size_t size) {
  counter_mode<Carry::none>(keys, state.counter.data(), in, out, size);
  ghash(powers, state.sum.data(), out, size);
}
void gcm_decrypt(const Sm4RoundKeys& keys, const GhashPowers& powers, GcmState& state, In in,
                 Out out, std::size_t size) {
  ghash(powers, state.sum.data(), in, size);
  counter_mode<Carry::none>(keys, state.counter.data(), in, out, size);
}

// mac_part takes up to a block, filled up with zeros, into the CBC-MAC of CCM.
void mac_part(const Sm4RoundKeys& keys, CcmState& state, In in, std::size_t size) {
  cbc_mac(keys, state.mac.data(), in, size / 16);
  if (size % 16 == 0) return;
  std::uint8_t last[16] = {};
  std::memcpy(last, in + size / 16 * 16, size % 16);
  cbc_mac(keys, state.mac.data(), last, 1);
  base::secure_wipe(last, sizeof last);
}
void ccm_encrypt(const Sm4RoundKeys& keys, CcmState& state, In in, Out out, std::size_t size) {
  mac_part(keys, state, in, size);
  counter_mode<Carry::all>(keys, state.counter.data(), in, out, size);
}
void ccm_decrypt(const Sm4RoundKeys& keys, CcmState& state, In in, Out out, std::size_t size) {
  counter_mode<Carry::all>(keys, state.counter.data(), in, out, size);
  mac_part(keys, state, out, size);
}

bool runs(const Processor&) {
  return true;
}

}  // namespace

constinit const Sm4Kernel kSm4Portable = {.path = "portable",
                                          .runs = runs,
                                          .expand = expand,
                                          .ecb = ecb,
                                          .ctr = counter_mode<Carry::all>,
                                          .cbc_encrypt = cbc_encrypt,
                                          .cbc_decrypt = cbc_decrypt,
                                          .cbc_mac = cbc_mac,
                                          .cbc_streams = cbc_streams,
                                          .xts_ieee = xts<times_alpha_ieee>,
                                          .xts_gb = xts<times_alpha_gb>,
                                          .make_powers = make_powers,
                                          .ghash = ghash,
                                          .gcm_encrypt = gcm_encrypt,
                                          .gcm_decrypt = gcm_decrypt,
                                          .ccm_encrypt = ccm_encrypt,
                                          .ccm_decrypt = ccm_decrypt};

}  // namespace heqi::crypto::internal
