#include <heqi/documents/ofd/package.h>

#include <algorithm>
#include <array>

#include <heqi/base/text.h>
#include <heqi/documents/pdf/inflate.h>

#include "zip_numbers.h"

namespace heqi::documents::ofd {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

std::uint32_t crc32(ByteView octets) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> out{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t crc = i;
      for (int k = 0; k < 8; ++k) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
      out[i] = crc;
    }
    return out;
  }();
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : octets) crc = table[(crc ^ octet) & 0xFF] ^ crc >> 8;
  return ~crc;
}

namespace {

constexpr std::size_t kCommentMax = 65'535;
constexpr std::uint16_t kUnicodePathField = 0x7075, kZip64Field = 0x0001;

base::Error differ(std::string_view name, std::string_view what) {
  return fail(Code::malformed, std::string(name) + ": " + std::string(what));
}

// Ends are the places that look like the end record of an archive.
struct Ends {
  std::size_t last = 0;
  std::vector<std::size_t> others;
};

// find_ends looks from the end on. Some readers take the last mark, others the one whose comment
// reaches to the end of the file: where both could be meant, they must be the same.
base::Result<Ends> find_ends(ByteView file) {
  if (file.size() < kEndSize) return fail(Code::document_not_ofd, "too short for a package");
  const std::size_t last = file.size() - kEndSize;
  const std::size_t first = last > kCommentMax ? last - kCommentMax : 0;
  std::vector<std::size_t> marks;
  for (std::size_t at = last + 1; at-- > first;)
    if (u32(file, at) == kEndMark) marks.push_back(at);
  if (marks.empty()) return fail(Code::document_not_ofd, "no end of a package");
  const auto reaches = [&](std::size_t at) {
    return at + kEndSize + u16(file, at + 20) == file.size();
  };
  const bool other = std::any_of(marks.begin() + 1, marks.end(), reaches);
  if (other || (marks.size() > 1 && !reaches(marks[0])))
    return fail(Code::malformed, "the package has two ends");
  return Ends{marks[0], {marks.begin() + 1, marks.end()}};
}

// check_extra refuses fields by which a reader could come to another name or size. The field that
// holds the sizes of ZIP64 is given back: some makers reserve it where they need none.
base::Result<std::optional<ByteView>> check_extra(ByteView extra, std::string_view name) {
  std::optional<ByteView> large;
  for (std::size_t at = 0; at < extra.size();) {
    if (extra.size() - at < 4) return differ(name, "an extra field that is cut");
    const std::uint16_t field = u16(extra, at), size = u16(extra, at + 2);
    if (extra.size() - at - 4 < size) return differ(name, "an extra field that is cut");
    if (field == kZip64Field) large = extra.subspan(at + 4, size);
    if (field == kUnicodePathField &&
        (size < 5 || base::text_of(extra.subspan(at + 9, size - 5U)) != name))
      return differ(name, "an extra field that gives it another name");
    at += 4U + size;
  }
  return large;
}

std::string folded(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// check_descriptor compares what follows the data with the directory; gives its size.
base::Result<std::size_t> check_descriptor(ByteView after, const Entry& entry) {
  const bool marked = after.size() >= 16 && u32(after, 0) == kDescriptorMark;
  const std::size_t at = marked ? 4 : 0;
  if (after.size() < at + 12) return differ(entry.name, "no descriptor after its data");
  if (u32(after, at) != entry.crc || u32(after, at + 4) != entry.packed.size() ||
      u32(after, at + 8) != entry.size)
    return differ(entry.name, "the descriptor contradicts the directory");
  return at + 12;
}

// same_flags compares what both headers say of an entry: how hard it was compressed does not
// matter, nor whether an ASCII name is called UTF-8.
bool same_flags(std::uint16_t one, std::uint16_t other, std::string_view name) {
  const bool ascii = std::all_of(name.begin(), name.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  const unsigned free = kFlagCompression | (ascii ? kFlagUtf8 : 0U);
  return ((unsigned{one} ^ other) & ~free) == 0;
}

// LocalHeader is what the record before the data says.
struct LocalHeader {
  std::uint16_t flags, method;
  std::uint32_t crc, packed, size;
  std::string_view name;
  ByteView extra;

  // is_open: the sizes follow the data.
  bool is_open() const { return crc == 0 && packed == 0 && size == 0; }
  // says tells whether header and directory agree on size and checksum, be it in the long form.
  bool says(const Entry& entry, ByteView large) const {
    if (crc != entry.crc) return false;
    const bool long_form = packed == 0xFFFFFFFF && size == 0xFFFFFFFF && large.size() == 16;
    if (!long_form) return packed == entry.packed.size() && size == entry.size;
    return u32(large, 0) == entry.size && u32(large, 4) == 0 &&
           u32(large, 8) == entry.packed.size() && u32(large, 12) == 0;
  }
};

base::Result<LocalHeader> read_local(ByteView from) {
  if (from.size() < kLocalSize || u32(from, 0) != kLocalMark)
    return fail(Code::malformed, "the directory points to no local header");
  const std::size_t name = u16(from, 26), extra = u16(from, 28);
  if (from.size() < kLocalSize + name + extra) return fail(Code::malformed, "a local header cut");
  return LocalHeader{u16(from, 6),
                     u16(from, 8),
                     u32(from, 14),
                     u32(from, 18),
                     u32(from, 22),
                     base::text_of(from.subspan(kLocalSize, name)),
                     from.subspan(kLocalSize + name, extra)};
}

}  // namespace

base::Result<Package> Package::open(ByteView file, const Limits& limits) {
  Package out(file, limits);
  out.unpacked_ = std::make_shared<std::map<std::string, Bytes, std::less<>>>();
  HEQI_TRY(out.read_directory());
  return out;
}

base::Status Package::read_directory() {
  HEQI_TRY(const Ends ends, find_ends(file_));
  const std::size_t end = ends.last;
  const std::uint64_t count = u16(file_, end + 10), size = u32(file_, end + 12),
                      stated = u32(file_, end + 16);
  if (u16(file_, end + 4) != 0 || u16(file_, end + 6) != 0 || u16(file_, end + 8) != count)
    return fail(Code::unsupported, "a package on several disks");
  if (count == 0xFFFF || size == 0xFFFFFFFF || stated == 0xFFFFFFFF ||
      (end >= 20 && u32(file_, end - 20) == kEnd64LocatorMark))
    return fail(Code::unsupported, "ZIP64");
  if (size > end || end - size < stated)
    return fail(Code::malformed, "the directory is not where the end says");
  const std::uint64_t begin = end - size;
  shift_ = begin - stated;
  if (count > limits_.entries)
    return fail(Code::limit_exceeded, std::to_string(count) + " entries");
  ByteView rest = file_.subspan(begin, size);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (rest.size() < kDirectorySize || u32(rest, 0) != kDirectoryMark)
      return fail(Code::malformed, "the directory is cut");
    const std::size_t whole =
        kDirectorySize + u16(rest, 28) + std::size_t{u16(rest, 30)} + u16(rest, 32);
    if (rest.size() < whole) return fail(Code::malformed, "the directory is cut");
    HEQI_TRY(take_directory_record(rest.first(whole)));
    rest = rest.subspan(whole);
  }
  if (!rest.empty()) return fail(Code::malformed, "the directory has more than its entries");
  octets_outside_ = file_.size() - end - kEndSize;
  HEQI_TRY(check_places(begin));
  return check_marks(ends.others);
}

base::Status Package::take_directory_record(ByteView record) {
  Entry entry;
  const std::size_t name_size = u16(record, 28);
  entry.name = base::text_of(record.subspan(kDirectorySize, name_size));
  entry.directory_record = record;
  HEQI_TRY(check_name(entry.name));
  HEQI_TRY(const auto directory_large,
           check_extra(record.subspan(kDirectorySize + name_size, u16(record, 30)), entry.name));
  if (directory_large) return fail(Code::unsupported, entry.name + ": ZIP64");
  const std::uint16_t flags = u16(record, 8);
  entry.method = u16(record, 10);
  entry.crc = u32(record, 16);
  entry.size = u32(record, 24);
  const std::uint64_t packed = u32(record, 20), offset = u32(record, 42) + shift_;
  if ((flags & kFlagEncrypted) != 0) return fail(Code::unsupported, entry.name + " is encrypted");
  if (entry.method != kStored && entry.method != kDeflated)
    return fail(Code::unsupported, entry.name + ": method " + std::to_string(entry.method));
  const bool link = (record[5] == 3) && (u32(record, 38) >> 28) == 0xA;
  if (link) return differ(entry.name, "a symbolic link");
  if (entry.size > limits_.unpacked_entry ||
      entry.size > packed * limits_.ratio + limits_.ratio_free)
    return fail(Code::limit_exceeded, entry.name + " unpacks to " + std::to_string(entry.size));

  if (offset >= file_.size()) return differ(entry.name, "stands outside the file");
  const ByteView from = file_.subspan(offset);
  HEQI_TRY(const LocalHeader local, read_local(from));
  HEQI_TRY(const auto large, check_extra(local.extra, entry.name));
  const std::size_t head = kLocalSize + local.name.size() + local.extra.size();
  if (local.name != entry.name) return differ(entry.name, "its local header has another name");
  if (local.method != entry.method || !same_flags(local.flags, flags, entry.name))
    return differ(entry.name, "its local header has another method or flags");
  if (from.size() - head < packed) return differ(entry.name, "its data is cut");
  entry.packed = from.subspan(head, packed);
  std::size_t after = 0;
  const bool descriptor = (flags & kFlagDescriptor) != 0;
  if (descriptor) {
    HEQI_TRY(after, check_descriptor(from.subspan(head + packed), entry));
  }
  if (!(descriptor && local.is_open()) && !local.says(entry, large.value_or(ByteView())))
    return differ(entry.name, "its local header has another size or checksum");
  if (entry.method == kStored && packed != entry.size)
    return differ(entry.name, "stored, and yet of two sizes");
  if (entry.is_folder() && entry.size != 0) return differ(entry.name, "a folder with content");
  entry.record = from.first(head + packed + after);
  entries_.push_back(std::move(entry));
  return {};
}

// check_places: no name twice in any spelling, no octet in two entries, few octets in none.
base::Status Package::check_places(std::uint64_t directory_begin) {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.record.data() < b.record.data(); });
  std::map<std::string, std::string> spellings;
  std::uint64_t at = 0, total = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    std::string key = folded(entry.name);
    if (entry.is_folder()) key.pop_back();
    if (!spellings.emplace(std::move(key), entry.name).second)
      return differ(entry.name, "two entries have this name, or differ in case only");
    by_name_.emplace(entry.name, i);
    total += entry.size;
    const auto begin = static_cast<std::uint64_t>(entry.record.data() - file_.data());
    if (begin < at) return differ(entry.name, "shares octets with another entry");
    octets_outside_ += begin - at;
    at = begin + entry.record.size();
  }
  if (at > directory_begin) return fail(Code::malformed, "an entry reaches into the directory");
  octets_outside_ += directory_begin - at;
  if (total > limits_.unpacked_total)
    return fail(Code::limit_exceeded, "unpacks to " + std::to_string(total) + " octets");
  for (const auto& [key, name] : spellings)
    for (std::size_t slash = key.find('/'); slash != std::string::npos;
         slash = key.find('/', slash + 1)) {
      const auto folder = spellings.find(key.substr(0, slash));
      if (folder != spellings.end() && !folder->second.ends_with('/'))
        return differ(name, "its folder is a file");
    }
  return {};
}

// check_marks: what looks like another end may stand inside an entry only, such as a package that
// is the picture of a seal.
base::Status Package::check_marks(const std::vector<std::size_t>& marks) const {
  for (const std::size_t mark : marks) {
    const std::uint8_t* at = file_.data() + mark;
    const bool inside = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& one) {
      return one.packed.data() <= at && at + 4 <= one.packed.data() + one.packed.size();
    });
    if (!inside) return fail(Code::malformed, "the package has two ends");
  }
  return {};
}

const Entry* Package::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &entries_[found->second];
}

base::Result<ByteView> Package::read(std::string_view name) const {
  const Entry* entry = find(name);
  if (!entry) return fail(Code::not_found, "no entry " + std::string(name));
  const auto kept = unpacked_->find(name);
  if (kept != unpacked_->end()) return ByteView(kept->second);
  Bytes octets;
  if (entry->method == kStored) {
    octets = base::to_bytes(entry->packed);
  } else {
    HEQI_TRY(auto inflated, pdf::inflate_raw(entry->packed, entry->size));
    if (inflated.octets.size() != entry->size || inflated.used != entry->packed.size())
      return differ(name, "unpacks to another size than stated");
    octets = std::move(inflated.octets);
  }
  if (crc32(octets) != entry->crc) return differ(name, "its checksum does not fit");
  return ByteView(unpacked_->emplace(std::string(name), std::move(octets)).first->second);
}

}  // namespace heqi::documents::ofd
