#include <heqi/base/file_store.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace heqi::base {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error storage_error(std::string_view what, const std::string& path) {
  const Code code = errno == ENOENT   ? Code::not_found
                    : errno == EEXIST ? Code::conflict
                                      : Code::storage;
  return fail(code, std::string(what) + " " + path + ": " + std::strerror(errno));
}

Status write_all(int fd, ByteView content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return storage_error("write", path);
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Status flush_folder(const std::string& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return storage_error("flush folder", folder);
  return {};
}

Status make_folders(const std::string& folder, unsigned mode) {
  for (std::size_t at = 1; at <= folder.size(); ++at) {
    if (at != folder.size() && folder[at] != '/') continue;
    const std::string prefix = folder.substr(0, at);
    if (::mkdir(prefix.c_str(), mode) == 0) {
      HEQI_TRY(flush_folder(folder_of(prefix)));
    } else if (errno != EEXIST) {
      return storage_error("make folder", prefix);
    }
  }
  return {};
}

enum class Replace { yes, no };

// put writes content beside path, flushes it and moves it there.
Status put(const std::string& path, ByteView content, unsigned mode, Replace replace) {
  static std::atomic<unsigned> sequence{0};
  const std::string aside =
      path + ".new." + std::to_string(::getpid()) + "." + std::to_string(++sequence);
  auto written = [&]() -> Status {
    const Descriptor fd(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd) return storage_error("create", aside);
    HEQI_TRY(write_all(fd.get(), content, aside));
    if (::fsync(fd.get()) != 0) return storage_error("flush", aside);
    return {};
  }();
  if (written && replace == Replace::yes && ::rename(aside.c_str(), path.c_str()) != 0)
    written = storage_error("rename", path);
  if (written && replace == Replace::no) {
    if (::link(aside.c_str(), path.c_str()) != 0) written = storage_error("create", path);
    ::unlink(aside.c_str());
  }
  if (!written) {
    ::unlink(aside.c_str());
    return written;
  }
  return flush_folder(folder_of(path));
}

Result<Bytes> get(const std::string& path, std::size_t size_max) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return storage_error("open", path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return storage_error("stat", path);
  if (S_ISDIR(status.st_mode)) return fail(Code::storage, path + " is a folder");
  Bytes content;
  content.reserve(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), size_max) + 1);
  std::uint8_t block[65536];
  for (;;) {
    const ssize_t got = ::read(fd.get(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return storage_error("read", path);
    if (got == 0) return content;
    if (content.size() + static_cast<std::size_t>(got) > size_max)
      return fail(Code::limit_exceeded,
                  path + " is larger than " + std::to_string(size_max) + " bytes");
    content.insert(content.end(), block, block + got);
  }
}

class Folder final : public FileStore {
 public:
  Folder(std::string path, FolderOptions options) : path_(std::move(path)), options_(options) {}

  Result<Bytes> read(std::string_view name, std::size_t size_max) const override {
    HEQI_TRY(const std::string path, resolve(name));
    return get(path, size_max);
  }
  Status write(std::string_view name, ByteView content) override {
    return place(name, content, Replace::yes);
  }
  Status create(std::string_view name, ByteView content) override {
    return place(name, content, Replace::no);
  }
  Status append(std::string_view name, ByteView content) override {
    HEQI_TRY(const std::string path, resolve(name));
    HEQI_TRY(make_folders(folder_of(path), folder_mode()));
    const Descriptor fd(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, options_.mode));
    if (!fd) return storage_error("open", path);
    HEQI_TRY(write_all(fd.get(), content, path));
    if (::fsync(fd.get()) != 0) return storage_error("flush", path);
    return flush_folder(folder_of(path));
  }
  Status remove(std::string_view name) override {
    HEQI_TRY(const std::string path, resolve(name));
    if (::unlink(path.c_str()) != 0) {
      if (errno == ENOENT) return {};
      return storage_error("remove", path);
    }
    return flush_folder(folder_of(path));
  }
  Result<std::vector<std::string>> list(std::string_view folder) const override {
    std::string path = path_;
    if (!folder.empty()) {
      HEQI_TRY(path, resolve(folder));
    }
    DIR* open = ::opendir(path.c_str());
    std::vector<std::string> names;
    if (open == nullptr) {
      if (errno == ENOENT) return names;
      return storage_error("list", path);
    }
    while (const dirent* entry = ::readdir(open)) {
      const std::string_view name = entry->d_name;
      if (entry->d_type == DT_REG && name.find(".new.") == std::string_view::npos)
        names.emplace_back(name);
    }
    ::closedir(open);
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  unsigned folder_mode() const { return options_.mode | (options_.mode >> 2 & 0111); }
  Result<std::string> resolve(std::string_view name) const {
    if (!is_file_name(name)) return fail(Code::malformed, "not a file name: " + std::string(name));
    return path_ + "/" + std::string(name);
  }
  Status place(std::string_view name, ByteView content, Replace replace) {
    HEQI_TRY(const std::string path, resolve(name));
    HEQI_TRY(make_folders(folder_of(path), folder_mode()));
    return put(path, content, options_.mode, replace);
  }

  std::string path_;
  FolderOptions options_;
};

}  // namespace

bool is_file_name(std::string_view name) {
  if (name.empty() || name.size() > 512 || name.front() == '/' || name.back() == '/') return false;
  std::size_t part_start = 0;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    if (i == name.size() || name[i] == '/') {
      const std::string_view part = name.substr(part_start, i - part_start);
      if (part.empty() || part == "." || part == "..") return false;
      part_start = i + 1;
      continue;
    }
    const char c = name[i];
    const bool allowed = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                         (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    if (!allowed) return false;
  }
  return true;
}

Result<std::unique_ptr<FileStore>> open_folder(std::string path, FolderOptions options) {
  const unsigned folder_mode = options.mode | (options.mode >> 2 & 0111);
  HEQI_TRY(make_folders(path, folder_mode));
  return std::unique_ptr<FileStore>(std::make_unique<Folder>(std::move(path), options));
}

Result<Bytes> read_file(const std::string& path, std::size_t size_max) {
  return get(path, size_max);
}
Status write_file(const std::string& path, ByteView content) {
  return put(path, content, 0644, Replace::yes);
}

}  // namespace heqi::base
