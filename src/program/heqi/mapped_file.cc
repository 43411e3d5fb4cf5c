#include "mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <utility>

namespace heqi::program {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t kCopiedAtOnce = std::size_t{1} << 30;

base::Error system_failed(const std::string& path) {
  const int number = errno;
  const Code code = number == ENOENT                      ? Code::not_found
                    : number == EACCES || number == EPERM ? Code::denied
                                                          : Code::storage;
  return base::fail(code, path + ": " + std::strerror(number));
}

// Descriptor closes what was opened.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

struct FileFacts {
  std::uint64_t size = 0;
  mode_t mode = 0;
};

Result<FileFacts> facts_of(int descriptor, const std::string& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return system_failed(path);
  if (!S_ISREG(status.st_mode)) return base::fail(Code::malformed, path + ": not a file");
  return FileFacts{static_cast<std::uint64_t>(status.st_size), status.st_mode & mode_t{0777}};
}

Status write_all(int descriptor, base::ByteView octets, const std::string& path) {
  while (!octets.empty()) {
    const ssize_t written = ::write(descriptor, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failed(path);
    octets = octets.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// copy_all lets the kernel copy, and copies by hand where it cannot.
Status copy_all(int from, int to, std::uint64_t size, const std::string& path) {
  std::uint64_t left = size;
  while (left > 0) {
    const std::size_t chunk = left < kCopiedAtOnce ? static_cast<std::size_t>(left) : kCopiedAtOnce;
    const ssize_t copied = ::copy_file_range(from, nullptr, to, nullptr, chunk, 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied <= 0) break;
    left -= static_cast<std::uint64_t>(copied);
  }
  if (left == 0) return {};
  base::Bytes buffer(std::size_t{1} << 20);
  while (left > 0) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failed(path);
    if (got == 0) return base::fail(Code::conflict, path + ": became shorter while it was read");
    HEQI_TRY(write_all(to, base::ByteView(buffer).first(static_cast<std::size_t>(got)), path));
    left -= std::min(left, static_cast<std::uint64_t>(got));
  }
  return {};
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::string& path, std::uint64_t size_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return system_failed(path);
  HEQI_TRY(const FileFacts facts, facts_of(file.number(), path));
  const std::uint64_t size = facts.size;
  if (size > size_max)
    return base::fail(Code::limit_exceeded, path + ": " + std::to_string(size) +
                                                " octets; at most " + std::to_string(size_max));
  if (size == 0) return MappedFile(nullptr, 0);
  void* data =
      ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (data == MAP_FAILED) return system_failed(path);
  return MappedFile(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

MappedFile::~MappedFile() {
  release();
}

void MappedFile::release() {
  if (data_ != nullptr) ::munmap(const_cast<std::uint8_t*>(data_), size_);
}

Result<GrowingFile> GrowingFile::copy_of(const std::string& from, const std::string& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (source.number() < 0) return system_failed(from);
  HEQI_TRY(const FileFacts facts, facts_of(source.number(), from));
  std::string temporary = to + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) return system_failed(to);
  GrowingFile out(descriptor, std::move(temporary), to);
  // The new file may be read by whoever could read the old one.
  if (::fchmod(descriptor, facts.mode | S_IWUSR) != 0) return system_failed(to);
  HEQI_TRY(copy_all(source.number(), descriptor, facts.size, from));
  return out;
}

GrowingFile::GrowingFile(GrowingFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      temporary_(std::exchange(other.temporary_, {})),
      path_(std::move(other.path_)) {}

GrowingFile::~GrowingFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status GrowingFile::append(base::ByteView octets) {
  return write_all(descriptor_, octets, path_);
}

Result<MappedFile> GrowingFile::map() const {
  return MappedFile::open(temporary_, std::numeric_limits<std::uint64_t>::max());
}

Status GrowingFile::commit() {
  if (::fsync(descriptor_) != 0) return system_failed(path_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return system_failed(path_);
  temporary_.clear();
  return {};
}

}  // namespace heqi::program
