// heqi/base/secret.h: secrets are types: move-only, wiped, not comparable, not printable.
#pragma once
#include <array>
#include <cstring>
#include <utility>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::base {

// secure_wipe overwrites memory in a way the optimiser cannot remove.
void secure_wipe(void* data, std::size_t size);

// wipe_stack overwrites the part of the stack that calls made before it have used (kStackWipe
// bytes; crypto/tests/stack_test.cc measures what they use). Called at the boundary of an operation
// on secrets, after its last use of them. Clearing more would cost more than many operations do.
inline constexpr std::size_t kStackWipe = 32 * 1024;
void wipe_stack();

// wipe_deep_stack is the same for operations on many values at once, which keep them in tables.
inline constexpr std::size_t kDeepStackWipe = 128 * 1024;
void wipe_deep_stack();

// SecretBytes owns a secret of a length known at run time, wiped before its memory is given back.
// The programs that hold secrets lock their memory and switch core files off at start.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);
  static SecretBytes copy_of(ByteView bytes);

  SecretBytes(SecretBytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      release();
      data_ = std::exchange(other.data_, nullptr);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() { release(); }

  SecretBytes clone() const { return copy_of(expose()); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // expose gives the bytes to an algorithm. Found by grep; allowed in the files that tools/tidy
  // lists.
  ByteView expose() const { return {data_, size_}; }
  MutableByteView expose_mutable() { return {data_, size_}; }

 private:
  void release() noexcept;

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// SecretArray owns a secret of a fixed length, inside its owner.
template <std::size_t N>
class SecretArray {
 public:
  SecretArray() { data_.fill(0); }
  explicit SecretArray(std::span<const std::uint8_t, N> bytes) {
    std::memcpy(data_.data(), bytes.data(), N);
  }
  SecretArray(SecretArray&& other) noexcept : data_(other.data_) { other.wipe(); }
  SecretArray& operator=(SecretArray&& other) noexcept {
    if (this != &other) {
      data_ = other.data_;
      other.wipe();
    }
    return *this;
  }
  SecretArray(const SecretArray&) = delete;
  SecretArray& operator=(const SecretArray&) = delete;
  ~SecretArray() { wipe(); }

  SecretArray clone() const { return SecretArray(expose()); }
  void wipe() { secure_wipe(data_.data(), N); }
  static constexpr std::size_t size() { return N; }

  std::span<const std::uint8_t, N> expose() const {
    return std::span<const std::uint8_t, N>(data_);
  }
  std::span<std::uint8_t, N> expose_mutable() { return std::span<std::uint8_t, N>(data_); }

 private:
  std::array<std::uint8_t, N> data_;
};

}  // namespace heqi::base
