#include <heqi/base/hardening.h>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace heqi::base {
namespace {

constexpr rlim_t kLockableMin = rlim_t{512} << 20;  // octets: the largest document, several times

}  // namespace

Status harden_process(Log& log) {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return fail(Code::internal, "no core limit");
#ifndef HEQI_FAULT_HOOKS
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return fail(Code::internal, "PR_SET_DUMPABLE");
#endif
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // With a small limit, locking what is mapped later would make later allocations fail.
  rlimit lockable{};
  ::getrlimit(RLIMIT_MEMLOCK, &lockable);
  lockable.rlim_cur = lockable.rlim_max;
  ::setrlimit(RLIMIT_MEMLOCK, &lockable);
  const bool roomy = ::geteuid() == 0 || lockable.rlim_cur >= kLockableMin;
  if (::mlockall(roomy ? MCL_CURRENT | MCL_FUTURE : MCL_CURRENT) != 0 || !roomy)
    log.warning("process.memory_not_locked",
                {{"advice", "raise RLIMIT_MEMLOCK (LimitMEMLOCK=infinity)"}});
  return {};
}

}  // namespace heqi::base
