// sm2_batch_ifma.cc: puts the items of a batch into the lanes of kernels/ifma and takes the results
// out. Constant time; only the number of items shows.
#include "sm2_batch_kernel.h"

#if defined(__x86_64__)
#include <heqi/base/secret.h>
#include <heqi/crypto/dispatch.h>

#include <algorithm>

#include "lane_kernel.h"

namespace heqi::crypto::internal {
namespace {

constexpr std::size_t kGroup = kGroupVectors * kLanes;

std::size_t vectors_of(std::size_t items) {
  return (items + kLanes - 1) / kLanes;
}

// put spreads the words of count numbers; the lanes that are left over in the last vector repeat
// the first number. `number` gives number i.
template <class Number>
void put(std::uint64_t (&rows)[4][kLanes], std::size_t count, Number number) {
  for (std::size_t i = 0; i < kLanes; ++i)
    for (std::size_t j = 0; j < 4; ++j) rows[j][i] = number(i < count ? i : 0)[j];
}

// LaneInputs and LaneOutputs are one group's; they are wiped when they go.
struct LaneInputs {
  LaneScalars a[kGroupVectors], b[kGroupVectors];
  LanePoints p[kGroupVectors];
  ~LaneInputs() { base::secure_wipe(this, sizeof *this); }
};
struct LaneOutputs {
  LanePoints points[kGroupVectors];
  ~LaneOutputs() { base::secure_wipe(this, sizeof *this); }
};

void load(LaneScalars* lanes, const PlainScalar* from, std::size_t items) {
  for (std::size_t at = 0; at < items; at += kLanes)
    put(lanes[at / kLanes].word, items - at, [&](std::size_t i) { return from[at + i].word; });
}
void load(LanePoints* lanes, const PlainPoint* from, std::size_t items) {
  for (std::size_t at = 0; at < items; at += kLanes) {
    put(lanes[at / kLanes].x, items - at, [&](std::size_t i) { return from[at + i].x; });
    put(lanes[at / kLanes].y, items - at, [&](std::size_t i) { return from[at + i].y; });
  }
}
void store(const LaneOutputs& outputs, PlainPoint* to, std::size_t items) {
  for (std::size_t i = 0; i < items; ++i)
    for (std::size_t j = 0; j < 4; ++j) {
      const LanePoints& lanes = outputs.points[i / kLanes];
      to[i].x[j] = lanes.x[j][i % kLanes];
      to[i].y[j] = lanes.y[j][i % kLanes];
    }
}

// in_groups calls compute(first item, items) for each group; false if one call gave false.
template <class Compute>
bool in_groups(std::size_t count, Compute compute) {
  bool right = true;
  for (std::size_t at = 0; at < count; at += kGroup)
    right = compute(at, std::min(kGroup, count - at)) && right;
  return right;
}

bool multiply_base(const PlainScalar* k, std::size_t count, PlainPoint* out) {
  return in_groups(count, [&](std::size_t at, std::size_t items) {
    LaneInputs in;
    LaneOutputs results;
    load(in.a, k + at, items);
    const bool right = ifma::base_multiples(lane_comb(), in.a, vectors_of(items), results.points);
    store(results, out + at, items);
    return right;
  });
}

bool multiply(const PlainScalar* k, const PlainPoint* p, std::size_t count, PlainPoint* out) {
  return in_groups(count, [&](std::size_t at, std::size_t items) {
    LaneInputs in;
    LaneOutputs results;
    load(in.a, k + at, items);
    load(in.p, p + at, items);
    const bool right = ifma::multiples(lane_comb(), in.a, in.p, vectors_of(items), results.points);
    store(results, out + at, items);
    return right;
  });
}

// OnePoint is the tables of one point, which may be a secret.
struct OnePoint {
  LanePoints spaced;
  SpacedTables tables;
  ~OnePoint() { base::secure_wipe(this, sizeof *this); }
};

bool multiply_one(const PlainScalar* k, std::size_t count, const PlainPoint* spaced,
                  PlainPoint* out) {
  OnePoint point;
  load(&point.spaced, spaced, kSpacedPoints);
  ifma::spaced_tables(point.spaced, point.tables);
  return in_groups(count, [&](std::size_t at, std::size_t items) {
    LaneInputs in;
    LaneOutputs results;
    load(in.a, k + at, items);
    const bool right =
        ifma::spaced_multiples(point.tables, in.a, vectors_of(items), results.points);
    store(results, out + at, items);
    return right;
  });
}

bool multiply_add_vartime(const PlainScalar* a, const PlainScalar* b, const PlainPoint* p,
                          std::size_t count, PlainPoint* out) {
  return in_groups(count, [&](std::size_t at, std::size_t items) {
    LaneInputs in;
    LaneOutputs results;
    load(in.a, a + at, items);
    load(in.b, b + at, items);
    load(in.p, p + at, items);
    const bool right = ifma::sums(lane_comb(), in.a, in.b, in.p, vectors_of(items), results.points);
    store(results, out + at, items);
    return right;
  });
}

bool has_ifma(const Processor& processor) {
  return processor.avx512_ifma;
}

}  // namespace

const Sm2BatchKernel kSm2BatchIfma = {
    "ifma",       has_ifma,         multiply_base, multiply, multiply_add_vartime,
    multiply_one, ifma::sum_vartime};

}  // namespace heqi::crypto::internal
#endif
