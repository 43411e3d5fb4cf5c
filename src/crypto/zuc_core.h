// zuc_core.h: the register, the bit reorganisation and F of ZUC (GB/T 33133.1 §6.2 … 6.6), over
// Boxes, whose substitute(u, v) puts both words through S0 and S1.
#pragma once
#include <bit>

#include "zuc_kernel.h"

namespace heqi::crypto::internal {

struct ZucPair {
  std::uint32_t u, v;
};

template <class Boxes>
class ZucCore {
 public:
  static void initialise(ZucState& state) {
    ZucCore core(state);
    for (int round = 0; round < 2; ++round) core.template sixteen<Mode::initialising>(nullptr);
    core.template step<0, Mode::working>();
    core.store(state, 1);
  }
  static void generate(ZucState& state, std::uint32_t* out, std::size_t words) {
    ZucCore core(state);
    for (; words >= 16; words -= 16, out += 16) core.template sixteen<Mode::working>(out);
    core.store(state, core.some(out, words));
  }

 private:
  enum class Mode { initialising, working };

  explicit ZucCore(const ZucState& state) : r1_(state.r1), r2_(state.r2) {
    for (std::size_t i = 0; i < 16; ++i) s_[i] = state.s[i];
  }
  // store gives the cells back, the one after `steps` steps first.
  void store(ZucState& state, std::size_t steps) const {
    for (std::size_t i = 0; i < 16; ++i) state.s[i] = s_[(i + steps) % 16];
    state.r1 = r1_;
    state.r2 = r2_;
  }

  static std::uint32_t l1(std::uint32_t x) {
    return x ^ std::rotl(x, 2) ^ std::rotl(x, 10) ^ std::rotl(x, 18) ^ std::rotl(x, 24);
  }
  static std::uint32_t l2(std::uint32_t x) {
    return x ^ std::rotl(x, 8) ^ std::rotl(x, 14) ^ std::rotl(x, 22) ^ std::rotl(x, 30);
  }
  // fold is a number below 2^62 modulo 2^31 − 1, in 1 … 2^31 − 1 unless it is 0.
  static std::uint64_t fold(std::uint64_t x) { return (x & 0x7FFFFFFF) + (x >> 31); }

  // step is one clock with the cells turned by kAt: the cell that falls out takes the new value.
  template <unsigned kAt, Mode kMode>
  std::uint32_t step() {
    const auto s = [&](unsigned i) { return s_[(kAt + i) % 16]; };
    const std::uint32_t x0 = (s(15) & 0x7FFF8000) << 1 | (s(14) & 0xFFFF);
    const std::uint32_t x1 = s(11) << 16 | s(9) >> 15, x2 = s(7) << 16 | s(5) >> 15;
    const std::uint32_t x3 = s(2) << 16 | s(0) >> 15;
    const std::uint32_t w = (x0 ^ r1_) + r2_, w1 = r1_ + x1, w2 = r2_ ^ x2;
    const ZucPair made = Boxes::substitute(l1(w1 << 16 | w2 >> 16), l2(w2 << 16 | w1 >> 16));
    r1_ = made.u;
    r2_ = made.v;
    std::uint64_t fed = (std::uint64_t(s(15)) << 15) + (std::uint64_t(s(13)) << 17) +
                        (std::uint64_t(s(10)) << 21) + (std::uint64_t(s(4)) << 20) +
                        (std::uint64_t(s(0)) << 8) + s(0);
    if constexpr (kMode == Mode::initialising) fed += w >> 1;
    s_[kAt] = static_cast<std::uint32_t>(fold(fold(fed)));
    return w ^ x3;
  }

  template <Mode kMode, unsigned kAt = 0>
  void sixteen(std::uint32_t* out) {
    const std::uint32_t word = step<kAt, kMode>();
    if constexpr (kMode == Mode::working) out[kAt] = word;
    if constexpr (kAt < 15) sixteen<kMode, kAt + 1>(out);
  }
  // some makes fewer than sixteen words and says how many.
  template <unsigned kAt = 0>
  std::size_t some(std::uint32_t* out, std::size_t words) {
    if (kAt == words) return kAt;
    out[kAt] = step<kAt, Mode::working>();
    if constexpr (kAt < 14)
      return some<kAt + 1>(out, words);
    else
      return kAt + 1;
  }

  std::uint32_t s_[16];
  std::uint32_t r1_, r2_;
};

}  // namespace heqi::crypto::internal
