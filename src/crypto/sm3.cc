// sm3.cc: GB/T 32905: padding and parts. The compression function is in the kernels.
#include <heqi/crypto/sm3.h>

#include <algorithm>

#include <heqi/base/secret.h>

#include "sm3_bytes.h"
#include "sm3_kernel.h"

namespace heqi::crypto {
namespace internal {

Choice<Sm3Kernel>& sm3_choice() {
  static const Sm3Kernel* const kernels[] = {
#if defined(__x86_64__)
    &kSm3Ni512,
    &kSm3Ni,
    &kSm3Avx512,
    &kSm3Avx2,
#elif defined(__aarch64__)
    &kSm3Arm,
#endif
    &kSm3Portable
  };
  static Choice<Sm3Kernel> choice("sm3", kernels);
  return choice;
}

}  // namespace internal

namespace {

void compress(std::array<std::uint32_t, 8>& state, const std::uint8_t* data, std::size_t blocks) {
  internal::sm3_choice().kernel().compress(state.data(), data, blocks);
}

}  // namespace

Sm3::Sm3() : state_(internal::kSm3Initial), block_{} {}

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
    compress(state_, block_.data(), 1);
  }
  if (part.size() >= 64) {
    compress(state_, part.data(), part.size() / 64);
    part = part.last(part.size() % 64);
  }
  std::copy(part.begin(), part.end(), block_.begin());
  return *this;
}

Digest Sm3::finish() {
  std::array<std::uint8_t, 2 * internal::kSm3BlockSize> tail;
  const std::size_t held = size_ % 64;
  std::copy_n(block_.begin(), held, tail.begin());
  const std::size_t blocks = internal::sm3_pad(tail.data(), held, size_);
  compress(state_, tail.data(), blocks);
  const Digest out = internal::sm3_digest(state_);
  state_ = internal::kSm3Initial;
  size_ = 0;
  base::secure_wipe(tail.data(), sizeof tail);
  base::secure_wipe(block_.data(), sizeof block_);
  return out;
}

Digest sm3(base::ByteView message) {
  std::array<std::uint8_t, 2 * internal::kSm3BlockSize> tail;
  internal::Sm3Words state = internal::kSm3Initial;
  const std::size_t whole = message.size() / 64 * 64;
  if (whole > 0) compress(state, message.data(), whole / 64);
  const base::ByteView rest = message.subspan(whole);
  std::copy(rest.begin(), rest.end(), tail.begin());
  compress(state, tail.data(), internal::sm3_pad(tail.data(), rest.size(), message.size()));
  const Digest out = internal::sm3_digest(state);
  base::secure_wipe(state.data(), sizeof state);
  base::secure_wipe(tail.data(), sizeof tail);
  return out;
}

}  // namespace heqi::crypto
