// heqi/crypto/ctr_drbg.h: CTR_DRBG with SM4 and a derivation function (NIST SP 800-90A §10.2.1,
// GM/T 0105 annex C): the mechanism alone, deterministic, without a source of entropy and without a
// schedule; HashDrbg (drbg.h) has those.
#pragma once
#include <heqi/crypto/drbg.h>
#include <heqi/crypto/sm4.h>

namespace heqi::crypto {

class CtrDrbgState {
 public:
  explicit CtrDrbgState(DrbgOrder order) : order_(order) {}
  void instantiate(base::ByteView entropy, base::ByteView nonce, base::ByteView personalisation);
  void reseed(base::ByteView entropy, base::ByteView additional);
  // generate fills out, of at most output_size_max() octets (checked): one block of GM/T 0105.
  void generate(base::MutableByteView out, base::ByteView additional);
  std::size_t output_size_max() const;
  std::uint64_t calls() const { return counter_; }  // since the last seed; 0 before the first

 private:
  static constexpr std::size_t kSeedSize = kSm4KeySize + kSm4BlockSize;
  using Seed = base::SecretArray<kSeedSize>;
  static Seed derive(std::initializer_list<base::ByteView> material);
  void update(const Seed& provided);
  void next_blocks(base::MutableByteView out);

  DrbgOrder order_;
  Sm4Key key_;
  base::SecretArray<kSm4BlockSize> v_;
  std::uint64_t counter_ = 0;
};

}  // namespace heqi::crypto
