// plain_numbers.h: scalars and points to the plain numbers of the batch kernels and back.
#pragma once
#include <span>
#include <vector>

#include "order.h"
#include "projective.h"
#include "sm2_batch_kernel.h"

namespace heqi::crypto::internal {

// PlainScalars and PlainPoints are wiped when they go.
template <class Plain>
class WipedNumbers {
 public:
  explicit WipedNumbers(std::size_t count) : numbers_(count) {}
  ~WipedNumbers() { base::secure_wipe(numbers_.data(), numbers_.size() * sizeof(Plain)); }
  WipedNumbers(const WipedNumbers&) = delete;
  WipedNumbers& operator=(const WipedNumbers&) = delete;

  Plain& operator[](std::size_t i) { return numbers_[i]; }
  Plain* data() { return numbers_.data(); }
  std::size_t size() const { return numbers_.size(); }

 private:
  std::vector<Plain> numbers_;
};
using PlainScalars = WipedNumbers<PlainScalar>;
using PlainPoints = WipedNumbers<PlainPoint>;

inline void put(PlainScalar& out, const Scalar& scalar) {
  Words plain = order_to_plain(scalar.words());
  for (std::size_t i = 0; i < 4; ++i) out.word[i] = plain[i];
  base::secure_wipe(plain.data(), sizeof plain);
}
inline void put(PlainPoint& out, const Affine& affine) {
  const Words x = affine.x.to_plain(), y = affine.y.to_plain();
  for (std::size_t i = 0; i < 4; ++i) {
    out.x[i] = x[i];
    out.y[i] = y[i];
  }
}
// put_vartime is for a public point; it takes an inversion unless the point is affine already.
inline void put_vartime(PlainPoint& out, const Point& point) {
  const Projective p = from_point(point);
  put(out, p.z.words == kPrimeOne ? Affine{p.x, p.y} : to_affine(p));
}

inline Words words_of(const std::uint64_t (&word)[4]) {
  return {word[0], word[1], word[2], word[3]};
}
inline Point point_of(const PlainPoint& plain) {
  const Field x = Field::from_plain(words_of(plain.x)), y = Field::from_plain(words_of(plain.y));
  return to_point(
      select(is_zero(x) & is_zero(y), Projective::infinity(), Projective::from({x, y})));
}

}  // namespace heqi::crypto::internal
