// hedged_random.h: random octets that stay different when the random source repeats itself.
#pragma once
#include <heqi/base/random.h>
#include <heqi/cosign/key_name.h>
#include <heqi/crypto/hmac.h>

namespace heqi::cosign {

// HedgedRandom gives HMAC-SM3(HMAC-SM3(share, fresh || purpose || transcript), counter) with 32
// fresh octets of source for each object. Where source repeats (a restored snapshot), other
// transcripts still give other octets; where source is good, the share adds nothing and loses
// nothing.
class HedgedRandom final : public base::Random {
 public:
  static base::Result<HedgedRandom> make(base::Random& source, const crypto::SecretScalar& share,
                                         std::string_view purpose, base::ByteView transcript);
  // resume is a source that was drawn as 32 octets of another one.
  static HedgedRandom resume(const base::SecretArray<32>& seed) { return HedgedRandom(seed); }
  base::Status fill(base::MutableByteView out) override;

 private:
  explicit HedgedRandom(const base::SecretArray<32>& seed) : mac_(seed.expose()) {}
  crypto::HmacSm3 mac_;
  std::uint64_t counter_ = 0;
};

}  // namespace heqi::cosign
