// sm4_buffered.h: the modes of SM4 over a Cipher that takes some blocks at a time from memory:
//   kBatch                           how many at the most
//   crypt(keys, in, out, blocks)     runs the cipher over the first blocks, and perhaps over more
//                                    of the kBatch; in and out may be the same
//   expand, make_powers, ghash       as in Sm4Kernel
// Everything is a template over the Cipher, which is local to its file: a copy compiled for one
// instruction set must not serve another.
#pragma once
#include <heqi/base/secret.h>

#include "sm4_bytes.h"
#include "sm4_kernel.h"

namespace heqi::crypto::internal::sm4_buffered {

using namespace sm4_bytes;
using In = const std::uint8_t*;
using Out = std::uint8_t*;

template <class Cipher>
inline constexpr std::size_t kBatchBytes = 16 * Cipher::kBatch;

// Buffer holds one batch and forgets it.
template <class Cipher>
struct Buffer {
  alignas(32) std::uint8_t bytes[kBatchBytes<Cipher>];
  Buffer() { std::memset(bytes, 0, sizeof bytes); }
  ~Buffer() { base::secure_wipe(bytes, sizeof bytes); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  void crypt(const Sm4RoundKeys& keys, std::size_t blocks) {
    Cipher::crypt(keys, bytes, bytes, blocks);
  }
};

HEQI_INLINE void add_bytes(Out out, In a, In b, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(a[i] ^ b[i]);
}
// batch_of is how much of count goes into a batch.
HEQI_INLINE std::size_t batch_of(std::size_t count, std::size_t batch) {
  return count < batch ? count : batch;
}

// key_constant is CK of round i (GB/T 32907 §7.3).
HEQI_INLINE std::uint32_t key_constant(std::uint32_t i) {
  std::uint32_t out = 0;
  for (std::uint32_t j = 0; j < 4; ++j) out = out << 8 | ((4 * i + j) * 7 & 0xFF);
  return out;
}

template <class Cipher>
void ecb(const Sm4RoundKeys& keys, In in, Out out, std::size_t blocks) {
  constexpr std::size_t batch = Cipher::kBatch;
  for (; blocks >= batch; blocks -= batch, in += 16 * batch, out += 16 * batch)
    Cipher::crypt(keys, in, out, batch);
  if (blocks == 0) return;
  Buffer<Cipher> buffer;
  std::memcpy(buffer.bytes, in, 16 * blocks);
  buffer.crypt(keys, blocks);
  std::memcpy(out, buffer.bytes, 16 * blocks);
}

// Carry says whether the counter is one number of 128 bits, or one of 32 behind a fixed part (GCM).
enum class Carry { all, none };
template <class Cipher, Carry kCarry>
void counter_mode(const Sm4RoundKeys& keys, Out counter, In in, Out out, std::size_t size) {
  Buffer<Cipher> buffer;
  while (size != 0) {
    const std::size_t part = batch_of(size, kBatchBytes<Cipher>), blocks = (part + 15) / 16;
    for (std::size_t i = 0; i < blocks; ++i) {
      std::memcpy(buffer.bytes + 16 * i, counter, 16);
      if constexpr (kCarry == Carry::all)
        add_to_counter(counter, 1);
      else
        add_to_counter32(counter, 1);
    }
    buffer.crypt(keys, blocks);
    add_bytes(out, in, buffer.bytes, part);
    in += part;
    out += part;
    size -= part;
  }
}

template <class Cipher>
void cbc_encrypt(const Sm4RoundKeys& keys, Out chain, In in, Out out, std::size_t blocks) {
  Buffer<Cipher> buffer;
  std::memcpy(buffer.bytes, chain, 16);
  for (; blocks > 0; --blocks, in += 16, out += 16) {
    add_bytes(buffer.bytes, buffer.bytes, in, 16);
    buffer.crypt(keys, 1);
    std::memcpy(out, buffer.bytes, 16);
  }
  std::memcpy(chain, buffer.bytes, 16);
}

template <class Cipher>
void cbc_decrypt(const Sm4RoundKeys& keys, Out chain, In in, Out out, std::size_t blocks) {
  Buffer<Cipher> buffer, previous;
  while (blocks != 0) {
    const std::size_t part = batch_of(blocks, Cipher::kBatch);
    std::memcpy(previous.bytes, chain, 16);
    std::memcpy(previous.bytes + 16, in, 16 * (part - 1));
    std::memcpy(chain, in + 16 * (part - 1), 16);
    std::memcpy(buffer.bytes, in, 16 * part);
    buffer.crypt(keys, part);
    add_bytes(out, buffer.bytes, previous.bytes, 16 * part);
    in += 16 * part;
    out += 16 * part;
    blocks -= part;
  }
}

template <class Cipher>
void cbc_mac(const Sm4RoundKeys& keys, Out chain, In in, std::size_t blocks) {
  Buffer<Cipher> buffer;
  std::memcpy(buffer.bytes, chain, 16);
  for (; blocks > 0; --blocks, in += 16) {
    add_bytes(buffer.bytes, buffer.bytes, in, 16);
    buffer.crypt(keys, 1);
  }
  std::memcpy(chain, buffer.bytes, 16);
}

template <class Cipher>
void cbc_streams(const Sm4RoundKeys& keys, Sm4Stream* streams, std::size_t blocks) {
  static_assert(Cipher::kBatch >= kSm4Streams);
  Buffer<Cipher> buffer;
  for (; blocks > 0; --blocks) {
    for (std::size_t i = 0; i < kSm4Streams; ++i)
      add_bytes(buffer.bytes + 16 * i, streams[i].chain.data(), streams[i].in, 16);
    buffer.crypt(keys, kSm4Streams);
    for (std::size_t i = 0; i < kSm4Streams; ++i) {
      Sm4Stream& stream = streams[i];
      std::memcpy(stream.chain.data(), buffer.bytes + 16 * i, 16);
      std::memcpy(stream.out, buffer.bytes + 16 * i, 16);
      stream.in += stream.in_step;
      stream.out += stream.out_step;
    }
  }
}

// Order says in which order of bits the tweak is multiplied by α: Sm4Kernel's two.
enum class Order { ieee, gb };
template <class Cipher, Order kOrder>
void xts(const Sm4RoundKeys& keys, Out tweak, In in, Out out, std::size_t blocks) {
  Buffer<Cipher> buffer, tweaks;
  while (blocks != 0) {
    const std::size_t part = batch_of(blocks, Cipher::kBatch);
    for (std::size_t i = 0; i < part; ++i) {
      std::memcpy(tweaks.bytes + 16 * i, tweak, 16);
      if constexpr (kOrder == Order::ieee)
        times_alpha_ieee(tweak);
      else
        times_alpha_gb(tweak);
    }
    add_bytes(buffer.bytes, in, tweaks.bytes, 16 * part);
    buffer.crypt(keys, part);
    add_bytes(out, buffer.bytes, tweaks.bytes, 16 * part);
    in += 16 * part;
    out += 16 * part;
    blocks -= part;
  }
}

template <class Cipher>
void gcm_encrypt(const Sm4RoundKeys& keys, const GhashPowers& powers, GcmState& state, In in,
                 Out out, std::size_t size) {
  counter_mode<Cipher, Carry::none>(keys, state.counter.data(), in, out, size);
  Cipher::ghash(powers, state.sum.data(), out, size);
}
template <class Cipher>
void gcm_decrypt(const Sm4RoundKeys& keys, const GhashPowers& powers, GcmState& state, In in,
                 Out out, std::size_t size) {
  Cipher::ghash(powers, state.sum.data(), in, size);
  counter_mode<Cipher, Carry::none>(keys, state.counter.data(), in, out, size);
}

// mac_part takes up to a block, filled up with zeros, into the CBC-MAC of CCM.
template <class Cipher>
void mac_part(const Sm4RoundKeys& keys, CcmState& state, In in, std::size_t size) {
  cbc_mac<Cipher>(keys, state.mac.data(), in, size / 16);
  if (size % 16 == 0) return;
  std::uint8_t last[16] = {};
  std::memcpy(last, in + size / 16 * 16, size % 16);
  cbc_mac<Cipher>(keys, state.mac.data(), last, 1);
  base::secure_wipe(last, sizeof last);
}
template <class Cipher>
void ccm_encrypt(const Sm4RoundKeys& keys, CcmState& state, In in, Out out, std::size_t size) {
  mac_part<Cipher>(keys, state, in, size);
  counter_mode<Cipher, Carry::all>(keys, state.counter.data(), in, out, size);
}
template <class Cipher>
void ccm_decrypt(const Sm4RoundKeys& keys, CcmState& state, In in, Out out, std::size_t size) {
  counter_mode<Cipher, Carry::all>(keys, state.counter.data(), in, out, size);
  mac_part<Cipher>(keys, state, out, size);
}

template <class Cipher>
constexpr Sm4Kernel make_table(std::string_view path, bool (*runs)(const Processor&),
                               Tested tested = Tested::on_a_processor) {
  return {.path = path,
          .runs = runs,
          .expand = Cipher::expand,
          .ecb = ecb<Cipher>,
          .ctr = counter_mode<Cipher, Carry::all>,
          .cbc_encrypt = cbc_encrypt<Cipher>,
          .cbc_decrypt = cbc_decrypt<Cipher>,
          .cbc_mac = cbc_mac<Cipher>,
          .cbc_streams = cbc_streams<Cipher>,
          .xts_ieee = xts<Cipher, Order::ieee>,
          .xts_gb = xts<Cipher, Order::gb>,
          .make_powers = Cipher::make_powers,
          .ghash = Cipher::ghash,
          .gcm_encrypt = gcm_encrypt<Cipher>,
          .gcm_decrypt = gcm_decrypt<Cipher>,
          .ccm_encrypt = ccm_encrypt<Cipher>,
          .ccm_decrypt = ccm_decrypt<Cipher>,
          .tested = tested};
}

}  // namespace heqi::crypto::internal::sm4_buffered
