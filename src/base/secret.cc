#include <heqi/base/secret.h>

namespace heqi::base {

void secure_wipe(void* data, std::size_t size) {
  if (size == 0) return;
  std::memset(data, 0, size);
  __asm__ __volatile__("" : : "r"(data) : "memory");
}

__attribute__((noinline)) void wipe_stack() {
  volatile std::uint8_t used[kStackWipe];
  secure_wipe(const_cast<std::uint8_t*>(used), sizeof used);
}

__attribute__((noinline)) void wipe_deep_stack() {
  volatile std::uint8_t used[kDeepStackWipe];
  secure_wipe(const_cast<std::uint8_t*>(used), sizeof used);
}

SecretBytes::SecretBytes(std::size_t size)
    : data_(size ? new std::uint8_t[size]() : nullptr), size_(size) {}

SecretBytes SecretBytes::copy_of(ByteView bytes) {
  SecretBytes out(bytes.size());
  if (!bytes.empty()) std::memcpy(out.data_, bytes.data(), bytes.size());
  return out;
}

void SecretBytes::release() noexcept {
  if (data_ != nullptr) secure_wipe(data_, size_);
  delete[] data_;
  data_ = nullptr;
  size_ = 0;
}

}  // namespace heqi::base
