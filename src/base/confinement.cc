#include <heqi/base/confinement.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heqi::base {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif
constexpr std::uint32_t kOtherAbi = 0x40000000;  // x32: other numbers for the same calls

constexpr std::uint32_t kRefused[] = {SYS_execve,
                                      SYS_execveat,
#ifdef SYS_fork
                                      SYS_fork,
                                      SYS_vfork,
#endif
                                      SYS_ptrace,
                                      SYS_process_vm_readv,
                                      SYS_process_vm_writev,
                                      SYS_kcmp,
                                      SYS_pidfd_getfd,
                                      SYS_mount,
                                      SYS_umount2,
                                      SYS_pivot_root,
                                      SYS_chroot,
                                      SYS_unshare,
                                      SYS_setns,
                                      SYS_init_module,
                                      SYS_finit_module,
                                      SYS_delete_module,
                                      SYS_kexec_load,
                                      SYS_reboot,
                                      SYS_swapon,
                                      SYS_swapoff,
                                      SYS_bpf,
                                      SYS_perf_event_open,
                                      SYS_userfaultfd,
                                      SYS_open_by_handle_at,
                                      SYS_add_key,
                                      SYS_request_key,
                                      SYS_keyctl,
                                      SYS_personality,
                                      SYS_setuid,
                                      SYS_setgid,
                                      SYS_setreuid,
                                      SYS_setregid,
                                      SYS_setresuid,
                                      SYS_setresgid,
                                      SYS_setfsuid,
                                      SYS_setfsgid,
                                      SYS_setgroups,
                                      SYS_acct,
                                      SYS_settimeofday,
                                      SYS_clock_settime,
                                      SYS_io_uring_setup};

constexpr std::uint32_t kLow = 0;  // offset of the low half of an argument, little-endian

class Program {
 public:
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  }
  void load_argument(std::size_t index) { load(offsetof(seccomp_data, args) + 8 * index + kLow); }
  void when_equal_skip(std::uint32_t value, std::uint8_t count) { jump(BPF_JEQ, value, count, 0); }
  void unless_equal_skip(std::uint32_t value, std::uint8_t count) {
    jump(BPF_JEQ, value, 0, count);
  }
  void when_any_bit_skip(std::uint32_t bits, std::uint8_t count) { jump(BPF_JSET, bits, count, 0); }
  void unless_any_bit_skip(std::uint32_t bits, std::uint8_t count) {
    jump(BPF_JSET, bits, 0, count);
  }
  void allow() { add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW); }
  void refuse(int error) {
    add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
  }
  bool install() {
    const sock_fprog program{static_cast<unsigned short>(statements_.size()), statements_.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  void add(int code, std::uint32_t value) {
    statements_.push_back({static_cast<std::uint16_t>(code), 0, 0, value});
  }
  void jump(int test, std::uint32_t value, std::uint8_t if_true, std::uint8_t if_false) {
    statements_.push_back(
        {static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), if_true, if_false, value});
  }
  std::vector<sock_filter> statements_;
};

Program make_program(Network network) {
  Program out;
  out.load(offsetof(seccomp_data, arch));
  out.when_equal_skip(kArchitecture, 1);
  out.refuse(EPERM);  // calls of another architecture have other numbers
  out.load(offsetof(seccomp_data, nr));
  out.unless_any_bit_skip(kOtherAbi, 1);
  out.refuse(EPERM);
  for (const std::uint32_t call : kRefused) {
    out.unless_equal_skip(call, 1);
    out.refuse(EPERM);
  }
  // Its flags lie in memory, where a filter cannot look; the C library falls back to clone.
  out.unless_equal_skip(SYS_clone3, 1);
  out.refuse(ENOSYS);
  out.unless_equal_skip(SYS_clone, 4);
  out.load_argument(0);
  out.when_any_bit_skip(CLONE_THREAD, 1);
  out.refuse(EPERM);
  out.allow();
  if (network == Network::none) {
    out.unless_equal_skip(SYS_socket, 4);
    out.load_argument(0);
    out.unless_equal_skip(AF_UNIX, 1);
    out.allow();
    out.refuse(EPERM);
  }
  out.allow();
  return out;
}

constexpr bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return true;
#else
  return false;
#endif
#else
  return false;
#endif
}

}  // namespace

Status confine_process(Network network, Log& log) {
  if (kArchitecture == 0 || is_sanitized()) return {};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return fail(Code::internal, "PR_SET_NO_NEW_PRIVS");
  if (!make_program(network).install())
    log.warning("process.not_confined", {{"advice", "use a kernel with seccomp filters"}});
  return {};
}

}  // namespace heqi::base
