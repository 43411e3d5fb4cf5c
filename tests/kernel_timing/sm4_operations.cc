// sm4_operations: key expansion and the modes on the GFNI paths. The secret is a key and a message.
#include <heqi/crypto/dispatch.h>

#include <array>

#include "operations.h"
#include "sm4_kernel.h"

namespace heqi::kernel_timing {
namespace {

using crypto::internal::GcmState;
using crypto::internal::GhashPowers;
using crypto::internal::kSm4Gfni256;
using crypto::internal::kSm4Gfni512;
using crypto::internal::Sm4Kernel;
using crypto::internal::Sm4Keys;

// kSize takes the loops over whole batches and those over what is left, and ends within a block.
constexpr std::size_t kKeySize = 16, kSize = 1207, kBlocks = kSize / 16;
constexpr std::size_t kSecretSize = kKeySize + kSize;
std::array<std::uint8_t, kSize> g_out;

void nothing() {}

template <const Sm4Kernel& kKernel>
struct Path {
  static bool runs() { return kKernel.runs(crypto::processor()); }

  static Sm4Keys expand(base::ByteView secret) {
    Sm4Keys keys;
    kKernel.expand(secret.data(), keys);
    return keys;
  }
  static void ctr(base::ByteView secret) {
    std::uint8_t counter[16] = {1};
    kKernel.ctr(expand(secret).encrypt, counter, secret.data() + kKeySize, g_out.data(), kSize);
  }
  static void cbc_encrypt(base::ByteView secret) {
    std::uint8_t chain[16] = {2};
    kKernel.cbc_encrypt(expand(secret).encrypt, chain, secret.data() + kKeySize, g_out.data(),
                        kBlocks);
  }
  static void cbc_decrypt(base::ByteView secret) {
    std::uint8_t chain[16] = {3};
    kKernel.cbc_decrypt(expand(secret).decrypt, chain, secret.data() + kKeySize, g_out.data(),
                        kBlocks);
  }
  static void xts(base::ByteView secret) {
    std::uint8_t tweak[16] = {4};
    kKernel.xts_gb(expand(secret).encrypt, tweak, secret.data() + kKeySize, g_out.data(), kBlocks);
  }
  // The key stands for the hash key as well.
  static void gcm(base::ByteView secret) {
    alignas(64) GhashPowers powers;
    kKernel.make_powers(secret.data(), powers);
    GcmState state{{5}, {}};
    kKernel.gcm_encrypt(expand(secret).encrypt, powers, state, secret.data() + kKeySize,
                        g_out.data(), kSize);
  }
};

using Gfni512 = Path<kSm4Gfni512>;
using Gfni256 = Path<kSm4Gfni256>;

constexpr Operation kOperations[] = {
    {"sm4_ctr@gfni512", kSecretSize, Gfni512::runs, nothing, Gfni512::ctr},
    {"sm4_cbc_enc@gfni512", kSecretSize, Gfni512::runs, nothing, Gfni512::cbc_encrypt},
    {"sm4_cbc_dec@gfni512", kSecretSize, Gfni512::runs, nothing, Gfni512::cbc_decrypt},
    {"sm4_xts@gfni512", kSecretSize, Gfni512::runs, nothing, Gfni512::xts},
    {"sm4_gcm@gfni512", kSecretSize, Gfni512::runs, nothing, Gfni512::gcm},
    {"sm4_ctr@gfni256", kSecretSize, Gfni256::runs, nothing, Gfni256::ctr},
    {"sm4_cbc_enc@gfni256", kSecretSize, Gfni256::runs, nothing, Gfni256::cbc_encrypt},
    {"sm4_cbc_dec@gfni256", kSecretSize, Gfni256::runs, nothing, Gfni256::cbc_decrypt},
    {"sm4_xts@gfni256", kSecretSize, Gfni256::runs, nothing, Gfni256::xts},
    {"sm4_gcm@gfni256", kSecretSize, Gfni256::runs, nothing, Gfni256::gcm}};

}  // namespace

std::span<const Operation> sm4_operations() {
  return kOperations;
}

}  // namespace heqi::kernel_timing
