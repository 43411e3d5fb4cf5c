// sm3_operations: sixteen secret messages side by side.
#include <heqi/crypto/dispatch.h>

#include "operations.h"
#include "sm3_kernel.h"

namespace heqi::kernel_timing {
namespace {

using crypto::internal::kSm3Avx512;
using crypto::internal::kSm3BlockSize;
using crypto::internal::kSm3LanesMax;
using crypto::internal::Sm3Lanes;

constexpr std::size_t kBlocks = 3;
Sm3Lanes g_lanes;

bool runs() {
  return kSm3Avx512.runs(crypto::processor());
}
void nothing() {}

void compress_lanes(base::ByteView secret) {
  const std::uint8_t* messages[kSm3LanesMax];
  for (std::size_t j = 0; j < kSm3LanesMax; ++j)
    messages[j] = secret.data() + j * kBlocks * kSm3BlockSize;
  kSm3Avx512.compress_lanes(g_lanes, messages, kBlocks);
}

constexpr Operation kOperations[] = {
    {"sm3_x16@avx512", kSm3LanesMax* kBlocks* kSm3BlockSize, runs, nothing, compress_lanes}};

}  // namespace

std::span<const Operation> sm3_operations() {
  return kOperations;
}

}  // namespace heqi::kernel_timing
