// hedged_random.h: random octets that stay different when the random source repeats itself.
#pragma once
#include <heqi/base/random.h>
#include <heqi/base/secret.h>
#include <heqi/cosign/key_name.h>
#include <heqi/crypto/sm3.h>

namespace heqi::cosign {

// HedgedRandom gives HMAC-SM3(HMAC-SM3(share, fresh || purpose || transcript), counter) with 32
// fresh octets of source for each object. Where source repeats (a restored snapshot), other
// transcripts still give other octets; where source is good, the share adds nothing and loses
// nothing. Each fill begins with a new block of 32 octets.
class HedgedRandom final : public base::Random {
 public:
  static base::Result<HedgedRandom> make(base::Random& source, const crypto::SecretScalar& share,
                                         std::string_view purpose, base::ByteView transcript);
  // resume is a source that was drawn as 32 octets of another one.
  static HedgedRandom resume(const base::SecretArray<32>& seed) {
    return HedgedRandom(seed.clone());
  }
  base::Status fill(base::MutableByteView out) override;
  // draw_ahead makes the next blocks side by side, for a list; what fill gives is the same.
  void draw_ahead(std::size_t blocks);

 private:
  explicit HedgedRandom(base::SecretArray<32> seed) : seed_(std::move(seed)) {}
  base::SecretArray<32> seed_;
  base::SecretBytes ahead_;
  std::size_t taken_ = 0;      // octets of ahead_
  std::uint64_t counter_ = 0;  // of the last block that was made
};

}  // namespace heqi::cosign
