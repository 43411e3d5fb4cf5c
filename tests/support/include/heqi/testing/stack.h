// heqi/testing/stack.h: what calls leave on the stack, run on one of their own.
#pragma once
#include <pthread.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace heqi::testing {

// Stack is one thread's stack, filled with a pattern before.
class Stack {
 public:
  Stack() : memory_(kSize, kPattern) {}

  // run has function called in that thread, and waits.
  void run(const std::function<void()>& function) {
    function_ = &function;
    pthread_attr_t attributes;
    ASSERT_EQ(pthread_attr_init(&attributes), 0);
    ASSERT_EQ(pthread_attr_setstack(&attributes, memory_.data(), memory_.size()), 0);
    pthread_t thread;
    ASSERT_EQ(pthread_create(&thread, &attributes, start, this), 0);
    ASSERT_EQ(pthread_join(thread, nullptr), 0);
    pthread_attr_destroy(&attributes);
  }

  // count is how often the word stands there, at any place.
  std::size_t count(std::uint64_t word) const {
    std::size_t found = 0;
    for (std::size_t at = 0; at + 8 <= memory_.size(); ++at) {
      std::uint64_t here = 0;
      std::memcpy(&here, memory_.data() + at, sizeof here);
      found += here == word ? 1u : 0u;
    }
    return found;
  }

  // left_below is how many octets deeper than `depth` below the caller of the function were written
  // and not wiped.
  std::size_t left_below(std::size_t depth) const {
    std::size_t found = 0;
    for (std::size_t at = 0; at + depth < entry_; ++at)
      found += memory_[at] != kPattern && memory_[at] != 0 ? 1u : 0u;
    return found;
  }

 private:
  static constexpr std::size_t kSize = 1024 * 1024;
  static constexpr std::uint8_t kPattern = 0xA5;

  static void* start(void* self) {
    Stack& own = *static_cast<Stack*>(self);
    const std::uint8_t here = 0;
    own.entry_ = static_cast<std::size_t>(&here - own.memory_.data());
    (*own.function_)();
    return nullptr;
  }

  std::vector<std::uint8_t> memory_;
  const std::function<void()>* function_ = nullptr;
  std::size_t entry_ = 0;
};

}  // namespace heqi::testing
