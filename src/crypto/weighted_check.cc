#include <heqi/crypto/weighted_check.h>

#include <algorithm>

namespace heqi::crypto {

WeightedCheck::WeightedCheck(base::Random& weights, std::initializer_list<const Point*> shared)
    : weights_(weights), shared_(shared.size()) {
  for (const Point* point : shared) terms_.push_back({Scalar(), point});
}

base::Status WeightedCheck::begin() {
  constexpr std::size_t kWeightSize = 16;
  if (equations_++ == 0) {
    weight_ = Scalar::from_word(1);
    return {};
  }
  const std::size_t left = equations_ % 2 * kWeightSize;
  if (left == 0) HEQI_TRY(weights_.fill(drawn_));
  std::array<std::uint8_t, kScalarSize> bytes{};
  std::copy_n(drawn_.begin() + std::ptrdiff_t(left), kWeightSize, bytes.end() - kWeightSize);
  // A weight is a secret until the values it weighs are fixed, which they are.
  base::ct::declassify(bytes);
  // An odd one makes a short term for the kernel in lanes.
  const Scalar drawn = Scalar::reduce(bytes);
  weight_ = drawn + drawn + Scalar::from_word(1);
  return {};
}

void WeightedCheck::add(const Scalar& k, const Point& p) {
  const Scalar weighted = weight_ * k;
  for (std::size_t i = 0; i < shared_; ++i)
    if (terms_[i].p == &p) {
      terms_[i].k = terms_[i].k + weighted;
      return;
    }
  terms_.push_back({weighted, &p});
}

void WeightedCheck::add(const Point& p) {
  terms_.push_back({weight_, &p});
}

void WeightedCheck::add_base(const Scalar& k) {
  base_ = base_ + weight_ * k;
}

bool WeightedCheck::holds_vartime() const {
  return mul_sum_vartime(base_, terms_).is_infinity();
}

}  // namespace heqi::crypto
