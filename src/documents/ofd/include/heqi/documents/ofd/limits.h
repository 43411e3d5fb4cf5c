// heqi/documents/ofd/limits.h: limits of one OFD file; docs/limits.md.
#pragma once
#include <cstddef>
#include <cstdint>

namespace heqi::documents::ofd {

struct Limits {
  std::uint64_t entries = 10'000;
  std::uint64_t unpacked_total = std::uint64_t{2} << 30;  // octets
  std::uint64_t unpacked_entry = std::uint64_t{512} << 20;
  std::uint64_t ratio = 200;           // unpacked to packed, of each entry
  std::uint64_t ratio_free = 1 << 16;  // octets that no ratio is asked of
  std::size_t xml_nodes = 2'000'000;   // elements and attributes of one part
  std::size_t xml_depth = 64;
};

inline constexpr std::size_t kEntryNameMax = 1'024;  // octets
inline constexpr std::size_t kDocBodiesMax = 64;
inline constexpr std::size_t kPagesMax = 20'000;
inline constexpr std::size_t kSignaturesMax = 256;
inline constexpr std::size_t kStampsMax = 10'000;  // of one signature

}  // namespace heqi::documents::ofd
