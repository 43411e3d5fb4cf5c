#include "inversion.h"

namespace heqi::crypto::internal {
namespace {

__extension__ using Signed128 = __int128;

// 590 division steps bring any pair of 256 bits to f = ±gcd, g = 0 when they start with δ = 1/2
// (Bernstein and Yang's bound for the variant with half steps): ten rounds of 59.
constexpr int kRounds = 10, kSteps = 59;
// The matrix of a round comes multiplied by 2^3, so that each round divides by 2^62, one digit.
constexpr std::int64_t kScale = 8;

// Matrix is 2^62 times the effect of one round on (f, g).
struct Matrix {
  std::int64_t u, v, q, r;
};

inline std::uint64_t negate_if(std::uint64_t mask, std::uint64_t value) {
  return (value ^ mask) - mask;
}

// divide_steps does one round on the lowest digits. zeta is −(δ + 1/2): negative where a swap is
// due. All words are two's complement.
Matrix divide_steps(std::int64_t& zeta_in, std::int64_t f_low, std::int64_t g_low) {
  std::uint64_t zeta = static_cast<std::uint64_t>(zeta_in);
  std::uint64_t f = static_cast<std::uint64_t>(f_low), g = static_cast<std::uint64_t>(g_low);
  std::uint64_t u = kScale, v = 0, q = 0, r = kScale;
  for (int i = 0; i < kSteps; ++i) {
    std::uint64_t swap = static_cast<std::uint64_t>(static_cast<std::int64_t>(zeta) >> 63);
    const std::uint64_t odd = base::ct::barrier(0 - (g & 1));
    swap = base::ct::barrier(swap);
    g += negate_if(swap, f) & odd;
    q += negate_if(swap, u) & odd;
    r += negate_if(swap, v) & odd;
    swap &= odd;
    zeta = (zeta ^ swap) - 1;
    f += g & swap;
    u += q & swap;
    v += r & swap;
    g >>= 1;
    u <<= 1;
    v <<= 1;
  }
  zeta_in = static_cast<std::int64_t>(zeta);
  return {static_cast<std::int64_t>(u), static_cast<std::int64_t>(v), static_cast<std::int64_t>(q),
          static_cast<std::int64_t>(r)};
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
  std::int64_t zeta = -1;  // δ = 1/2
  for (int i = 0; i < kRounds; ++i) {
    const Matrix matrix = divide_steps(zeta, f[0], g[0]);
    apply_modulo(d, e, matrix, modulus);
    apply_to_pair(f, g, matrix);
  }
  return settle(d, f[4], modulus);
}

}  // namespace heqi::crypto::internal
