// Writes packages: what is kept is copied octet by octet.
#include <algorithm>
#include <set>

#include <heqi/documents/ofd/package.h>

#include "zip_numbers.h"

namespace heqi::documents::ofd {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::uint16_t kVersion = 20;
// 1980-01-01: the time of a package says nothing, and the same input shall give the same octets.
constexpr std::uint32_t kNoTime = 0x00210000;
constexpr std::uint64_t kPackageSizeMax = 0xFFFFFFFE;

// put_facts writes what local headers and the directory have in common.
void put_facts(Bytes& out, const NewEntry& entry) {
  put16(out, kFlagUtf8);
  put16(out, kStored);
  put32(out, kNoTime);
  put32(out, crc32(entry.content));
  put32(out, entry.content.size());
  put32(out, entry.content.size());
  put16(out, entry.name.size());
  put16(out, 0);
}

void put_new(Bytes& out, Bytes& directory, const NewEntry& entry) {
  put32(directory, kDirectoryMark);
  put16(directory, kVersion);
  put16(directory, kVersion);
  put_facts(directory, entry);
  put16(directory, 0);
  put16(directory, 0);
  put16(directory, 0);
  put32(directory, 0);
  put32(directory, out.size());
  base::append(directory, base::bytes_of(entry.name));
  put32(out, kLocalMark);
  put16(out, kVersion);
  put_facts(out, entry);
  base::append(out, base::bytes_of(entry.name));
  base::append(out, entry.content);
}

void put_kept(Bytes& out, Bytes& directory, const Entry& entry) {
  const std::size_t at = directory.size();
  base::append(directory, entry.directory_record);
  for (std::size_t i = 0; i < 4; ++i)
    directory[at + 42 + i] = static_cast<std::uint8_t>(out.size() >> (8 * i) & 0xFF);
  base::append(out, entry.record);
}

void put_end(Bytes& out, std::size_t count, const Bytes& directory) {
  const std::uint64_t begin = out.size();
  base::append(out, directory);
  put32(out, kEndMark);
  put32(out, 0);
  put16(out, count);
  put16(out, count);
  put32(out, directory.size());
  put32(out, begin);
  put16(out, 0);
}

}  // namespace

base::Result<Bytes> write_package(const Package* base, const std::vector<NewEntry>& entries) {
  std::set<std::string_view> names;
  std::uint64_t total = base ? base->file().size() : 0;
  for (const NewEntry& one : entries) {
    HEQI_TRY(check_name(one.name));
    if (!names.insert(one.name).second) return fail(Code::malformed, one.name + " is given twice");
    total += one.content.size() + 2 * one.name.size() + kLocalSize + kDirectorySize;
  }
  if (total > kPackageSizeMax) return fail(Code::limit_exceeded, "a package of 4 GiB");
  Bytes out, directory;
  std::size_t count = 0;
  if (base)
    for (const Entry& entry : base->entries()) {
      if (names.count(entry.name) != 0) continue;
      put_kept(out, directory, entry);
      ++count;
    }
  for (const NewEntry& one : entries) put_new(out, directory, one);
  count += entries.size();
  if (count >= 0xFFFF) return fail(Code::limit_exceeded, "a package of 65535 entries");
  put_end(out, count, directory);
  // What is written is read again, strictly: a new name may collide with a kept one.
  HEQI_TRY(Package::open(out));
  return out;
}

}  // namespace heqi::documents::ofd
