#include "public_sum_lanes.h"

#include <heqi/crypto/sm3.h>

#include <vector>

#include "jacobian_point.h"
#include "plain_numbers.h"

namespace heqi::crypto::internal {
namespace {

// Filler is the term of a lane that would be empty: [k]P for a P that is no small multiple of G, of
// which the sum of all fillers is taken away again.
struct Filler {
  PlainScalar k;
  PlainPoint p;
  Scalar of_base;  // [k]P = [of_base]G
};
Filler make_filler(std::size_t octets) {
  const Scalar logarithm = Scalar::reduce(sm3(base::bytes_of("heqi filler of a sum: point")));
  Digest digest = sm3(base::bytes_of("heqi filler of a sum: scalar"));
  std::fill_n(digest.begin(), digest.size() - octets, std::uint8_t(0));
  digest.back() |= 1;
  const Scalar k = Scalar::reduce(digest);
  Filler out{{}, {}, k * logarithm};
  put(out.k, k);
  put_vartime(out.p, mul_base(logarithm));
  return out;
}

// PlainTerms are the terms of one length.
struct PlainTerms {
  std::vector<PlainScalar> k;
  std::vector<PlainPoint> p;
};

bool is_short(const PlainScalar& k) {
  return (k.word[0] & 1) != 0 && k.word[3] == 0 && k.word[2] < 16;
}

void put(LaneTerms& vector, std::size_t lane, const PlainScalar& k, const PlainPoint& p) {
  for (std::size_t j = 0; j < 4; ++j) {
    vector.k.word[j][lane] = k.word[j];
    vector.p.x[j][lane] = p.x[j];
    vector.p.y[j][lane] = p.y[j];
  }
}

// spread puts terms into as many vectors as they need, and gives how much of G the fillers are.
Scalar spread(std::vector<LaneTerms>& vectors, unsigned rows, const PlainTerms& terms,
              const Filler& filler) {
  Scalar filled;
  for (std::size_t i = 0; i < terms.k.size() || i % kLanes != 0; ++i) {
    if (i % kLanes == 0) vectors.emplace_back().rows = rows;
    const bool is_filler = i >= terms.k.size();
    put(vectors.back(), i % kLanes, is_filler ? filler.k : terms.k[i],
        is_filler ? filler.p : terms.p[i]);
    if (is_filler) filled = filled + filler.of_base;
  }
  return filled;
}

Field element(const std::uint64_t (&rows)[4][kLanes], std::size_t lane) {
  return Field::from_plain({rows[0][lane], rows[1][lane], rows[2][lane], rows[3][lane]});
}

Point total(const LaneSums& sums) {
  Projective out = Projective::infinity();
  for (std::size_t i = 0; i < kLanes; ++i)
    out = out +
          to_projective(JacobianPoint{element(sums.x, i), element(sums.y, i), element(sums.z, i)});
  return to_point(out);
}

}  // namespace

std::optional<Point> sum_in_lanes(const Scalar& base, std::span<const Term> terms) {
  const Sm2BatchKernel& kernel = sm2_batch_kernel();
  if (kernel.sum_vartime == nullptr) return {};
  static const Filler long_filler = make_filler(kScalarSize), short_filler = make_filler(16);
  static const PlainPoint generator_point = [] {
    PlainPoint out;
    put_vartime(out, Point::generator());
    return out;
  }();
  PlainTerms longs, shorts;
  longs.k.push_back({});  // the one of G is known at the end
  longs.p.push_back(generator_point);
  for (const Term& term : terms) {
    if (term.k.is_zero() || term.p->is_infinity()) continue;
    PlainScalar k;
    put(k, term.k);
    PlainTerms& column = is_short(k) ? shorts : longs;
    column.k.push_back(k);
    put_vartime(column.p.emplace_back(), *term.p);
  }
  std::vector<LaneTerms> vectors;
  vectors.reserve(terms.size() / kLanes + 2);
  const Scalar of_longs = spread(vectors, kLongTermRows, longs, long_filler);
  const Scalar of_shorts = spread(vectors, kShortTermRows, shorts, short_filler);
  PlainScalar of_generator;
  put(of_generator, base - of_longs - of_shorts);
  put(vectors[0], 0, of_generator, generator_point);
  LaneSums sums;
  if (!kernel.sum_vartime(vectors.data(), vectors.size(), sums)) return {};
  return total(sums);
}

}  // namespace heqi::crypto::internal
