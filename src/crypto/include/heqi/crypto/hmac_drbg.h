// heqi/crypto/hmac_drbg.h: HMAC_DRBG with SM3 (NIST SP 800-90A §10.1.2): the mechanism alone,
// deterministic, without a source of entropy and without a schedule; HashDrbg (drbg.h) has those.
#pragma once
#include <heqi/base/secret.h>

namespace heqi::crypto {

class HmacDrbgState {
 public:
  static constexpr std::size_t kRequestMax = 65536;  // octets of one generate

  void instantiate(base::ByteView entropy, base::ByteView nonce, base::ByteView personalisation);
  void reseed(base::ByteView entropy, base::ByteView additional);
  // generate fills out, of at most kRequestMax octets (checked).
  void generate(base::MutableByteView out, base::ByteView additional);
  std::uint64_t calls() const { return counter_; }  // since the last seed; 0 before the first

 private:
  void update(std::initializer_list<base::ByteView> provided);
  void next_v();

  base::SecretArray<32> key_, v_;
  std::uint64_t counter_ = 0;
};

}  // namespace heqi::crypto
