// heqi/crypto/sm9_curve.h: the groups of SM9 (GB/T 38635.1): scalars modulo N, points of G1 (the
// curve over Fp) and G2 (its twist over Fp2), numbers of GT in Fp12, and the R-ate pairing.
// All arithmetic is constant time unless its name ends in _vartime.
#pragma once
#include <array>
#include <cstdint>
#include <memory>

#include <heqi/base/constant_time.h>
#include <heqi/base/random.h>
#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::crypto::sm9 {

inline constexpr std::size_t kScalarSize = 32, kG1Size = 65, kG2Size = 129, kGtSize = 384;
using ScalarBytes = std::array<std::uint8_t, kScalarSize>;
using G1Bytes = std::array<std::uint8_t, kG1Size>;  // 04 || x || y
// 04 || x || y, of each coordinate the coefficient of u first (GB/T 38635.1 §6.2).
using G2Bytes = std::array<std::uint8_t, kG2Size>;
using GtBytes = std::array<std::uint8_t, kGtSize>;  // the coefficient of w²·v·u first

// Scalar is an integer modulo N, in 0…N−1. Its memory is wiped when it goes.
class Scalar {
 public:
  Scalar() = default;  // zero
  ~Scalar() { base::secure_wipe(words_.data(), sizeof words_); }
  Scalar(const Scalar&) = default;
  Scalar& operator=(const Scalar&) = default;

  static Scalar from_word(std::uint64_t value);
  // decode takes 32 big-endian bytes in 1…N−1; else crypto_scalar_range.
  static base::Result<Scalar> decode(base::ByteView bytes);
  // from_hash is (bytes mod (N−1)) + 1 of 40 big-endian bytes, the end of H1 and H2 (GB/T 38635.2
  // §5.3.2).
  static Scalar from_hash(std::span<const std::uint8_t, 40> bytes);
  // draw picks a uniform scalar in 1…N−1 by rejection. Fails with crypto_random_failed.
  static base::Result<Scalar> draw(base::Random& random);

  ScalarBytes encode() const;
  bool is_zero() const;  // declassifies the answer
  base::ct::Mask is_zero_mask() const;
  Scalar inverse() const;  // of zero is zero
  friend Scalar operator+(const Scalar& a, const Scalar& b);
  friend Scalar operator-(const Scalar& a, const Scalar& b);
  friend Scalar operator*(const Scalar& a, const Scalar& b);
  friend bool equal_vartime(const Scalar& a, const Scalar& b);

  // words are the plain number; for the kernels only.
  const std::array<std::uint64_t, 4>& words() const { return words_; }

 private:
  explicit Scalar(const std::array<std::uint64_t, 4>& words) : words_(words) {}
  std::array<std::uint64_t, 4> words_{};
};
bool equal_vartime(const Scalar& a, const Scalar& b);

// G1 is a point of the curve, infinity included. Its memory is wiped when it goes.
class G1 {
 public:
  using Words = std::array<std::uint64_t, 12>;
  G1();  // infinity
  ~G1() { base::secure_wipe(words_.data(), sizeof words_); }
  G1(const G1&) = default;
  G1& operator=(const G1&) = default;
  static const G1& generator();  // P1
  // decode takes 04||x||y. Refuses what is not on the curve, coordinates from p up and infinity
  // with crypto_not_on_curve, another length or form with malformed. The order of the curve is
  // prime: every point is in the group.
  static base::Result<G1> decode(base::ByteView bytes);

  G1Bytes encode() const;    // of infinity 64 zeros after the 04 (callers refuse infinity before)
  bool is_infinity() const;  // declassifies the answer
  G1 operator-() const;
  friend G1 operator+(const G1& a, const G1& b);
  friend bool equal_vartime(const G1& a, const G1& b);

  // words are the internal projective form; for the kernels only.
  const Words& words() const { return words_; }
  static G1 from_words(const Words& words) { return G1(words); }

 private:
  explicit G1(const Words& words) : words_(words) {}
  Words words_;
};
bool equal_vartime(const G1& a, const G1& b);
G1 mul(const Scalar& k, const G1& point);

// G2 is a point of the twist in the group of order N, infinity included. Wiped when it goes.
class G2 {
 public:
  using Words = std::array<std::uint64_t, 24>;
  G2();  // infinity
  ~G2() { base::secure_wipe(words_.data(), sizeof words_); }
  G2(const G2&) = default;
  G2& operator=(const G2&) = default;
  static const G2& generator();  // P2
  // decode refuses as G1 does, and with crypto_not_on_curve also points of the twist outside the
  // group of order N.
  static base::Result<G2> decode(base::ByteView bytes);

  G2Bytes encode() const;
  bool is_infinity() const;  // declassifies the answer
  G2 operator-() const;
  friend G2 operator+(const G2& a, const G2& b);
  friend bool equal_vartime(const G2& a, const G2& b);

  const Words& words() const { return words_; }
  static G2 from_words(const Words& words) { return G2(words); }

 private:
  explicit G2(const Words& words) : words_(words) {}
  Words words_;
};
bool equal_vartime(const G2& a, const G2& b);
G2 mul(const Scalar& k, const G2& point);

// Gt is a value of the pairing or a product of such values. Wiped when it goes.
class Gt {
 public:
  using Words = std::array<std::uint64_t, 48>;
  Gt();  // one
  ~Gt() { base::secure_wipe(words_.data(), sizeof words_); }
  Gt(const Gt&) = default;
  Gt& operator=(const Gt&) = default;

  GtBytes encode() const;
  Gt inverse() const;
  friend Gt operator*(const Gt& a, const Gt& b);
  friend bool equal_vartime(const Gt& a, const Gt& b);

  const Words& words() const { return words_; }
  static Gt from_words(const Words& words) { return Gt(words); }

 private:
  explicit Gt(const Words& words) : words_(words) {}
  Words words_;
};
bool equal_vartime(const Gt& a, const Gt& b);
Gt power(const Scalar& k, const Gt& number);

// PreparedG2 is a point of G2 with all of Miller's loop that depends on it alone (10 KiB): a
// pairing with it costs four fifths. Wiped when it goes.
class PreparedG2 {
 public:
  explicit PreparedG2(const G2& point);
  ~PreparedG2();
  PreparedG2(PreparedG2&&) noexcept;
  PreparedG2& operator=(PreparedG2&&) noexcept;

 private:
  friend Gt pair(const G1& p, const PreparedG2& q);
  struct State;
  std::unique_ptr<State> state_;
};
// pair is e(P, Q), one where either is infinity.
Gt pair(const G1& p, const PreparedG2& q);
Gt pair(const G1& p, const G2& q);

// GtPowers is a public base of GT with a table of 24 KiB for fast powers of it. Copies share it.
class GtPowers {
 public:
  explicit GtPowers(const Gt& base);
  ~GtPowers();
  GtPowers(const GtPowers&);
  GtPowers& operator=(const GtPowers&);
  const Gt& base() const { return base_; }
  Gt power(const Scalar& k) const;

 private:
  struct State;
  Gt base_;
  std::shared_ptr<const State> state_;
};

}  // namespace heqi::crypto::sm9
