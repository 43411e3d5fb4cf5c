// leaking_operations: what the tools must report.
#include "operations.h"

namespace heqi::kernel_timing {
namespace {

volatile std::uint64_t g_sink = 0;

void branch(base::ByteView secret) {
  for (const std::uint8_t octet : secret)
    if ((octet & 1) != 0) g_sink = g_sink + 1;
}
void early_end(base::ByteView secret) {
  for (const std::uint8_t octet : secret) {
    if (octet != 0) break;
    g_sink = g_sink + 1;
  }
}
bool everywhere() {
  return true;
}
void nothing() {}

constexpr Operation kOperations[] = {
    {"leak_branch", 256, everywhere, nothing, branch, false, true},
    {"leak_early_end", 256, everywhere, nothing, early_end, false, true}};

}  // namespace

std::span<const Operation> leaking_operations() {
  return kOperations;
}

}  // namespace heqi::kernel_timing
