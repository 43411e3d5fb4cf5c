// heqi/crypto/curve.h: the curve sm2p256v1 (GB/T 32918.5): scalars modulo n and points.
// All arithmetic is constant time unless its name ends in _vartime.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include <heqi/base/constant_time.h>
#include <heqi/base/random.h>
#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::crypto {

inline constexpr std::size_t kScalarSize = 32, kPointSize = 65;
using ScalarBytes = std::array<std::uint8_t, kScalarSize>;
using PointBytes = std::array<std::uint8_t, kPointSize>;  // 04 || X || Y

// Scalar is an integer modulo n, in 0…n−1. Its memory is wiped when it goes, so that a temporary of
// a secret computation leaves nothing behind; whether it is a secret is said by who holds it
// (SecretScalar, Nonce).
class Scalar {
 public:
  Scalar() = default;  // zero
  ~Scalar() { base::secure_wipe(words_.data(), sizeof words_); }
  Scalar(const Scalar&) = default;
  Scalar& operator=(const Scalar&) = default;

  static Scalar from_word(std::uint64_t value);
  // decode takes 32 big-endian bytes in 1…n−1; else crypto_scalar_range. (Zero is never a valid
  // wire value.)
  static base::Result<Scalar> decode(base::ByteView bytes);
  // reduce takes 32 to 64 big-endian bytes modulo n; constant time.
  static Scalar reduce(base::ByteView bytes);
  // draw picks a uniform scalar in 1…n−1 by rejection.
  static base::Result<Scalar> draw(base::Random& random);

  ScalarBytes encode() const;
  bool is_zero() const;  // declassifies the answer
  base::ct::Mask is_zero_mask() const;
  Scalar inverse() const;  // of zero is zero; constant time
  Scalar operator-() const;
  friend Scalar operator+(const Scalar& a, const Scalar& b);
  friend Scalar operator-(const Scalar& a, const Scalar& b);
  friend Scalar operator*(const Scalar& a, const Scalar& b);
  friend bool equal_vartime(const Scalar& a, const Scalar& b);

  // words are the internal form (see curve.cc); for the kernels only.
  const std::array<std::uint64_t, 4>& words() const { return words_; }
  static Scalar from_words(const std::array<std::uint64_t, 4>& words);

 private:
  std::array<std::uint64_t, 4> words_{};
};

bool equal_vartime(const Scalar& a, const Scalar& b);

// SecretScalar is a scalar that is a secret for longer than one computation: a private key or a
// share. Move-only; expose() is the grep-able door.
class SecretScalar {
 public:
  SecretScalar() = default;
  explicit SecretScalar(const Scalar& value) : value_(value) {}
  SecretScalar(SecretScalar&& other) noexcept : value_(other.value_) { other.value_ = Scalar(); }
  SecretScalar& operator=(SecretScalar&& other) noexcept {
    if (this != &other) {
      value_ = other.value_;
      other.value_ = Scalar();
    }
    return *this;
  }
  SecretScalar(const SecretScalar&) = delete;
  SecretScalar& operator=(const SecretScalar&) = delete;

  SecretScalar clone() const { return SecretScalar(value_); }
  const Scalar& expose() const { return value_; }
  static base::Result<SecretScalar> draw(base::Random& random);

 private:
  Scalar value_;
};

// Point is a point of the curve, the point at infinity included.
class Point {
 public:
  Point();  // infinity
  ~Point() { base::secure_wipe(words_.data(), sizeof words_); }
  Point(const Point&) = default;
  Point& operator=(const Point&) = default;
  static Point infinity() { return {}; }
  static const Point& generator();
  // decode takes 04||X||Y, or 02/03||X; refuses everything that is not on the curve and infinity
  // with crypto_not_on_curve.
  static base::Result<Point> decode(base::ByteView bytes);

  // encode is 04||X||Y; of infinity it is 65 zero bytes (callers refuse infinity before).
  PointBytes encode() const;
  ScalarBytes x_bytes() const;  // the affine x coordinate, big-endian
  Scalar x_mod_n() const;
  bool is_infinity() const;  // declassifies the answer
  Point operator-() const;
  friend Point operator+(const Point& a, const Point& b);  // complete: any a, b; constant time
  friend bool equal_vartime(const Point& a, const Point& b);

  // words are the internal projective form; for the kernels only.
  const std::array<std::uint64_t, 12>& words() const { return words_; }
  static Point from_words(const std::array<std::uint64_t, 12>& words);

 private:
  explicit Point(const std::array<std::uint64_t, 12>& words) : words_(words) {}
  std::array<std::uint64_t, 12> words_{};
};

bool equal_vartime(const Point& a, const Point& b);

Point mul_base(const Scalar& k);                 // [k]G
Point mul(const Scalar& k, const Point& point);  // [k]P
// mul_add_vartime is [a]G + [b]P for public values only.
Point mul_add_vartime(const Scalar& a, const Scalar& b, const Point& point);
// mul_vartime is [k]P for public values only.
Point mul_vartime(const Scalar& k, const Point& point);
// Term is [k]P in a sum.
struct Term {
  Scalar k;
  const Point* p;
};
// mul_sum_vartime is [base]G and all terms together, for public values only: the more terms, the
// less each costs.
Point mul_sum_vartime(const Scalar& base, std::span<const Term> terms);

}  // namespace heqi::crypto
