#include "inversion.h"

namespace heqi::crypto::internal {
namespace {

__extension__ using Signed128 = __int128;

// 590 division steps bring any pair of 256 bits to f = ±gcd, g = 0 when they start with δ = 1/2
// (Bernstein and Yang's bound for the variant with half steps): ten rounds of 59.
constexpr int kRounds = 10;
// The matrix of a round comes multiplied by 2^3, so that each round divides by 2^62, one digit.
constexpr std::int64_t kScale = 8;

// Matrix is 2^62 times the effect of one round on (f, g), or 2^steps times that of a part of it.
struct Matrix {
  std::int64_t u, v, q, r;
};

// A part of a round is at most twenty steps, for which the lowest twenty bits of f and g decide.
// With them each word carries its row of the matrix: f + u·2^(41−i) + v·2^(62−i) after i steps, as
// a sum over the integers, so that one addition or shift of the word does all of them. The parts
// stay apart: |f| < 2^20; no entry is −2^i, which a row could only get from another such one; and
// |u| + |v| ≤ 2^i.
constexpr std::uint64_t kLowBits = (std::uint64_t(1) << 20) - 1;
constexpr int kFirstAt = 41, kSecondAt = 62;

// PackedPair is f and g with their rows; zeta is −(δ + 1/2): negative where a swap is due. All
// words are two's complement.
struct PackedPair {
  std::uint64_t zeta, f, g;
};

#if defined(__x86_64__)
// divide is one step: g becomes (g ± f)/2 where it is odd, else g/2; f takes the old g where that
// is odd and a swap is due. Compilers make selections of the portable form that take twice as long.
inline __attribute__((always_inline)) void divide(PackedPair& pair, int steps) {
  std::uint64_t f = pair.f, g = pair.g, zeta_above = pair.zeta + 1, twice_g = pair.g << 1;
  std::uint64_t addend, turned, next_f;
  const std::uint64_t zero = 0;
  for (int i = 0; i < steps; ++i) {
    // clang-format off
    __asm__(
        "movq %[f], %[addend]\n\t"
        "movq %[zeta], %[turned]\n\t"
        "negq %[addend]\n\t"
        "negq %[turned]\n\t"          // of ζ + 1: the complement of ζ
        "movq %[g], %[next_f]\n\t"
        "decq %[zeta]\n\t"
        "cmovnsq %[f], %[addend]\n\t"
        "cmovnsq %[zeta], %[turned]\n\t"
        "cmovnsq %[f], %[next_f]\n\t"
        "testb $2, %b[twice_g]\n\t"
        "cmovzq %[zero], %[addend]\n\t"
        "cmovnzq %[next_f], %[f]\n\t"
        "cmovnzq %[turned], %[zeta]\n\t"
        "addq %[addend], %[g]\n\t"
        "movq %[g], %[twice_g]\n\t"
        "sarq $1, %[g]\n\t"
        : [f] "+&r"(f), [g] "+&r"(g), [zeta] "+&r"(zeta_above), [twice_g] "+&r"(twice_g),
          [addend] "=&r"(addend), [turned] "=&r"(turned), [next_f] "=&r"(next_f)
        : [zero] "r"(zero)
        : "cc");
    // clang-format on
  }
  pair = {zeta_above - 1, f, g};
}
#else
inline void divide(PackedPair& pair, int steps) {
  std::uint64_t f = pair.f, g = pair.g, zeta = pair.zeta;
  for (int i = 0; i < steps; ++i) {
    std::uint64_t swap = static_cast<std::uint64_t>(static_cast<std::int64_t>(zeta) >> 63);
    const std::uint64_t odd = base::ct::barrier(0 - (g & 1));
    swap = base::ct::barrier(swap);
    g += ((f ^ swap) - swap) & odd;
    swap &= odd;
    zeta = (zeta ^ swap) - 1;
    f += g & swap;
    g = static_cast<std::uint64_t>(static_cast<std::int64_t>(g) >> 1);
  }
  pair = {zeta, f, g};
}
#endif

// Row is what a word carried.
struct Row {
  std::int64_t first, second;
};
template <int kSteps>
inline Row row_of(std::uint64_t word) {
  constexpr int first_at = kFirstAt - kSteps, second_at = kSecondAt - kSteps;
  // Halves of both units, and what the first entry may take of the second's when it is 2^kSteps.
  constexpr std::uint64_t first_half = std::uint64_t(1) << (first_at - 1);
  constexpr std::uint64_t second_half = (std::uint64_t(1) << (second_at - 1)) - first_half;
  const std::int64_t second = static_cast<std::int64_t>(word + second_half) >> second_at;
  const std::uint64_t rest = word - (static_cast<std::uint64_t>(second) << second_at);
  return {static_cast<std::int64_t>(rest + first_half) >> first_at, second};
}

// divide_low does kSteps steps on the lowest bits of (f, g), then takes them with it.
template <int kSteps>
inline Matrix divide_low(std::uint64_t& zeta, std::uint64_t& f, std::uint64_t& g) {
  static_assert(kSteps <= 20);
  PackedPair pair = {zeta, (f & kLowBits) + (std::uint64_t(1) << kFirstAt),
                     (g & kLowBits) + (std::uint64_t(1) << kSecondAt)};
  divide(pair, kSteps);
  zeta = pair.zeta;
  const Row of_f = row_of<kSteps>(pair.f), of_g = row_of<kSteps>(pair.g);
  const auto combined = [f, g](const Row& row) {
    return (static_cast<std::uint64_t>(row.first) * f +
            static_cast<std::uint64_t>(row.second) * g) >>
           kSteps;
  };
  const std::uint64_t next_f = combined(of_f), next_g = combined(of_g);
  f = next_f;
  g = next_g;
  return {of_f.first, of_f.second, of_g.first, of_g.second};
}

// operator* is first b, then a.
inline Matrix operator*(const Matrix& a, const Matrix& b) {
  return {a.u * b.u + a.v * b.q, a.u * b.v + a.v * b.r, a.q * b.u + a.r * b.q,
          a.q * b.v + a.r * b.r};
}

// divide_steps does one round of 59 steps on the lowest digits.
Matrix divide_steps(std::uint64_t& zeta, std::int64_t f_low, std::int64_t g_low) {
  std::uint64_t f = static_cast<std::uint64_t>(f_low), g = static_cast<std::uint64_t>(g_low);
  const Matrix first = divide_low<20>(zeta, f, g), second = divide_low<20>(zeta, f, g);
  const Matrix all = divide_low<19>(zeta, f, g) * (second * first);
  return {all.u * kScale, all.v * kScale, all.q * kScale, all.r * kScale};
}

inline Signed128 product(std::int64_t a, std::int64_t b) {
  return Signed128(a) * b;
}
inline std::int64_t low_digit(Signed128 value) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(value) & kDigitMask);
}

// apply_to_pair is (f, g) = matrix·(f, g) / 2^62, which is exact.
void apply_to_pair(Digits& f, Digits& g, const Matrix& m) {
  Signed128 to_f = product(m.u, f[0]) + product(m.v, g[0]);
  Signed128 to_g = product(m.q, f[0]) + product(m.r, g[0]);
  to_f >>= 62;
  to_g >>= 62;
  for (std::size_t i = 1; i < 5; ++i) {
    to_f += product(m.u, f[i]) + product(m.v, g[i]);
    to_g += product(m.q, f[i]) + product(m.r, g[i]);
    f[i - 1] = low_digit(to_f);
    g[i - 1] = low_digit(to_g);
    to_f >>= 62;
    to_g >>= 62;
  }
  f[4] = static_cast<std::int64_t>(to_f);
  g[4] = static_cast<std::int64_t>(to_g);
}

// apply_modulo is (d, e) = matrix·(d, e) / 2^62 modulo the modulus; d and e stay within
// −2·modulus and modulus.
void apply_modulo(Digits& d, Digits& e, const Matrix& m, const InversionModulus& modulus) {
  // Negative d and e come in with the modulus added, which keeps the bounds.
  const std::int64_t d_sign = d[4] >> 63, e_sign = e[4] >> 63;
  std::int64_t d_times = (m.u & d_sign) + (m.v & e_sign);
  std::int64_t e_times = (m.q & d_sign) + (m.r & e_sign);
  Signed128 to_d = product(m.u, d[0]) + product(m.v, e[0]);
  Signed128 to_e = product(m.q, d[0]) + product(m.r, e[0]);
  // The multiples of the modulus that make the lowest digits vanish.
  const auto missing = [&modulus](Signed128 sum, std::int64_t times) {
    const std::uint64_t low = static_cast<std::uint64_t>(sum);
    return times - static_cast<std::int64_t>(
                       (modulus.inverse * low + static_cast<std::uint64_t>(times)) & kDigitMask);
  };
  d_times = missing(to_d, d_times);
  e_times = missing(to_e, e_times);
  to_d += product(modulus.digits[0], d_times);
  to_e += product(modulus.digits[0], e_times);
  to_d >>= 62;
  to_e >>= 62;
  for (std::size_t i = 1; i < 5; ++i) {
    to_d += product(m.u, d[i]) + product(m.v, e[i]) + product(modulus.digits[i], d_times);
    to_e += product(m.q, d[i]) + product(m.r, e[i]) + product(modulus.digits[i], e_times);
    d[i - 1] = low_digit(to_d);
    e[i - 1] = low_digit(to_e);
    to_d >>= 62;
    to_e >>= 62;
  }
  d[4] = static_cast<std::int64_t>(to_d);
  e[4] = static_cast<std::int64_t>(to_e);
}

// add_if adds the modulus where mask is set and brings the digits to order.
void add_if(Digits& d, std::int64_t mask, const Digits& modulus) {
  std::int64_t carry = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::int64_t sum = d[i] + (modulus[i] & mask) + carry;
    d[i] = sum & static_cast<std::int64_t>(kDigitMask);
    carry = sum >> 62;
  }
  d[4] += (modulus[4] & mask) + carry;
}

// settle brings d, between −2·modulus and modulus, with the sign of f, into 0…modulus−1.
Words settle(Digits& d, std::int64_t f_sign, const InversionModulus& modulus) {
  const auto mask = [](std::int64_t digit) {
    return static_cast<std::int64_t>(base::ct::barrier(static_cast<std::uint64_t>(digit >> 63)));
  };
  add_if(d, mask(d[4]), modulus.digits);
  const std::int64_t negative = mask(f_sign);
  for (std::int64_t& digit : d) digit = (digit ^ negative) - negative;
  add_if(d, 0, modulus.digits);
  add_if(d, mask(d[4]), modulus.digits);
  const auto bits = [&d](std::size_t i) { return static_cast<std::uint64_t>(d[i]); };
  return {bits(0) | bits(1) << 62, bits(1) >> 2 | bits(2) << 60, bits(2) >> 4 | bits(3) << 58,
          bits(3) >> 6 | bits(4) << 56};
}

}  // namespace

Words invert(const Words& value, const InversionModulus& modulus) {
  Digits d{}, e{1}, f = modulus.digits, g = to_digits(value);
  std::uint64_t zeta = ~std::uint64_t(0);  // −1, δ = 1/2
  for (int i = 0; i < kRounds; ++i) {
    const Matrix matrix = divide_steps(zeta, f[0], g[0]);
    apply_modulo(d, e, matrix, modulus);
    apply_to_pair(f, g, matrix);
  }
  return settle(d, f[4], modulus);
}

}  // namespace heqi::crypto::internal
