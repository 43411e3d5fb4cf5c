// leaking_operations: what the tools must report.
#include "operations.h"

namespace heqi::kernel_timing {
namespace {

volatile std::uint64_t g_sink = 0;

void branch(base::ByteView secret) {
  for (const std::uint8_t octet : secret)
    if ((octet & 1) != 0) g_sink = g_sink + 1;
}

constexpr std::size_t kSize = 256;
base::Bytes g_expected;
void expect_any() {
  g_expected = any_secret(kSize);
}
void early_end(base::ByteView secret) {
  for (std::size_t i = 0; i < secret.size(); ++i) {
    if (secret[i] != g_expected[i]) break;
    g_sink = g_sink + 1;
  }
}
bool everywhere() {
  return true;
}
void nothing() {}

constexpr Operation kOperations[] = {
    {"leak_branch", kSize, everywhere, nothing, branch, false, true},
    {"leak_early_end", kSize, everywhere, expect_any, early_end, false, true}};

}  // namespace

std::span<const Operation> leaking_operations() {
  return kOperations;
}

}  // namespace heqi::kernel_timing
