#include <heqi/testing/process_memory.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <optional>

#include <heqi/base/secret.h>

namespace heqi::testing {
namespace {

using base::Code;

constexpr std::size_t kBlock = std::size_t{1} << 20;

std::optional<Mapping> parse_mapping(const std::string& line) {
  Mapping out{0, 0, false, line};
  char rights[5] = {};
  if (std::sscanf(line.c_str(), "%lx-%lx %4s", &out.begin, &out.end, rights) != 3 ||
      rights[0] != 'r')
    return std::nullopt;
  out.is_writable = rights[1] == 'w';
  return out;
}

// Descriptor closes what it has.
struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  int number;
};

// read_mapping reads one, up to where the kernel gives nothing ([vvar] and the like); false where
// the reader has had enough.
bool read_mapping(int memory, const Mapping& mapping, const MemoryReader& reader,
                  base::Bytes& block, std::size_t& octets) {
  for (unsigned long at = mapping.begin; at < mapping.end; at += kBlock - reader.overlap) {
    const std::size_t size = std::min<std::size_t>(kBlock, mapping.end - at);
    const ssize_t got = ::pread(memory, block.data(), size, static_cast<off_t>(at));
    if (got <= 0) return true;
    octets += static_cast<std::size_t>(got);
    const bool goes_on =
        reader.read(mapping, std::span(block).first(static_cast<std::size_t>(got)));
    base::secure_wipe(block.data(), static_cast<std::size_t>(got));
    if (!goes_on) return false;
    if (mapping.end - at <= kBlock) break;
  }
  return true;
}

}  // namespace

base::Result<std::size_t> read_memory(const std::string& process, const MemoryReader& reader) {
  HEQI_CHECK(reader.overlap < kBlock);
  const Descriptor memory(::open(("/proc/" + process + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
  if (memory.number < 0 && (errno == EACCES || errno == EPERM))
    return base::fail(Code::denied, kMemoryIsClosed);
  if (memory.number < 0) return base::fail(Code::not_found, "process " + process);
  std::ifstream maps("/proc/" + process + "/maps");
  base::Bytes block(kBlock);
  std::size_t octets = 0;
  for (std::string line; std::getline(maps, line);) {
    const std::optional<Mapping> mapping = parse_mapping(line);
    if (!mapping || (reader.wants && !reader.wants(*mapping))) continue;
    if (!read_mapping(memory.number, *mapping, reader, block, octets)) return octets;
  }
  if (octets == 0) return base::fail(Code::not_found, "nothing of process " + process);
  return octets;
}

}  // namespace heqi::testing
