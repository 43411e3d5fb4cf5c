#include <heqi/crypto/dispatch.h>

#include <array>

#include "choice.h"
#include "curve_kernel.h"
#include "sm2_batch_kernel.h"
#include "sm3_kernel.h"
#include "sm4_kernel.h"
#include "sm9/registry.h"
#include "zuc_kernel.h"
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace heqi::crypto {
namespace {

#if defined(__x86_64__)
struct Registers {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};
Registers ask(unsigned leaf, unsigned subleaf) {
  Registers r;
  if (__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx) == 0) return {};
  return r;
}
bool bit(unsigned word, unsigned at) {
  return (word >> at & 1) != 0;
}
// enabled_state is XCR0: the registers that the operating system keeps.
std::uint64_t enabled_state() {
  unsigned low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return std::uint64_t(high) << 32 | low;
}

Processor detect() {
  const Registers first = ask(1, 0), seventh = ask(7, 0), extended = ask(7, 1);
  const std::uint64_t state = bit(first.ecx, 27) ? enabled_state() : 0;
  const bool ymm = (state & 0x06) == 0x06, zmm = (state & 0xE6) == 0xE6;

  Processor out;
  const bool bmi2 = bit(seventh.ebx, 8), gfni = bit(seventh.ecx, 8);
  out.bmi2_adx = bmi2 && bit(seventh.ebx, 19);
#ifdef HEQI_CONSTANT_TIME  // valgrind runs adcx and adox, though its CPUID does not say so
  out.bmi2_adx = bmi2;
#endif
  out.aes = bit(first.ecx, 25) && bit(first.ecx, 9) && bit(first.ecx, 19);
  out.clmul = bit(first.ecx, 1) && bit(first.ecx, 9) && bit(first.ecx, 19);
  out.avx2 = ymm && bmi2 && bit(first.ecx, 28) && bit(seventh.ebx, 5);
  out.avx512 = zmm && out.avx2 && bit(seventh.ebx, 16) && bit(seventh.ebx, 17) &&
               bit(seventh.ebx, 30) && bit(seventh.ebx, 31);
  out.gfni_avx2 = out.avx2 && gfni;
  out.gfni_avx512 = out.avx512 && gfni;
  out.vpclmul = out.avx2 && bit(seventh.ecx, 10);
  out.avx512_ifma = out.avx512 && bit(seventh.ebx, 21);
  out.sm3_instructions = out.avx2 && bit(extended.eax, 1);
  out.sm4_instructions = out.avx2 && bit(extended.eax, 2);
  return out;
}
#elif defined(__aarch64__) && defined(__linux__)
Processor detect() {
  const unsigned long capabilities = getauxval(AT_HWCAP);
  Processor out;
  out.sm3_instructions = (capabilities & HWCAP_SM3) != 0;
  out.sm4_instructions = (capabilities & HWCAP_SM4) != 0;
  return out;
}
#else
Processor detect() {
  return {};
}
#endif

// entries is the one list of primitives that have more than one path.
std::span<const internal::ChoiceEntry> entries() {
  static const std::array list{internal::entry_of<internal::curve_choice>(),
                               internal::entry_of<internal::sm2_batch_choice>(),
                               internal::entry_of<internal::sm3_choice>(),
                               internal::entry_of<internal::sm4_choice>(),
                               sm9::internal::choice_entry(),
                               internal::entry_of<internal::zuc_choice>()};
  return list;
}

}  // namespace

const Processor& processor() {
  static const Processor found = detect();
  return found;
}

std::vector<PrimitivePath> primitive_paths() {
  std::vector<PrimitivePath> out;
  for (const auto& entry : entries()) out.push_back(entry.describe());
  return out;
}

base::Status choose_path(std::string_view primitive, std::string_view path) {
  for (const auto& entry : entries())
    if (entry.primitive == primitive) return entry.choose(path);
  return base::fail(base::Code::not_found, "there is no primitive " + std::string(primitive));
}

}  // namespace heqi::crypto
