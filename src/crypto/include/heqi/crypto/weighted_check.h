// heqi/crypto/weighted_check.h: many equations between public points, asked at once. Each has the
// form "this sum of multiples is infinity"; they are added up with random odd weights below 2^129,
// and the sum of all is computed once. If all hold, the sum is infinity. If one does not hold, at
// most one of 2^128 values of its weight hides that, since the order of the curve is prime: a wrong
// answer has probability 2^-128, provided that whoever made the values did not know the weights.
#pragma once
#include <vector>

#include <heqi/crypto/curve.h>

namespace heqi::crypto {

class WeightedCheck {
 public:
  // weights is the source of the weights. shared are points that many equations have; they are told
  // from others by their address. All points that are added outlive the check.
  WeightedCheck(base::Random& weights, std::initializer_list<const Point*> shared);

  // begin starts the next equation and draws its weight; the first one's is 1. Fails with
  // crypto_random_failed.
  base::Status begin();
  // add and add_base add [k]P and [k]G to the equation, add(p) adds P itself.
  void add(const Scalar& k, const Point& p);
  void add(const Point& p);
  void add_base(const Scalar& k);

  // holds_vartime says whether all equations hold.
  bool holds_vartime() const;

 private:
  base::Random& weights_;
  std::array<std::uint8_t, 32> drawn_{};  // two weights
  Scalar weight_, base_;
  std::vector<Term> terms_;  // the shared points first
  std::size_t shared_;
  std::size_t equations_ = 0;
};

}  // namespace heqi::crypto
