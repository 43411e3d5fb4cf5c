// heqi/documents/ofd/package.h: the ZIP package of an OFD (GB/T 33190 §6, APPNOTE 6.3), read so
// strictly that no other reader can see other entries: what a central directory says is what the
// local headers say, nothing overlaps, no name has a second spelling.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>
#include <heqi/documents/ofd/limits.h>

namespace heqi::documents::ofd {

// Entry is one file of a package.
struct Entry {
  std::string name;  // "Doc_0/Document.xml"
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint64_t size = 0;           // unpacked
  base::ByteView packed;            // of the file
  base::ByteView record;            // local header, data and descriptor
  base::ByteView directory_record;  // in the central directory
  bool is_folder() const { return name.ends_with('/'); }
};

// Package is a file whose entries can be read. It views the file, which must outlive it.
class Package {
 public:
  // open fails with document_not_ofd where there is no ZIP, malformed naming what two readers could
  // see differently, unsupported (encrypted, several disks, ZIP64, other methods), limit_exceeded.
  static base::Result<Package> open(base::ByteView file, const Limits& limits = {});

  base::ByteView file() const { return file_; }
  const Limits& limits() const { return limits_; }
  const std::vector<Entry>& entries() const { return entries_; }  // by place in the file
  const Entry* find(std::string_view name) const;
  // read unpacks an entry, checks its CRC, and keeps it. Fails with not_found, malformed,
  // limit_exceeded.
  base::Result<base::ByteView> read(std::string_view name) const;
  // octets_outside counts what stands before the first entry, between entries, and after the end.
  std::uint64_t octets_outside() const { return octets_outside_; }

 private:
  Package(base::ByteView file, const Limits& limits) : file_(file), limits_(limits) {}
  base::Status read_directory();
  base::Status take_directory_record(base::ByteView record);
  base::Status check_places(std::uint64_t directory_begin);
  base::Status check_marks(const std::vector<std::size_t>& marks) const;

  base::ByteView file_;
  Limits limits_;
  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::uint64_t shift_ = 0;  // octets before the archive
  std::uint64_t octets_outside_ = 0;
  std::shared_ptr<std::map<std::string, base::Bytes, std::less<>>> unpacked_;
};

// NewEntry is to be stored in a package.
struct NewEntry {
  std::string name;
  base::Bytes content;
};

// write_package makes a package of kept entries, octet by octet as they stand in base (those of
// replaced names are left out), and new ones, stored. The same input gives the same output. Fails
// with malformed for a bad or repeated name, limit_exceeded.
base::Result<base::Bytes> write_package(const Package* base, const std::vector<NewEntry>& entries);

// resolve is the name of the entry that reference means in the part called from: from the root
// where it begins with "/", else from the folder of that part. Fails with malformed where it leads
// out of the package or has two spellings.
base::Result<std::string> resolve(std::string_view from, std::string_view reference);
// check_name says whether name is one that every reader takes the same way.
base::Status check_name(std::string_view name);

}  // namespace heqi::documents::ofd
