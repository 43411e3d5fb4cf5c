// kernel.h: what a path of SM9's arithmetic offers: whole operations, so that the choice costs
// nothing.
#pragma once
#include <cstring>

#include "../choice.h"
#include "group_power.h"
#include "pairing.h"

namespace heqi::crypto::sm9::internal {

// Values pass as the words of their elements, in the order of their types' members.
using G1Words = std::array<std::uint64_t, 12>;
using G2Words = std::array<std::uint64_t, 24>;
using GtWords = std::array<std::uint64_t, 48>;
using LinesWords = std::array<std::uint64_t, 16 * kLines>;
using CombWords = std::array<std::uint64_t, 48 * kCombHalves * kCombEntries>;

struct Kernel {
  std::string_view path;
  bool (*runs)(const Processor& processor);
  void (*multiply)(Words& out, const Words& a, const Words& b);  // one product of Fp
  void (*add)(Words& out, const Words& a, const Words& b);
  void (*subtract)(Words& out, const Words& a, const Words& b);
  void (*multiply_g1)(G1Words& out, const Words& k, const G1Words& p);
  void (*multiply_g2)(G2Words& out, const Words& k, const G2Words& p);
  void (*prepare)(LinesWords& out, const G2Words& q);
  void (*pair)(GtWords& out, const LinesWords& lines, const G1Words& p);
  void (*multiply_gt)(GtWords& out, const GtWords& x, const GtWords& y);
  void (*power)(GtWords& out, const Words& k, const GtWords& x);
  void (*make_comb)(CombWords& out, const GtWords& x);
  void (*power_by_comb)(GtWords& out, const Words& k, const CombWords& comb);
};

// convert copies a value into another type of the same words.
template <class To, class From>
To convert(const From& from) {
  static_assert(sizeof(To) == sizeof(From) && std::is_trivially_copyable_v<To>);
  To to;
  std::memcpy(static_cast<void*>(&to), &from, sizeof to);
  return to;
}

// kernel_of is the kernel whose arithmetic Path gives.
template <class Path>
constexpr Kernel kernel_of(std::string_view name, bool (*runs)(const Processor&)) {
  using G1 = Projective<Fp<Path>>;
  using G2 = Projective<Fp2<Path>>;
  using Gt = Fp12<Path>;
  return {name,
          runs,
          [](Words& out, const Words& a, const Words& b) { out = Path::multiply(a, b); },
          [](Words& out, const Words& a, const Words& b) { out = Path::add(a, b); },
          [](Words& out, const Words& a, const Words& b) { out = Path::subtract(a, b); },
          [](G1Words& out, const Words& k, const G1Words& p) {
            out = convert<G1Words>(multiply(k, convert<G1>(p)));
          },
          [](G2Words& out, const Words& k, const G2Words& p) {
            out = convert<G2Words>(multiply(k, convert<G2>(p)));
          },
          [](LinesWords& out, const G2Words& q) {
            Lines<Path> lines;
            prepare(lines, convert<G2>(q));
            out = convert<LinesWords>(lines);
          },
          [](GtWords& out, const LinesWords& lines, const G1Words& p) {
            const Gt value = miller(convert<Lines<Path>>(lines), convert<G1>(p));
            out = convert<GtWords>(final_exponentiation(value));
          },
          [](GtWords& out, const GtWords& x, const GtWords& y) {
            out = convert<GtWords>(convert<Gt>(x) * convert<Gt>(y));
          },
          [](GtWords& out, const Words& k, const GtWords& x) {
            out = convert<GtWords>(power_unitary(k, convert<Gt>(x)));
          },
          [](CombWords& out, const GtWords& x) {
            Comb<Path> comb;
            make_comb(comb, convert<Gt>(x));
            out = convert<CombWords>(comb);
          },
          [](GtWords& out, const Words& k, const CombWords& comb) {
            out = convert<GtWords>(power_by_comb(k, convert<Comb<Path>>(comb)));
          }};
}

crypto::internal::Choice<Kernel>& kernels();

}  // namespace heqi::crypto::sm9::internal
