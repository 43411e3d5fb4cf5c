// heqi/base/file_store.h: files are injected. Every write is all or nothing and durable when it
// returns.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::base {

// FileStore is a folder of named files. A name is relative, of [A-Za-z0-9._-] and '/', without
// "..".
class FileStore {
 public:
  virtual ~FileStore() = default;
  // read returns the whole file. Fails with not_found, limit_exceeded (larger than size_max),
  // storage.
  virtual Result<Bytes> read(std::string_view name, std::size_t size_max) const = 0;
  // write replaces the file: written aside, flushed, renamed, and the folder flushed. Fails with
  // storage.
  virtual Status write(std::string_view name, ByteView content) = 0;
  // create is write, but fails with conflict where the file exists.
  virtual Status create(std::string_view name, ByteView content) = 0;
  // append adds to the end and flushes.
  virtual Status append(std::string_view name, ByteView content) = 0;
  // remove removes the file; removing what is not there is success.
  virtual Status remove(std::string_view name) = 0;
  // list names the files directly in folder, sorted.
  virtual Result<std::vector<std::string>> list(std::string_view folder) const = 0;
};

struct FolderOptions {
  unsigned mode = 0600;  // of new files; folders get the matching x bits
};

// open_folder opens (and makes) a folder on disk.
Result<std::unique_ptr<FileStore>> open_folder(std::string path, FolderOptions options = {});

// is_file_name tells whether name is one that a FileStore takes.
bool is_file_name(std::string_view name);

// read_file and write_file serve command lines: any path. read_file fails with limit_exceeded
// beyond size_max.
Result<Bytes> read_file(const std::string& path, std::size_t size_max);
Status write_file(const std::string& path, ByteView content);

}  // namespace heqi::base
