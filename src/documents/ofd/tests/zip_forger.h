// Writes ZIP archives that lie, octet by octet.
#pragma once
#include "../zip_numbers.h"
#include "ofd_world.h"

namespace heqi::documents::ofd {

// Lie is what one entry says about itself; what is not set is the truth.
struct Lie {
  std::string name;
  Bytes content;
  std::optional<std::string> local_name = std::nullopt;
  std::optional<std::uint16_t> method = std::nullopt, local_method = std::nullopt;
  std::optional<std::uint32_t> crc = std::nullopt, local_crc = std::nullopt;
  std::optional<std::uint32_t> size = std::nullopt, local_size = std::nullopt;
  std::optional<std::uint32_t> packed = std::nullopt;
  std::uint16_t flags = kFlagUtf8, local_flags = kFlagUtf8;
  std::optional<Bytes> descriptor = std::nullopt;
  Bytes extra = {}, local_extra = {}, before = {};
  std::uint32_t attributes = 0;
  std::uint16_t made_by = 20;
  std::optional<std::size_t> same_place_as = std::nullopt;  // index of an earlier entry
  std::size_t inside = 0;                                   // octets behind its beginning
};

struct Archive {
  std::vector<Lie> entries;
  Bytes before, after, between;  // around the archive, and before its directory
  Bytes comment;
  std::optional<std::uint16_t> count = std::nullopt, disk = std::nullopt;
  std::optional<std::uint32_t> directory_offset = std::nullopt, directory_size = std::nullopt;

  Bytes write() const {
    Bytes out = before, directory;
    std::vector<std::size_t> places;
    for (const Lie& one : entries) {
      base::append(out, one.before);
      places.push_back(one.same_place_as ? places[*one.same_place_as] + one.inside : out.size());
      if (!one.same_place_as) put_local(out, one);
      put_record(directory, one, places.back() - before.size());
    }
    base::append(out, between);
    const std::size_t begin = out.size() - before.size();
    base::append(out, directory);
    put32(out, kEndMark);
    put16(out, disk.value_or(0)), put16(out, disk.value_or(0));
    put16(out, count.value_or(static_cast<std::uint16_t>(entries.size())));
    put16(out, count.value_or(static_cast<std::uint16_t>(entries.size())));
    put32(out, directory_size.value_or(static_cast<std::uint32_t>(directory.size())));
    put32(out, directory_offset.value_or(static_cast<std::uint32_t>(begin)));
    put16(out, comment.size());
    base::append(out, comment);
    base::append(out, after);
    return out;
  }

 private:
  static std::uint32_t truth(const Lie& one) {
    return static_cast<std::uint32_t>(one.content.size());
  }
  static void put_local(Bytes& out, const Lie& one) {
    const std::string& name = one.local_name ? *one.local_name : one.name;
    put32(out, kLocalMark);
    put16(out, 20), put16(out, one.local_flags);
    put16(out, one.local_method.value_or(one.method.value_or(kStored)));
    put32(out, 0);
    put32(out, one.local_crc.value_or(crc32(one.content)));
    put32(out, one.local_size.value_or(truth(one)));
    put32(out, one.local_size.value_or(one.size.value_or(truth(one))));
    put16(out, name.size()), put16(out, one.local_extra.size());
    base::append(out, base::bytes_of(name));
    base::append(out, one.local_extra);
    base::append(out, one.content);
    if (one.descriptor) base::append(out, *one.descriptor);
  }
  static void put_record(Bytes& out, const Lie& one, std::size_t offset) {
    put32(out, kDirectoryMark);
    put16(out, one.made_by), put16(out, 20), put16(out, one.flags);
    put16(out, one.method.value_or(kStored));
    put32(out, 0);
    put32(out, one.crc.value_or(crc32(one.content)));
    put32(out, one.packed.value_or(truth(one)));
    put32(out, one.size.value_or(truth(one)));
    put16(out, one.name.size()), put16(out, one.extra.size());
    put16(out, 0), put16(out, 0), put16(out, 0);
    put32(out, one.attributes);
    put32(out, offset);
    base::append(out, base::bytes_of(one.name));
    base::append(out, one.extra);
  }
};

// archive_of is an honest archive of the parts of file, to be made dishonest.
inline Archive archive_of(ByteView file) {
  Archive out;
  for (NewEntry& one : parts_of(file)) {
    Lie entry;
    entry.name = one.name, entry.content = one.content;
    out.entries.push_back(std::move(entry));
  }
  return out;
}

// Attack makes a file; what catches it is a finding, or that it cannot be read at all.
struct Attack {
  std::string name;
  std::function<Bytes()> make;
  std::variant<Reason, Code> caught_by;
};

inline void expect_caught(const std::vector<Attack>& attacks, const VerifyOptions& options) {
  for (const Attack& attack : attacks) {
    SCOPED_TRACE(attack.name);
    const auto report = verify_ofd(attack.make(), options);
    if (const Code* code = std::get_if<Code>(&attack.caught_by)) {
      EXPECT_ERROR(report, *code);
      continue;
    }
    EXPECT_OK(report);
    if (!report) continue;
    EXPECT_GT(report->verdict, Verdict::valid_with_notes) << words(*report);
    EXPECT_TRUE(has(*report, std::get<Reason>(attack.caught_by))) << words(*report);
  }
}

}  // namespace heqi::documents::ofd
