// ros.h: the attack A4, ROS (Benhamouda et al.): with l sessions of `blind` open at once, l + 1
// signatures.
#pragma once
#include <heqi/cosign/blind.h>

namespace heqi::cosign {

class Ros {
 public:
  Ros(BlindDevice device, crypto::PublicKey p, crypto::Scalar d1)
      : device_(std::move(device)), p_(std::move(p)), d1_(d1) {}

  // choose prepares two possible requests for a session.
  void choose(const BlindCommitment& commitment) {
    const std::string name = "document " + std::to_string(commitments_.size());
    for (const char* variant : {"a", "b"}) {
      auto asked = device_.request(crypto::message_digest(p_, base::bytes_of(name + variant)),
                                   commitment, commitment.counter);
      HEQI_CHECK(asked.has_value());
      candidates_.push_back(*std::move(asked));
    }
    commitments_.push_back(commitment);
  }
  // combine fixes which of the two each session is asked; message is the one more.
  void combine(std::string_view message) {
    crypto::Scalar power = crypto::Scalar::from_word(1), constant;
    crypto::Point target = crypto::Point::infinity();
    for (std::size_t j = 0; j < commitments_.size(); ++j) {
      const crypto::Scalar& c0 = candidates_[2 * j].request.r_blinded;
      const crypto::Scalar& c1 = candidates_[2 * j + 1].request.r_blinded;
      weights_.push_back(power * (c1 - c0).inverse());
      constant = constant + weights_.back() * c0;
      target = target + crypto::mul(weights_.back(), commitments_[j].r2);
      power = power + power;
    }
    target = target + crypto::mul_base(constant);
    r_ = crypto::Scalar::reduce(crypto::message_digest(p_, base::bytes_of(message))) +
         target.x_mod_n();
    bits_ = r_.encode();
  }
  const BlindRequest& request(std::size_t j) const {
    const std::size_t bit = (bits_[31 - j / 8] >> (j % 8)) & 1;
    return candidates_[2 * j + bit].request;
  }
  // signature is the one more, of all answers.
  crypto::Signature signature(const std::vector<BlindAnswer>& answers) const {
    crypto::Scalar sum;
    for (std::size_t j = 0; j < answers.size(); ++j) sum = sum + weights_[j] * answers[j].s2;
    return {r_, d1_.inverse() * sum - r_};
  }

 private:
  BlindDevice device_;
  crypto::PublicKey p_;
  crypto::Scalar d1_;
  std::vector<BlindCommitment> commitments_;
  std::vector<BlindRequested> candidates_;
  std::vector<crypto::Scalar> weights_;
  crypto::Scalar r_;
  crypto::ScalarBytes bits_{};
};

}  // namespace heqi::cosign
