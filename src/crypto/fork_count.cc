#include "fork_count.h"

#include <atomic>

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace heqi::crypto::internal {

#if defined(__linux__) && defined(MADV_WIPEONFORK)
namespace {

using Mark = std::atomic<std::uint64_t>;

// make_mark gives a word of a page that the kernel empties in a child, or nothing.
Mark* make_mark() {
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* page = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (::madvise(page, size, MADV_WIPEONFORK) == 0) return new (page) Mark(0);
  ::munmap(page, size);
  return nullptr;
}

}  // namespace

std::uint64_t fork_count() {
  static Mark* const mark = make_mark();
  static std::atomic<std::uint64_t> forks{0};
  if (mark == nullptr) return static_cast<std::uint64_t>(::getpid());
  // Counted before it is marked: who finds the mark finds the count. Two threads that find none may
  // count twice, which costs a seed.
  if (mark->load(std::memory_order_acquire) == 0) {
    forks.fetch_add(1, std::memory_order_release);
    mark->store(1, std::memory_order_release);
  }
  return forks.load(std::memory_order_acquire);
}
#elif defined(__linux__)
std::uint64_t fork_count() {
  return static_cast<std::uint64_t>(::getpid());
}
#else
std::uint64_t fork_count() {
  return 1;
}
#endif

}  // namespace heqi::crypto::internal
