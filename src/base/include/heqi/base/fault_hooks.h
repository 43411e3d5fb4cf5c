// heqi/base/fault_hooks.h: lets a test stop a program inside an operation on secrets, and tells it
// what to look for in the program's memory.
//
// Built in only where HEQI_FAULT_HOOKS is defined (preset faults, tests/fault_programs). In every
// other build the macros are nothing.
//
// HEQI_REVEAL(name, address, size) appends a record to the file that HEQI_REVEAL_FILE names: the
// name in 24 octets, the size in 8 (little-endian), the octets, written from where they stand.
// HEQI_STOP_AT(place) writes the record "at PLACE" without octets and stops the process (SIGSTOP)
// where HEQI_STOPS is set, until a SIGCONT. HEQI_STOP_AFTER(place) does so only where this thread
// has stopped inside since the last time: the first moment at which nothing of it may be left.
#pragma once
#ifdef HEQI_FAULT_HOOKS
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace heqi::base::fault_hooks {

inline void reveal(const char* name, const void* value, std::uint64_t size) {
  const char* path = std::getenv("HEQI_REVEAL_FILE");
  if (path == nullptr) return;
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  char label[24] = {};
  std::strncpy(label, name, sizeof label - 1);
  const iovec parts[3] = {
      {label, sizeof label}, {&size, sizeof size}, {const_cast<void*>(value), size}};
  (void)!::writev(file, parts, 3);
  ::close(file);
}

inline thread_local bool has_stopped = false;

inline void stop_at(const char* place) {
  if (std::getenv("HEQI_STOPS") == nullptr) return;
  reveal(place, nullptr, 0);
  has_stopped = true;
  ::raise(SIGSTOP);
}

inline void stop_after(const char* place) {
  if (!has_stopped) return;
  stop_at(place);
  has_stopped = false;
}

}  // namespace heqi::base::fault_hooks

#define HEQI_REVEAL(name, address, size) ::heqi::base::fault_hooks::reveal(name, address, size)
#define HEQI_STOP_AT(place) ::heqi::base::fault_hooks::stop_at("at " place)
#define HEQI_STOP_AFTER(place) ::heqi::base::fault_hooks::stop_after("at " place)
#else
#define HEQI_REVEAL(name, address, size) static_cast<void>(0)
#define HEQI_STOP_AT(place) static_cast<void>(0)
#define HEQI_STOP_AFTER(place) static_cast<void>(0)
#endif
