// sm4_kernel.h: what an implementation of SM4 (GB/T 32907) offers to the modes. Sizes are in bytes,
// or in blocks of 16 where the name says so; in and out are the same memory or do not meet. Counts,
// sizes, counters and addresses are public; the rest is secret and decides no branch or address.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/sm4.h>

#include "choice.h"

namespace heqi::crypto::internal {

// Sm4RoundKeys are in the form of the kernel that made them and fit no other.
using Sm4RoundKeys = std::array<std::uint32_t, 32>;

// GhashPowers are multiples of the hash key, in the form of the kernel that made them.
inline constexpr std::size_t kGhashPowers = 64;
using GhashPowers = std::array<std::uint8_t, 16 * kGhashPowers>;  // aligned to 64 bytes
// GcmState is the counter of the next block, the sum of GHASH so far.
struct GcmState {
  std::array<std::uint8_t, 16> counter, sum;
};
// CcmState is the counter of the next block and the state of the CBC-MAC.
struct CcmState {
  std::array<std::uint8_t, 16> counter, mac;
};

// Sm4Stream is one of kSm4Streams messages in CBC: a block is read at in, which moves on by in_step
// bytes, and written at out, which moves on by out_step.
inline constexpr std::size_t kSm4Streams = 16;
struct Sm4Stream {
  const std::uint8_t* in;
  std::uint8_t* out;
  std::size_t in_step, out_step;
  std::array<std::uint8_t, 16> chain;
};

struct Sm4Kernel {
  using In = const std::uint8_t*;
  using Out = std::uint8_t*;

  std::string_view path;
  bool (*runs)(const Processor& processor);

  void (*expand)(In key, Sm4Keys& keys);
  void (*ecb)(const Sm4RoundKeys& keys, In in, Out out, std::size_t blocks);
  // counter, chain and tweak are left at what the next block needs.
  void (*ctr)(const Sm4RoundKeys& keys, Out counter, In in, Out out, std::size_t size);
  void (*cbc_encrypt)(const Sm4RoundKeys& keys, Out chain, In in, Out out, std::size_t blocks);
  void (*cbc_decrypt)(const Sm4RoundKeys& keys, Out chain, In in, Out out, std::size_t blocks);
  void (*cbc_mac)(const Sm4RoundKeys& keys, Out chain, In in, std::size_t blocks);
  void (*cbc_streams)(const Sm4RoundKeys& keys, Sm4Stream* streams, std::size_t blocks);
  // XTS of whole blocks; tweak is already encrypted. Powers of α as in IEEE 1619, or as in GB/T
  // 17964, where the bits of a byte stand the other way round.
  void (*xts_ieee)(const Sm4RoundKeys& keys, Out tweak, In in, Out out, std::size_t blocks);
  void (*xts_gb)(const Sm4RoundKeys& keys, Out tweak, In in, Out out, std::size_t blocks);

  void (*make_powers)(In hash_key, GhashPowers& powers);
  // ghash takes in one field, filled up with zeros to whole blocks.
  void (*ghash)(const GhashPowers& powers, Out sum, In in, std::size_t size);
  // Only the last call for a message may have a part of a block.
  void (*gcm_encrypt)(const Sm4RoundKeys& keys, const GhashPowers& powers, GcmState& state, In in,
                      Out out, std::size_t size);
  void (*gcm_decrypt)(const Sm4RoundKeys& keys, const GhashPowers& powers, GcmState& state, In in,
                      Out out, std::size_t size);
  void (*ccm_encrypt)(const Sm4RoundKeys& keys, CcmState& state, In in, Out out, std::size_t size);
  void (*ccm_decrypt)(const Sm4RoundKeys& keys, CcmState& state, In in, Out out, std::size_t size);
  Tested tested = Tested::on_a_processor;
};

// agrees says whether a kernel gives what the portable one gives, in every mode.
bool agrees(const Sm4Kernel& kernel);

extern const Sm4Kernel kSm4Portable;
#if defined(__x86_64__)
extern const Sm4Kernel kSm4Aesni128, kSm4Aesni, kSm4Gfni256, kSm4Gfni512, kSm4Ni;
#elif defined(__aarch64__)
extern const Sm4Kernel kSm4Arm;
#endif

Choice<Sm4Kernel>& sm4_choice();

}  // namespace heqi::crypto::internal
