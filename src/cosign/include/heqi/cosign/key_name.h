// heqi/cosign/key_name.h: which two-party key is meant, and the transcripts that bind proofs to it.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>
#include <heqi/crypto/curve.h>

namespace heqi::cosign {

// Limits; docs/limits.md.
inline constexpr std::size_t kIdSizeMax = 64;  // octets of an AppID or PlatformID
inline constexpr std::size_t kKeyIdSize = 32;  // drawn by the key centre, never by a device
inline constexpr std::size_t kBatchMax = 100;  // signatures of one exchange
using KeyId = std::array<std::uint8_t, kKeyIdSize>;

// KeyName names one key and one epoch of its shares. The epoch grows when the shares are refreshed.
struct KeyName {
  std::string app_id, platform_id;  // UTF-8, 1…kIdSizeMax octets
  KeyId key_id{};
  std::uint32_t epoch = 1;
  friend bool operator==(const KeyName& a, const KeyName& b) {
    return a.app_id == b.app_id && a.platform_id == b.platform_id && a.key_id == b.key_id &&
           a.epoch == b.epoch;
  }
};

// check_key_name fails with malformed where an id is empty, too long or not UTF-8.
base::Status check_key_name(const KeyName& name);

// Transcript joins values so that no two different lists give the same octets: each value stands
// after its length (32 bits, big-endian). ("ab", "c") and ("a", "bc") differ.
class Transcript {
 public:
  explicit Transcript(std::string_view purpose) { text(purpose); }
  Transcript& text(std::string_view value) { return bytes(base::bytes_of(value)); }
  Transcript& bytes(base::ByteView value);
  Transcript& number(std::uint64_t value);
  Transcript& point(const crypto::Point& value);
  Transcript& key(const KeyName& name);

  const base::Bytes& view() const { return out_; }

 private:
  base::Bytes out_;
};

}  // namespace heqi::cosign
