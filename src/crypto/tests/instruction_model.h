// instruction_model.h: the SM3 and SM4 instructions of x86-64 in software, written from the
// operation sections of Intel's manual (SDM volume 2: VSM3MSG1, VSM3MSG2, VSM3RNDS2, VSM4KEY4,
// VSM4RNDS4) and from nothing of ours. A processor without them raises an exception at each; the
// model then reads the octets, does what the manual says to the registers, and goes on behind them.
// So the kernels run as they were compiled. No other instruction is known to it.
#pragma once
#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <signal.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include <heqi/base/result.h>

namespace heqi::crypto::testing_oracle {

using Dwords = std::array<std::uint32_t, 4>;  // 128 bits; [0] is the manual's dword[0]

// The operations, with the manual's names: `dest` is what stands in the destination before.
struct InstructionModel {
  static std::uint32_t p0(std::uint32_t x) { return x ^ std::rotl(x, 9) ^ std::rotl(x, 17); }
  static std::uint32_t p1(std::uint32_t x) { return x ^ std::rotl(x, 15) ^ std::rotl(x, 23); }

  static Dwords vsm3msg1(const Dwords& dest, const Dwords& src1, const Dwords& src2) {
    return {p1(dest[0] ^ src2[0] ^ std::rotl(src1[0], 15)),
            p1(dest[1] ^ src2[1] ^ std::rotl(src1[1], 15)),
            p1(dest[2] ^ src2[2] ^ std::rotl(src1[2], 15)), p1(dest[3] ^ src2[3])};
  }
  static Dwords vsm3msg2(const Dwords& dest, const Dwords& src1, const Dwords& src2) {
    Dwords w{};
    for (std::size_t i = 0; i < 4; ++i) w[i] = std::rotl(src1[i], 7) ^ src2[i] ^ dest[i];
    w[3] ^= std::rotl(w[0], 6) ^ std::rotl(w[0], 15) ^ std::rotl(w[0], 30);
    return w;
  }
  static Dwords vsm3rnds2(const Dwords& dest, const Dwords& src1, const Dwords& src2,
                          std::uint8_t immediate) {
    std::uint32_t a = src1[3], b = src1[2], c = std::rotl(dest[3], 9), d = std::rotl(dest[2], 9);
    std::uint32_t e = src1[1], f = src1[0], g = std::rotl(dest[1], 19), h = std::rotl(dest[0], 19);
    const int first = immediate & 0x3E;
    for (int i = 0; i < 2; ++i) {
      const bool early = first < 16;
      const std::uint32_t t = std::rotl(early ? 0x79CC4519u : 0x7A879D8Au, (first + i) % 32);
      const std::uint32_t s1 = std::rotl(std::rotl(a, 12) + e + t, 7), s2 = s1 ^ std::rotl(a, 12);
      const std::uint32_t w = src2[std::size_t(i)], w4 = src2[std::size_t(i) + 2];
      const std::uint32_t ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const std::uint32_t gg = early ? e ^ f ^ g : (e & f) | (~e & g);
      const std::uint32_t t1 = ff + d + s2 + (w ^ w4), t2 = gg + h + s1 + w;
      d = c, c = std::rotl(b, 9), b = a, a = t1;
      h = g, g = std::rotl(f, 19), f = e, e = p0(t2);
    }
    return {f, e, b, a};
  }

  static Dwords vsm4key4(const Dwords& src1, const Dwords& src2) {
    return four(src1, src2,
                [](std::uint32_t x) { return x ^ std::rotl(x, 13) ^ std::rotl(x, 23); });
  }
  static Dwords vsm4rnds4(const Dwords& src1, const Dwords& src2) {
    return four(src1, src2, [](std::uint32_t x) {
      return x ^ std::rotl(x, 2) ^ std::rotl(x, 10) ^ std::rotl(x, 18) ^ std::rotl(x, 24);
    });
  }

 private:
  template <class Linear>
  static Dwords four(Dwords p, const Dwords& keys, Linear linear) {
    for (const std::uint32_t key : keys) {
      const std::uint32_t c = p[0] ^ linear(substituted(p[1] ^ p[2] ^ p[3] ^ key));
      p = {p[1], p[2], p[3], c};
    }
    return p;
  }
  static std::uint32_t substituted(std::uint32_t x) {
    static const std::array<std::uint8_t, 256> box = make_box();
    std::uint32_t out = 0;
    for (int shift = 0; shift < 32; shift += 8)
      out |= std::uint32_t(box[x >> shift & 0xFF]) << shift;
    return out;
  }
  // make_box computes S(x) = A·(A·x + C)⁻¹ + C over GF(2)[x]/0x1F5 by trying every inverse; that it
  // is GB/T 32907 §6.2 is for the vectors to show.
  static std::array<std::uint8_t, 256> make_box() {
    const auto times = [](unsigned a, unsigned b) {
      unsigned out = 0;
      for (; b != 0; b >>= 1, a = (a & 0x80) != 0 ? (a << 1) ^ 0x1F5 : a << 1)
        if ((b & 1) != 0) out ^= a;
      return out;
    };
    const auto affine = [](unsigned x) {  // A is circulant; row i says what bit i is the sum of
      unsigned out = 0xD3;
      for (int i = 0; i < 8; ++i)
        out ^= (unsigned(std::popcount(x & std::rotl(std::uint8_t(0xA7), i))) & 1) << i;
      return out;
    };
    std::array<std::uint8_t, 256> out{};
    for (unsigned x = 0; x < 256; ++x) {
      unsigned inverse = 0;
      for (unsigned y = 1; y < 256; ++y)
        if (times(affine(x), y) == 1) inverse = y;
      out[x] = std::uint8_t(affine(inverse));
    }
    return out;
  }
};

// ModelledInstructions stands in for the instructions while it lives, in the whole process.
class ModelledInstructions {
 public:
  // Met is one instruction that was executed: its octets, and how many so far.
  struct Met {
    std::array<std::uint8_t, 6> octets{};
    std::size_t size = 0, count = 0;
  };

  ModelledInstructions() {
    (void)InstructionModel::vsm4rnds4({}, {});  // its table is not to be made in the handler
    met() = {};
    struct sigaction action {};
    action.sa_sigaction = execute;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    HEQI_CHECK(sigaction(SIGILL, &action, &before_) == 0);
  }
  ~ModelledInstructions() { sigaction(SIGILL, &before_, nullptr); }
  ModelledInstructions(const ModelledInstructions&) = delete;
  ModelledInstructions& operator=(const ModelledInstructions&) = delete;

  const Met& last() const { return met(); }

 private:
  static Met& met() {
    static Met last;
    return last;
  }

  // Registers are those of the interrupted program, as XSAVE wrote them (SDM volume 1, §13.4).
  class Registers {
   public:
    explicit Registers(fpregset_t saved)
        : low_(reinterpret_cast<std::uint8_t*>(saved->_xmm)),
          high_(reinterpret_cast<std::uint8_t*>(saved) + high_offset()) {}
    Dwords get(unsigned number, bool high) const {
      Dwords out;
      std::memcpy(out.data(), (high ? high_ : low_) + 16 * number, 16);
      return out;
    }
    void set(unsigned number, bool high, const Dwords& value) const {
      std::memcpy((high ? high_ : low_) + 16 * number, value.data(), 16);
    }

   private:
    static std::size_t high_offset() {
      unsigned size = 0, offset = 0, none = 0;
      __cpuid_count(0x0D, 2, size, offset, none, none);
      return offset;
    }
    std::uint8_t *low_, *high_;
  };

  // Decoded is the three-octet VEX prefix and what follows (SDM volume 2, §2.3.5), registers only.
  struct Decoded {
    unsigned map, prefix, opcode, reg, vvvv, rm;
    bool wide, known;
    explicit Decoded(const std::uint8_t* at)
        : map(at[1] & 0x1Fu),
          prefix(at[2] & 3u),
          opcode(at[3]),
          reg((at[1] & 0x80 ? 0u : 8u) + (at[4] >> 3 & 7u)),
          vvvv(~unsigned(at[2] >> 3) & 15u),
          rm((at[1] & 0x20 ? 0u : 8u) + (at[4] & 7u)),
          wide((at[2] & 4) != 0),
          known(at[0] == 0xC4 && (at[2] & 0x80) == 0 && at[4] >= 0xC0) {}
  };

  static void execute(int, siginfo_t*, void* context) {
    auto& machine = static_cast<ucontext_t*>(context)->uc_mcontext;
    auto& place = machine.gregs[REG_RIP];
    const auto* at = reinterpret_cast<const std::uint8_t*>(place);
    const Decoded in(at);
    HEQI_CHECK(in.known);
    const Registers registers(machine.fpregs);
    for (const bool high : {false, true}) {
      const Dwords a = registers.get(in.vvvv, high), b = registers.get(in.rm, high);
      const bool computed = !high || in.wide;  // 128-bit forms clear what is above
      registers.set(in.reg, high,
                    computed ? result(in, registers.get(in.reg, high), a, b, at[5]) : Dwords{});
    }
    const std::size_t size = in.map == 3 ? 6 : 5;
    std::copy_n(at, size, met().octets.begin());
    met().size = size;
    ++met().count;
    place += static_cast<greg_t>(size);
  }

  static Dwords result(const Decoded& in, const Dwords& dest, const Dwords& a, const Dwords& b,
                       std::uint8_t immediate) {
    if (in.map == 2 && in.opcode == 0xDA) {
      if (in.prefix == 0 && !in.wide) return InstructionModel::vsm3msg1(dest, a, b);
      if (in.prefix == 1 && !in.wide) return InstructionModel::vsm3msg2(dest, a, b);
      if (in.prefix == 2) return InstructionModel::vsm4key4(a, b);
      if (in.prefix == 3) return InstructionModel::vsm4rnds4(a, b);
    }
    HEQI_CHECK(in.map == 3 && in.opcode == 0xDE && in.prefix == 1 && !in.wide);
    return InstructionModel::vsm3rnds2(dest, a, b, immediate);
  }

  struct sigaction before_ {};
};

}  // namespace heqi::crypto::testing_oracle
#endif
