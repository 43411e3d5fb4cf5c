// sm2_operations: the multiplications in eight lanes; and [k]G with mulx, whose look-up takes
// AVX-512 where valgrind does not.
#include <heqi/crypto/dispatch.h>

#include <cstring>

#include "lane_comb.h"
#include "operations.h"
#include "sm2_batch_kernel.h"

namespace heqi::kernel_timing {
namespace {

using crypto::internal::kSm2BatchIfma;
using crypto::internal::kSm2BatchMulx;
using crypto::internal::PlainPoint;
using crypto::internal::PlainScalar;

constexpr std::size_t kCount = 8;

// scalars takes secret as numbers below n: the highest octet is cut.
void scalars(base::ByteView secret, PlainScalar (&out)[kCount]) {
  std::memcpy(out, secret.data(), sizeof out);
  for (PlainScalar& scalar : out) scalar.word[3] >>= 8;
}

PlainPoint g_points[kCount];

bool has_ifma() {
  return kSm2BatchIfma.runs(crypto::processor());
}
void prepare() {
  (void)crypto::internal::lane_comb();
  PlainScalar some[kCount];
  for (std::size_t i = 0; i < kCount; ++i) some[i] = {{i + 5, 7, 11 * i, 13}};
  kSm2BatchIfma.multiply_base(some, kCount, g_points);
}

void multiply_base(base::ByteView secret) {
  PlainScalar k[kCount];
  PlainPoint out[kCount];
  scalars(secret, k);
  kSm2BatchIfma.multiply_base(k, kCount, out);
}
void multiply(base::ByteView secret) {
  PlainScalar k[kCount];
  PlainPoint out[kCount];
  scalars(secret, k);
  kSm2BatchIfma.multiply(k, g_points, kCount, out);
}

// multiply_one has tables of its own, of a point that is not a secret here.
void multiply_one(base::ByteView secret) {
  PlainScalar k[kCount];
  PlainPoint out[kCount];
  scalars(secret, k);
  kSm2BatchIfma.multiply_one(k, kCount, g_points, out);
}

bool has_mulx() {
  return kSm2BatchMulx.runs(crypto::processor());
}
void prepare_mulx() {
  const PlainScalar some{{5, 7, 11, 13}};
  kSm2BatchMulx.multiply_base(&some, 1, g_points);
}
void multiply_base_mulx(base::ByteView secret) {
  PlainScalar k;
  PlainPoint out;
  std::memcpy(&k, secret.data(), sizeof k);
  k.word[3] >>= 8;
  kSm2BatchMulx.multiply_base(&k, 1, &out);
}

void multiply_bases_mulx(base::ByteView secret) {
  PlainScalar k[kCount];
  PlainPoint out[kCount];
  scalars(secret, k);
  kSm2BatchMulx.multiply_base(k, kCount, out);
}

constexpr Operation kOperations[] = {
    {"sm2_multiply_base@mulx", sizeof(PlainScalar), has_mulx, prepare_mulx, multiply_base_mulx},
    {"sm2_multiply_bases@mulx", sizeof(PlainScalar) * kCount, has_mulx, prepare_mulx,
     multiply_bases_mulx, true},
    {"sm2_multiply_base@ifma", sizeof(PlainScalar) * kCount, has_ifma, prepare, multiply_base},
    {"sm2_multiply@ifma", sizeof(PlainScalar) * kCount, has_ifma, prepare, multiply, true},
    {"sm2_multiply_one@ifma", sizeof(PlainScalar) * kCount, has_ifma, prepare, multiply_one, true}};

}  // namespace

std::span<const Operation> sm2_operations() {
  return kOperations;
}

}  // namespace heqi::kernel_timing
