// mapped_file.h: files of any size as octets, and new files that grow by what is appended: nothing
// of a document is copied into memory.
#pragma once
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::program {

// MappedFile views a file through the memory map; its pages belong to the page cache.
class MappedFile {
 public:
  // open fails with not_found, denied, limit_exceeded beyond size_max octets, storage.
  static base::Result<MappedFile> open(const std::string& path, std::uint64_t size_max);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  base::ByteView octets() const { return {data_, size_}; }

 private:
  MappedFile(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  void release();
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

// GrowingFile is a new file beside its place, which it takes when it is complete: another process
// never sees half of it, and a failure leaves nothing.
class GrowingFile {
 public:
  // copy_of begins with the content of from. Fails with not_found, storage.
  static base::Result<GrowingFile> copy_of(const std::string& from, const std::string& to);

  GrowingFile(GrowingFile&& other) noexcept;
  GrowingFile& operator=(GrowingFile&&) = delete;
  ~GrowingFile();

  base::Status append(base::ByteView octets);
  // map views what was written so far; a later append does not show in it.
  base::Result<MappedFile> map() const;
  // commit makes the file durable and gives it its name.
  base::Status commit();

 private:
  GrowingFile(int descriptor, std::string temporary, std::string path)
      : descriptor_(descriptor), temporary_(std::move(temporary)), path_(std::move(path)) {}
  int descriptor_ = -1;
  std::string temporary_, path_;
};

}  // namespace heqi::program
