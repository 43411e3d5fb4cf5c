// heqi/testing/process_memory.h: the memory of a process, as root or who started it can read it.
#pragma once
#include <functional>
#include <span>
#include <string>

#include <heqi/base/result.h>

namespace heqi::testing {

// kMemoryIsClosed is why a test is left out: the kernel keeps the memory of programs that have
// switched off core files and tracing from everybody else, whatever yama is set to.
inline constexpr const char* kMemoryIsClosed =
    "the memory of this process is closed to all users but root: run this test as root";

// Mapping is a range of addresses that can be read; line is how /proc/ID/maps says so.
struct Mapping {
  unsigned long begin, end;
  bool is_writable;
  std::string line;
};

// MemoryReader says what is read: of which mappings (all, where empty), in blocks of up to a MiB of
// which each begins with the last `overlap` octets of the one before, so that nothing hides on
// their border. read gets each, and gives false where no more is wanted.
struct MemoryReader {
  std::size_t overlap = 0;
  std::function<bool(const Mapping&)> wants;
  std::function<bool(const Mapping&, std::span<std::uint8_t>)> read;
};

// read_memory reads a process ("self" or its id) and gives the number of octets. Fails with denied
// (kMemoryIsClosed) where the kernel refuses; not_found where there is no such process, or nothing
// of it any more.
base::Result<std::size_t> read_memory(const std::string& process, const MemoryReader& reader);

}  // namespace heqi::testing
