// heqi/crypto/zuc.h: the ZUC stream cipher (GB/T 33133.1, GM/T 0001.1) with keys of 128 and of 256
// bits, and what mobile networks make of it: confidentiality (EEA3) and integrity (EIA3).
// Constant time in keys and data. Words are given out with their highest bit first.
#pragma once
#include <array>
#include <span>

#include <heqi/base/result.h>
#include <heqi/base/secret.h>

namespace heqi::crypto {

inline constexpr std::size_t kZucKeySize = 16, kZucIvSize = 16;
inline constexpr std::size_t kZuc256KeySize = 32, kZuc256IvSize = 23;
using ZucKey = base::SecretArray<kZucKeySize>;
using ZucIv = std::array<std::uint8_t, kZucIvSize>;
using Zuc256Key = base::SecretArray<kZuc256KeySize>;
// Zuc256Iv is IV0 … IV16 in octets and IV17 … IV24 of six bits each in the last six.
using Zuc256Iv = std::array<std::uint8_t, kZuc256IvSize>;

// Zuc is one key stream. An IV must never come twice under a key. Its state is wiped when it goes.
class Zuc {
 public:
  Zuc(const ZucKey& key, const ZucIv& iv);
  Zuc(const Zuc256Key& key, const Zuc256Iv& iv);
  ~Zuc();
  Zuc(const Zuc&) = delete;
  Zuc& operator=(const Zuc&) = delete;

  // generate gives the next words of the stream.
  void generate(std::span<std::uint32_t> words);
  // apply adds the stream to in, octet by octet from the next word on; out is as long as in
  // (checked) and may be the same memory. The rest of a last word that is not whole is lost.
  void apply(base::ByteView in, base::MutableByteView out);

 private:
  friend class ZucTag;
  enum class Use { stream, tag32, tag64, tag128 };
  Zuc(const Zuc256Key& key, const Zuc256Iv& iv, Use use);

  std::array<std::uint32_t, 18> state_;
};

// ZucBearer is what a network counts a message by: COUNT, BEARER of five bits, and the direction.
enum class ZucDirection : std::uint8_t { uplink = 0, downlink = 1 };
struct ZucBearer {
  std::uint32_t count = 0;
  std::uint8_t bearer = 0;
  ZucDirection direction = ZucDirection::uplink;
};

// zuc_eea3 is 128-EEA3 (GB/T 33133.2): the first bits of in, encrypted or decrypted; what follows
// them in the last octet comes out as zero. in has (bits + 7) / 8 octets and out as many, else
// malformed; also for a bearer above 31.
base::Status zuc_eea3(const ZucKey& key, const ZucBearer& bearer, base::ByteView in,
                      std::uint64_t bits, base::MutableByteView out);

// zuc_eia3 is the tag of 128-EIA3 (GB/T 33133.3) over the first bits of message. Fails as zuc_eea3.
inline constexpr std::size_t kZucTagSize = 4;
base::Result<std::array<std::uint8_t, kZucTagSize>> zuc_eia3(const ZucKey& key,
                                                             const ZucBearer& bearer,
                                                             base::ByteView message,
                                                             std::uint64_t bits);

// zuc256_tag is the tag of ZUC-256 over the first bits of message: tag has 4, 8 or 16 octets, else
// malformed.
base::Status zuc256_tag(const Zuc256Key& key, const Zuc256Iv& iv, base::ByteView message,
                        std::uint64_t bits, base::MutableByteView tag);

}  // namespace heqi::crypto
