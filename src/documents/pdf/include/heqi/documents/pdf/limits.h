// heqi/documents/pdf/limits.h: what the reader refuses beyond (ISO 32000-2 names no limits; we do).
#pragma once
#include <cstddef>
#include <cstdint>

namespace heqi::documents::pdf {

// Limits bound the work that one file can cause. What exceeds them fails with limit_exceeded.
struct Limits {
  std::uint64_t file_size = std::uint64_t{4} << 30;      // octets
  std::size_t objects = 1'000'000;                       // object numbers, so also /Size
  std::size_t xref_entries = 4'000'000;                  // over all sections
  std::size_t revisions = 1'000;                         // sections in the chain of /Prev
  std::size_t depth = 100;                               // arrays and dictionaries in each other
  std::size_t containers = 2'000'000;                    // values in one object
  std::size_t token_size = std::size_t{64} << 20;        // octets of one string or name
  std::size_t filters = 8;                               // in the chain of one stream
  std::size_t decoded_size = std::size_t{256} << 20;     // octets of one stream, decoded
  std::uint64_t decoded_total = std::uint64_t{1} << 30;  // octets of all object and xref streams
  std::size_t pages = 50'000;
  std::size_t fields = 20'000;
  std::size_t tree_depth = 64;       // of the page tree and the field tree
  std::size_t reference_chain = 16;  // references to references
};

}  // namespace heqi::documents::pdf
