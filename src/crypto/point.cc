// point.cc: points of sm2p256v1 and their encodings.
#include <algorithm>

#include "order.h"
#include "projective.h"

namespace heqi::crypto {

using internal::Affine;
using internal::Field;
using internal::Projective;
using internal::Words;

namespace {

base::Error not_on_curve(std::string detail) {
  return base::fail(base::Code::crypto_not_on_curve, "point: " + std::move(detail));
}

base::Result<Field> decode_coordinate(const std::uint8_t* bytes) {
  const Words plain = internal::load_words(bytes);
  if (!base::ct::declassified(internal::less(plain, internal::kPrime)))
    return not_on_curve("a coordinate is not below p");
  return Field::from_plain(plain);
}

base::Result<Point> decode_compressed(base::ByteView bytes) {
  HEQI_TRY(const Field x, decode_coordinate(bytes.data() + 1));
  const Field right = (square(x) - thrice(Field::one())) * x + internal::kFieldB;
  Field y = internal::square_root(right);
  const base::ct::Mask odd = base::ct::mask_from_bit(y.to_plain()[0] ^ bytes[0]);
  y = select(odd, Field{} - y, y);
  if (!base::ct::declassified(internal::is_on_curve({x, y})))
    return not_on_curve("no y belongs to this x");
  return internal::to_point(Projective::from({x, y}));
}

}  // namespace

Point::Point() : Point(internal::to_point(Projective::infinity())) {}

Point Point::from_words(const std::array<std::uint64_t, 12>& words) {
  Point out(words);
  return out;
}

const Point& Point::generator() {
  static const Point generator = internal::to_point(internal::generator());
  return generator;
}

base::Result<Point> Point::decode(base::ByteView bytes) {
  if (bytes.size() == 33 && (bytes[0] == 2 || bytes[0] == 3)) return decode_compressed(bytes);
  if (bytes.size() != kPointSize || bytes[0] != 4)
    return not_on_curve("neither 04||X||Y nor 02/03||X, " + std::to_string(bytes.size()) +
                        " bytes");
  HEQI_TRY(const Field x, decode_coordinate(bytes.data() + 1));
  HEQI_TRY(const Field y, decode_coordinate(bytes.data() + 33));
  if (!base::ct::declassified(internal::is_on_curve({x, y})))
    return not_on_curve("y² ≠ x³ + ax + b");
  return internal::to_point(Projective::from({x, y}));
}

PointBytes Point::encode() const {
  const Projective p = internal::from_point(*this);
  const Affine affine = internal::to_affine(p);
  PointBytes out;
  out[0] = static_cast<std::uint8_t>(4 & ~internal::is_zero(p.z));
  internal::store_words(out.data() + 1, affine.x.to_plain());
  internal::store_words(out.data() + 33, affine.y.to_plain());
  return out;
}

ScalarBytes Point::x_bytes() const {
  ScalarBytes out;
  internal::store_words(out.data(), internal::to_affine(internal::from_point(*this)).x.to_plain());
  return out;
}

Scalar Point::x_mod_n() const {
  const ScalarBytes x = x_bytes();
  return Scalar::reduce(x);
}

bool Point::is_infinity() const {
  return base::ct::declassified(internal::is_zero(internal::from_point(*this).z));
}

Point Point::operator-() const {
  return internal::to_point(internal::negate(internal::from_point(*this)));
}
Point operator+(const Point& a, const Point& b) {
  return internal::to_point(internal::from_point(a) + internal::from_point(b));
}

bool equal_vartime(const Point& a, const Point& b) {
  const Projective p = internal::from_point(a), q = internal::from_point(b);
  const base::ct::Mask both = internal::is_zero(p.z) & internal::is_zero(q.z);
  const base::ct::Mask neither = ~internal::is_zero(p.z) & ~internal::is_zero(q.z);
  const base::ct::Mask same = internal::equal((p.x * q.z).words, (q.x * p.z).words) &
                              internal::equal((p.y * q.z).words, (q.y * p.z).words);
  return base::ct::declassified(both | (neither & same));
}

}  // namespace heqi::crypto
