// machine_portable.h: the Machine of curve_operations.h in C++ alone.
#pragma once
#include <cstring>

#include "field.h"

namespace heqi::crypto::internal {
namespace {

struct Portable {
  using Element = Field;

  template <class Entry, std::size_t kCount, class Stored>
  static void look_up(Entry& out, const std::array<Stored, kCount>& row, std::uint64_t index) {
    static_assert(sizeof(Entry) == sizeof(Stored));
    constexpr std::size_t kWords = sizeof(Entry) / sizeof(std::uint64_t);
    std::uint64_t words[kWords] = {};
    for (std::size_t j = 0; j < kCount; ++j) {
      const base::ct::Mask mask = base::ct::equal(j, index);
      const auto* stored = reinterpret_cast<const std::uint64_t*>(&row[j]);
      for (std::size_t i = 0; i < kWords; ++i) words[i] |= stored[i] & mask;
    }
    std::memcpy(&out, words, sizeof words);
  }
};

}  // namespace
}  // namespace heqi::crypto::internal
