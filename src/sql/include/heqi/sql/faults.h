// heqi/sql/faults.h: the crash shim: death or a failed write at the N-th write-type call.
//
// Built in only where HEQI_FAULT_HOOKS is defined (preset faults). In every other build
// wrap_files gives back what it got, open_folder is base's, and nothing else of this exists.
//
// A write-type call is one call of a program to the disk that can leave something different behind:
//   SQLite's files   xWrite, xSync, xTruncate, xDelete, xOpen that makes a file, xShmMap that
//                    extends, on the database, its log and its shared index
//   FileStore        write, create, append, remove
// They are counted from 1 in the order in which they happen, over the whole process.
//
// HEQI_FAULT says what happens:
//   kill:N      SIGKILL to itself in place of call N: calls 1 … N−1 have happened, N has not
//   tear:N      half of call N is done where it carries data, then SIGKILL
//   eio:N       call N fails with an input/output error and does nothing; later calls work
//   eio:N+      call N and every later one fail
//   count:FILE  nothing happens; FILE holds the number of calls so far, in decimal, at any moment
//   (not set)   nothing happens
// A driver runs the program once with count:FILE to learn the number of calls, then for N = 1 …
// that number: start with kill:N (or eio:N), drive the flow until the program dies or refuses,
// start again without HEQI_FAULT, and check the data against what the program had acknowledged.
// With several threads the order of calls varies from run to run; N still means the N-th.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <heqi/base/file_store.h>
#include <heqi/base/result.h>

namespace heqi::sql::faults {

#ifdef HEQI_FAULT_HOOKS

// install reads HEQI_FAULT once and makes the counting layer SQLite's default; Database::open calls
// it. Fails with malformed where HEQI_FAULT is not one of the forms above.
base::Status install();

// calls is the number of write-type calls so far.
std::uint64_t calls();

// wrap_files makes the calls of store count. Programs wrap every FileStore they open.
std::unique_ptr<base::FileStore> wrap_files(std::unique_ptr<base::FileStore> store);

#else

inline std::unique_ptr<base::FileStore> wrap_files(std::unique_ptr<base::FileStore> store) {
  return store;
}

#endif

// open_folder is base::open_folder whose calls count: what the server and the key centre open their
// folders with.
inline base::Result<std::unique_ptr<base::FileStore>> open_folder(
    std::string path, base::FolderOptions options = {}) {
  HEQI_TRY(auto store, base::open_folder(std::move(path), options));
  return wrap_files(std::move(store));
}

}  // namespace heqi::sql::faults
