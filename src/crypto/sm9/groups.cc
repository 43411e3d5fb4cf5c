// groups.cc: G1, G2, GT and the pairing as types; what takes time goes through the kernel.
#include <heqi/crypto/sm9_curve.h>

#include "kernel.h"
#include "path_portable.h"

namespace heqi::crypto::sm9 {
namespace {

using base::Code;
using internal::convert;
using Number = internal::Fp<internal::Portable>;
using NumberPair = internal::Fp2<internal::Portable>;
using G1Point = internal::Projective<Number>;
using G2Point = internal::Projective<NumberPair>;
using GtNumber = internal::Fp12<internal::Portable>;

G1Point inside(const G1& point) {
  return convert<G1Point>(point.words());
}
G2Point inside(const G2& point) {
  return convert<G2Point>(point.words());
}
GtNumber inside(const Gt& number) {
  return convert<GtNumber>(number.words());
}
G1 outside(const G1Point& point) {
  return G1::from_words(convert<G1::Words>(point));
}
G2 outside(const G2Point& point) {
  return G2::from_words(convert<G2::Words>(point));
}
Gt outside(const GtNumber& number) {
  return Gt::from_words(convert<Gt::Words>(number));
}

const internal::Kernel& kernel() {
  return internal::kernels().kernel();
}

// A number of Fp is 32 bytes; of a pair the coefficient of u comes first.
void write(std::uint8_t*& out, const Number& number) {
  crypto::internal::store_words(out, number.to_plain());
  out += 32;
}
void write(std::uint8_t*& out, const NumberPair& pair) {
  write(out, pair.high);
  write(out, pair.low);
}
base::ct::Mask read(const std::uint8_t*& in, Number& number) {
  const internal::Words plain = crypto::internal::load_words(in);
  in += 32;
  number = Number::from_plain(plain);
  return crypto::internal::less(plain, internal::kPrime);
}
base::ct::Mask read(const std::uint8_t*& in, NumberPair& pair) {
  const base::ct::Mask high = read(in, pair.high);
  return read(in, pair.low) & high;
}

template <class Coordinate>
base::Result<internal::Projective<Coordinate>> decode_point(base::ByteView bytes,
                                                            std::size_t size) {
  if (bytes.size() != size || bytes[0] != 4)
    return base::fail(Code::malformed,
                      "SM9 point: not 04 || x || y of " + std::to_string(size) + " bytes");
  internal::Projective<Coordinate> point;
  const std::uint8_t* in = bytes.data() + 1;
  base::ct::Mask valid = read(in, point.x);
  valid &= read(in, point.y);
  point.z = Coordinate::one();
  if (!base::ct::declassified(valid & is_on_curve(point)))
    return base::fail(Code::crypto_not_on_curve, "SM9 point: not on the curve");
  return point;
}

template <class Bytes, class Coordinate>
Bytes encode_point(const internal::Projective<Coordinate>& point) {
  const internal::Projective<Coordinate> affine = to_affine(point);
  Bytes bytes;
  bytes[0] = 4;
  std::uint8_t* out = bytes.data() + 1;
  write(out, affine.x);
  write(out, affine.y);
  return bytes;
}

}  // namespace

G1::G1() : words_(convert<Words>(G1Point::infinity())) {}

const G1& G1::generator() {
  static const G1 point = outside(G1Point{Number::from_plain(internal::kP1X),
                                          Number::from_plain(internal::kP1Y), Number::one()});
  return point;
}
base::Result<G1> G1::decode(base::ByteView bytes) {
  HEQI_TRY(const G1Point point, decode_point<Number>(bytes, kG1Size));
  return outside(point);
}
G1Bytes G1::encode() const {
  return encode_point<G1Bytes>(inside(*this));
}
bool G1::is_infinity() const {
  return base::ct::declassified(is_zero(inside(*this).z));
}
G1 G1::operator-() const {
  return outside(-inside(*this));
}
G1 operator+(const G1& a, const G1& b) {
  return outside(inside(a) + inside(b));
}
bool equal_vartime(const G1& a, const G1& b) {
  return base::ct::declassified(are_equal(inside(a), inside(b)));
}
G1 mul(const Scalar& k, const G1& point) {
  G1::Words out;
  kernel().multiply_g1(out, k.words(), point.words());
  return G1::from_words(out);
}

G2::G2() : words_(convert<Words>(G2Point::infinity())) {}

const G2& G2::generator() {
  static const G2 point =
      outside(G2Point{NumberPair::from_plain(internal::kP2X),
                      NumberPair::from_plain(internal::kP2Y), NumberPair::one()});
  return point;
}
base::Result<G2> G2::decode(base::ByteView bytes) {
  HEQI_TRY(const G2Point point, decode_point<NumberPair>(bytes, kG2Size));
  G2::Words multiple;
  kernel().multiply_g2(multiple, internal::kOrder, convert<G2::Words>(point));
  if (!base::ct::declassified(is_zero(convert<G2Point>(multiple).z)))
    return base::fail(Code::crypto_not_on_curve, "SM9 point: not in the group of order N");
  return outside(point);
}
G2Bytes G2::encode() const {
  return encode_point<G2Bytes>(inside(*this));
}
bool G2::is_infinity() const {
  return base::ct::declassified(is_zero(inside(*this).z));
}
G2 G2::operator-() const {
  return outside(-inside(*this));
}
G2 operator+(const G2& a, const G2& b) {
  return outside(inside(a) + inside(b));
}
bool equal_vartime(const G2& a, const G2& b) {
  return base::ct::declassified(are_equal(inside(a), inside(b)));
}
G2 mul(const Scalar& k, const G2& point) {
  G2::Words out;
  kernel().multiply_g2(out, k.words(), point.words());
  return G2::from_words(out);
}

Gt::Gt() : words_(convert<Words>(GtNumber::one())) {}

GtBytes Gt::encode() const {
  const GtNumber number = inside(*this);
  GtBytes bytes;
  std::uint8_t* out = bytes.data();
  for (const auto* part : {&number.c, &number.b, &number.a}) {
    write(out, part->high);
    write(out, part->low);
  }
  return bytes;
}
Gt Gt::inverse() const {
  return outside(conjugate(inside(*this)));
}
Gt operator*(const Gt& a, const Gt& b) {
  Gt::Words out;
  kernel().multiply_gt(out, a.words(), b.words());
  return Gt::from_words(out);
}
bool equal_vartime(const Gt& a, const Gt& b) {
  return a.words_ == b.words_;
}
Gt power(const Scalar& k, const Gt& number) {
  Gt::Words out;
  kernel().power(out, k.words(), number.words());
  return Gt::from_words(out);
}

struct PreparedG2::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { base::secure_wipe(&lines, sizeof lines); }
  internal::LinesWords lines;
};
PreparedG2::PreparedG2(const G2& point) : state_(std::make_unique<State>()) {
  kernel().prepare(state_->lines, point.words());
}
PreparedG2::~PreparedG2() = default;
PreparedG2::PreparedG2(PreparedG2&&) noexcept = default;
PreparedG2& PreparedG2::operator=(PreparedG2&&) noexcept = default;

Gt pair(const G1& p, const PreparedG2& q) {
  Gt::Words out;
  kernel().pair(out, q.state_->lines, p.words());
  return Gt::from_words(out);
}
Gt pair(const G1& p, const G2& q) {
  return pair(p, PreparedG2(q));
}

struct GtPowers::State {
  internal::CombWords comb;
};
GtPowers::GtPowers(const Gt& base) : base_(base) {
  const auto state = std::make_shared<State>();
  kernel().make_comb(state->comb, base.words());
  state_ = state;
}
GtPowers::~GtPowers() = default;
GtPowers::GtPowers(const GtPowers&) = default;
GtPowers& GtPowers::operator=(const GtPowers&) = default;

Gt GtPowers::power(const Scalar& k) const {
  Gt::Words out;
  kernel().power_by_comb(out, k.words(), state_->comb);
  return Gt::from_words(out);
}

}  // namespace heqi::crypto::sm9
