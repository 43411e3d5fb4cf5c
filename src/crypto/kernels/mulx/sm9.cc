// sm9.cc: the field of SM9 with mulx, adcx and adox (BMI2, ADX), and with it all that is above it.
// Two chains of carries run at once: CF takes the low halves of the products, OF the high halves.
#include "../../sm9/kernel.h"

namespace heqi::crypto::sm9::internal {
namespace {

// The constants have internal linkage, so that the assembly may name them without a register.
alignas(32) constexpr std::uint64_t kP[4] = {kPrime[0], kPrime[1], kPrime[2], kPrime[3]};
constexpr std::uint64_t kInverse = crypto::internal::montgomery_inverse(kPrime);

// clang-format off
// HEQI_SM9_PRODUCT adds b·(the word of a in rdx) to (t4 … t0); t5 becomes 0. The sum stays below
// 2^320: t is below 2p before it and p below 0.9·2^256.
#define HEQI_SM9_PRODUCT(t0, t1, t2, t3, t4, t5)              \
  "xorl %k[" t5 "], %k[" t5 "]\n\t"                           \
  "mulxq 0(%[whole]), %[low], %[high]\n\t"                    \
  "adcxq %[low], %[" t0 "]\n\tadoxq %[high], %[" t1 "]\n\t"   \
  "mulxq 8(%[whole]), %[low], %[high]\n\t"                    \
  "adcxq %[low], %[" t1 "]\n\tadoxq %[high], %[" t2 "]\n\t"   \
  "mulxq 16(%[whole]), %[low], %[high]\n\t"                   \
  "adcxq %[low], %[" t2 "]\n\tadoxq %[high], %[" t3 "]\n\t"   \
  "mulxq 24(%[whole]), %[low], %[high]\n\t"                   \
  "adcxq %[low], %[" t3 "]\n\tadoxq %[high], %[" t4 "]\n\t"   \
  "adcxq %[" t5 "], %[" t4 "]\n\t"

// HEQI_SM9_REDUCE adds m·p for the m with which t0 vanishes; the result is in (t5 … t1), below
// 2p·2^64.
#define HEQI_SM9_REDUCE(t0, t1, t2, t3, t4, t5)               \
  "movq %[" t0 "], %%rdx\n\t"                                 \
  "imulq %[inverse], %%rdx\n\t"                               \
  "xorl %k[" t5 "], %k[" t5 "]\n\t"                           \
  "mulxq %[p0], %[low], %[high]\n\t"                          \
  "adcxq %[low], %[" t0 "]\n\tadoxq %[high], %[" t1 "]\n\t"   \
  "mulxq %[p1], %[low], %[high]\n\t"                          \
  "adcxq %[low], %[" t1 "]\n\tadoxq %[high], %[" t2 "]\n\t"   \
  "mulxq %[p2], %[low], %[high]\n\t"                          \
  "adcxq %[low], %[" t2 "]\n\tadoxq %[high], %[" t3 "]\n\t"   \
  "mulxq %[p3], %[low], %[high]\n\t"                          \
  "adcxq %[low], %[" t3 "]\n\tadoxq %[high], %[" t4 "]\n\t"   \
  "adcxq %[" t0 "], %[" t4 "]\n\t"                            \
  "adoxq %[" t0 "], %[" t5 "]\n\t"                            \
  "adcxq %[" t0 "], %[" t5 "]\n\t"

struct Mulx {
  static Words multiply(const Words& a, const Words& b) {
    std::uint64_t t0, t1, t2, t3, t4, t5, low, high;
    __asm__(
        "movq 0(%[word]), %%rdx\n\t"
        "mulxq 0(%[whole]), %[t0], %[t1]\n\t"
        "mulxq 8(%[whole]), %[low], %[t2]\n\t"
        "addq %[low], %[t1]\n\t"
        "mulxq 16(%[whole]), %[low], %[t3]\n\t"
        "adcq %[low], %[t2]\n\t"
        "mulxq 24(%[whole]), %[low], %[t4]\n\t"
        "adcq %[low], %[t3]\n\t"
        "adcq $0, %[t4]\n\t"
        HEQI_SM9_REDUCE("t0", "t1", "t2", "t3", "t4", "t5")
        "movq 8(%[word]), %%rdx\n\t"
        HEQI_SM9_PRODUCT("t1", "t2", "t3", "t4", "t5", "t0")
        HEQI_SM9_REDUCE("t1", "t2", "t3", "t4", "t5", "t0")
        "movq 16(%[word]), %%rdx\n\t"
        HEQI_SM9_PRODUCT("t2", "t3", "t4", "t5", "t0", "t1")
        HEQI_SM9_REDUCE("t2", "t3", "t4", "t5", "t0", "t1")
        "movq 24(%[word]), %%rdx\n\t"
        HEQI_SM9_PRODUCT("t3", "t4", "t5", "t0", "t1", "t2")
        HEQI_SM9_REDUCE("t3", "t4", "t5", "t0", "t1", "t2")
        // (t2, t1, t0, t5, t4) is below 2p: take p away where that is not negative.
        "movq %[t4], %[t3]\n\tsubq %[p0], %[t4]\n\t"
        "movq %[t5], %[low]\n\tsbbq %[p1], %[t5]\n\t"
        "movq %[t0], %[high]\n\tsbbq %[p2], %[t0]\n\t"
        "movq %[t1], %%rdx\n\tsbbq %[p3], %[t1]\n\t"
        "sbbq $0, %[t2]\n\t"
        "cmovcq %[t3], %[t4]\n\tcmovcq %[low], %[t5]\n\t"
        "cmovcq %[high], %[t0]\n\tcmovcq %%rdx, %[t1]\n\t"
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4),
          [t5] "=&r"(t5), [low] "=&r"(low), [high] "=&r"(high)
        : [word] "r"(a.data()), [whole] "r"(b.data()), "m"(a), "m"(b), [p0] "m"(kP[0]),
          [p1] "m"(kP[1]), [p2] "m"(kP[2]), [p3] "m"(kP[3]), [inverse] "m"(kInverse)
        : "rdx", "cc");
    return {t4, t5, t0, t1};
  }
  // clang-format on

  static Words add(const Words& a, const Words& b) {
    std::uint64_t t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3], s0, s1, s2, s3, carry;
    __asm__(
        "xorl %k[carry], %k[carry]\n\t"
        "addq %[b0], %[t0]\n\tadcq %[b1], %[t1]\n\tadcq %[b2], %[t2]\n\tadcq %[b3], %[t3]\n\t"
        "adcq $0, %[carry]\n\t"
        "movq %[t0], %[s0]\n\tsubq %[p0], %[t0]\n\t"
        "movq %[t1], %[s1]\n\tsbbq %[p1], %[t1]\n\t"
        "movq %[t2], %[s2]\n\tsbbq %[p2], %[t2]\n\t"
        "movq %[t3], %[s3]\n\tsbbq %[p3], %[t3]\n\t"
        "sbbq $0, %[carry]\n\t"
        "cmovcq %[s0], %[t0]\n\tcmovcq %[s1], %[t1]\n\t"
        "cmovcq %[s2], %[t2]\n\tcmovcq %[s3], %[t3]\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s0] "=&r"(s0),
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3), [carry] "=&r"(carry)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [p0] "m"(kP[0]),
          [p1] "m"(kP[1]), [p2] "m"(kP[2]), [p3] "m"(kP[3])
        : "cc");
    return {t0, t1, t2, t3};
  }

  static Words subtract(const Words& a, const Words& b) {
    std::uint64_t t0 = a[0], t1 = a[1], t2 = a[2], t3 = a[3], s0, s1, s2, s3;
    __asm__(
        "subq %[b0], %[t0]\n\tsbbq %[b1], %[t1]\n\tsbbq %[b2], %[t2]\n\tsbbq %[b3], %[t3]\n\t"
        "sbbq %[s0], %[s0]\n\t"
        "movq %[s0], %[s1]\n\tmovq %[s0], %[s2]\n\tmovq %[s0], %[s3]\n\t"
        "andq %[p0], %[s0]\n\tandq %[p1], %[s1]\n\tandq %[p2], %[s2]\n\tandq %[p3], %[s3]\n\t"
        "addq %[s0], %[t0]\n\tadcq %[s1], %[t1]\n\tadcq %[s2], %[t2]\n\tadcq %[s3], %[t3]\n\t"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [s0] "=&r"(s0),
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3)
        : [b0] "m"(b[0]), [b1] "m"(b[1]), [b2] "m"(b[2]), [b3] "m"(b[3]), [p0] "m"(kP[0]),
          [p1] "m"(kP[1]), [p2] "m"(kP[2]), [p3] "m"(kP[3])
        : "cc");
    return {t0, t1, t2, t3};
  }
};

bool runs(const Processor& processor) {
  return processor.bmi2_adx && processor.avx2;
}

}  // namespace

extern const Kernel kMulxKernel;
constinit const Kernel kMulxKernel = kernel_of<Mulx>("mulx", runs);

}  // namespace heqi::crypto::sm9::internal
