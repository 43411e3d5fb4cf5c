#include <heqi/crypto/dispatch.h>
#include <heqi/testing/expect.h>

#include <memory>

#include "lane_kernel.h"
#include "plain_numbers.h"
#include "register_check.h"
#include "sm2_batch_kernel.h"
#include "sm3_kernel.h"
#include "sm4_kernel.h"
#include "sm9/kernel.h"
#include "zuc_kernel.h"

#if defined(__x86_64__)
namespace heqi::crypto {
namespace sm9::internal {
extern const Kernel kMulxKernel;
}
namespace {

using testing_oracle::keeps_registers;

// kept runs call on each of kernels that this processor can run.
template <class Kernel, class Call, std::size_t kCount>
void expect_kept(const Kernel* const (&kernels)[kCount], Call call) {
  for (const Kernel* kernel : kernels) {
    if (!kernel->runs(processor())) continue;
    struct Context {
      const Kernel* kernel;
      Call* call;
    } context{kernel, &call};
    EXPECT_TRUE(keeps_registers(
        [](void* given) {
          const auto& both = *static_cast<Context*>(given);
          (*both.call)(*both.kernel);
        },
        &context))
        << kernel->path;
  }
}

// Eight blocks and a part of one, read and written.
struct Octets {
  alignas(64) std::uint8_t in[16 * 80 + 5] = {1, 2, 3}, out[16 * 80 + 5] = {};
};

TEST(KernelRegisters, Sm3KeepsThoseOfItsCaller) {
  static constexpr const internal::Sm3Kernel* kKernels[] = {
      &internal::kSm3Avx512, &internal::kSm3Avx2, &internal::kSm3Portable};
  Octets octets;
  internal::Sm3Words state = internal::kSm3Initial;
  expect_kept(kKernels, [&](const internal::Sm3Kernel& kernel) {
    kernel.compress(state.data(), octets.in, 3);
  });
  internal::Sm3Lanes lanes{};
  const std::uint8_t* data[internal::kSm3LanesMax];
  for (std::size_t j = 0; j < internal::kSm3LanesMax; ++j) data[j] = octets.in + j;
  expect_kept(kKernels,
              [&](const internal::Sm3Kernel& kernel) { kernel.compress_lanes(lanes, data, 3); });
}

TEST(KernelRegisters, Sm4KeepsThoseOfItsCaller) {
  static constexpr const internal::Sm4Kernel* kKernels[] = {
      &internal::kSm4Gfni512, &internal::kSm4Gfni256, &internal::kSm4Aesni, &internal::kSm4Aesni128,
      &internal::kSm4Portable};
  Octets octets;
  expect_kept(kKernels, [&](const internal::Sm4Kernel& kernel) {
    internal::Sm4Keys keys;
    std::uint8_t block[16] = {7};
    alignas(64) internal::GhashPowers powers;
    internal::GcmState gcm{{8}, {}};
    kernel.expand(octets.in, keys);
    kernel.ecb(keys.encrypt, octets.in, octets.out, 80);
    kernel.ctr(keys.encrypt, block, octets.in, octets.out, sizeof octets.in);
    kernel.cbc_encrypt(keys.encrypt, block, octets.in, octets.out, 80);
    kernel.cbc_decrypt(keys.decrypt, block, octets.in, octets.out, 80);
    kernel.xts_gb(keys.encrypt, block, octets.in, octets.out, 80);
    kernel.make_powers(octets.in, powers);
    kernel.gcm_encrypt(keys.encrypt, powers, gcm, octets.in, octets.out, sizeof octets.in);
  });
}

TEST(KernelRegisters, ZucKeepsThoseOfItsCaller) {
  static constexpr const internal::ZucKernel* kKernels[] = {
      &internal::kZucGfni, &internal::kZucAesni, &internal::kZucPortable};
  Octets octets;
  expect_kept(kKernels, [&](const internal::ZucKernel& kernel) {
    internal::ZucState state{};
    std::uint32_t words[40] = {}, tag[4] = {};
    kernel.initialise(state);
    kernel.generate(state, words, 40);
    kernel.absorb(tag, 4, words, octets.in, 36);
  });
}

TEST(KernelRegisters, Sm2InBatchesKeepsThoseOfItsCaller) {
  static constexpr const internal::Sm2BatchKernel* kKernels[] = {
      &internal::kSm2BatchIfma, &internal::kSm2BatchMulx, &internal::kSm2BatchPortable};
  expect_kept(kKernels, [&](const internal::Sm2BatchKernel& kernel) {
    internal::PlainScalar scalars[8];
    for (std::uint64_t i = 0; i < 8; ++i) scalars[i] = {{1 + i, 2, 3, 4}};
    internal::PlainPoint points[8], more[3];
    EXPECT_TRUE(kernel.multiply_base(scalars, 8, points));
    EXPECT_TRUE(kernel.multiply_base(scalars, 3, points));
    EXPECT_TRUE(kernel.multiply(scalars, points, 3, more));
    EXPECT_TRUE(kernel.multiply_add_vartime(scalars, scalars, points, 3, more));
  });
}

TEST(KernelRegisters, Sm2InLanesKeepsThoseOfItsCaller) {
  const internal::Sm2BatchKernel& kernel = internal::kSm2BatchIfma;
  if (!kernel.runs(processor()))
    GTEST_SKIP()
        << "this processor has no AVX-512 IFMA, so its path is not tested here; run on one "
           "that has (Intel Ice Lake, AMD Zen 4 or later)";
  static constexpr const internal::Sm2BatchKernel* kKernels[] = {&internal::kSm2BatchIfma};
  internal::PlainPoint spaced[internal::kSpacedPoints], products[9];
  internal::PlainScalar scalars[9];
  auto terms = std::make_unique<internal::LaneTerms>();
  Point p = Point::generator();
  for (unsigned j = 0; j < internal::kSpacedPoints; ++j) {
    internal::put_vartime(spaced[j], p);
    for (unsigned i = 0; i < 4; ++i) {
      terms->k.word[i][j] = 3 + i + j;
      terms->p.x[i][j] = spaced[j].x[i];
      terms->p.y[i][j] = spaced[j].y[i];
    }
    for (unsigned i = 0; i < internal::kSpacing; ++i) p = p + p;
  }
  for (std::uint64_t i = 0; i < 9; ++i) scalars[i] = {{1 + i, 2, 3, 4}};
  terms->rows = internal::kLongTermRows;
  internal::LaneSums sums;
  expect_kept(kKernels, [&](const internal::Sm2BatchKernel& lanes) {
    EXPECT_TRUE(lanes.multiply_one(scalars, 9, spaced, products));
    EXPECT_TRUE(lanes.sum_vartime(terms.get(), 1, sums));
  });
}

TEST(KernelRegisters, Sm9KeepsThoseOfItsCaller) {
  static constexpr const sm9::internal::Kernel* kKernels[] = {&sm9::internal::kMulxKernel};
  expect_kept(kKernels, [&](const sm9::internal::Kernel& kernel) {
    internal::Words a{1, 2, 3, 4};
    kernel.multiply(a, a, a);
    kernel.add(a, a, a);
    kernel.subtract(a, a, {5, 6, 7, 8});
    sm9::internal::G1Words point{1, 0, 0, 0, 2};
    kernel.multiply_g1(point, {3, 4, 5, 6}, point);
  });
}

}  // namespace
}  // namespace heqi::crypto
#endif
