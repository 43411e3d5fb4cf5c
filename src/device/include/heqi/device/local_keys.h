// heqi/device/local_keys.h: keys with the protection *local*: whole in this device, for an
// application on the same machine. At rest each lies under a key made of the device's own secret
// and of one that the key centre gives out for a right PIN, counting tries: neither the files of
// the device nor the key centre opens them, and no file tells a right PIN from a wrong one.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/secret.h>
#include <heqi/crypto/sm2.h>

namespace heqi::device {

// Limits; docs/limits.md.
inline constexpr std::size_t kLocalKeysMax = 32;
inline constexpr std::size_t kLocalNameMax = 64;                        // octets
inline constexpr std::size_t kLocalDataSizeMax = std::size_t{1} << 20;  // octets

// LocalService is one use of a local key, for which the PIN is asked (GM/T 0019:
// docs/security-policy.md, section 13).
enum class LocalService : std::uint8_t {
  generate = 1,  // → public key, 65 octets
  sign = 2,      // data → SM2Signature (DER) over SM3(Z_A || data)
  decrypt = 3,   // SM2Cipher (DER) → plain text
  destroy = 4,   // → nothing
};

struct LocalRequest {
  LocalService service = LocalService::sign;
  std::string name;  // 1…kLocalNameMax octets of UTF-8
  base::Bytes data;
};
base::Bytes encode_local_request(const LocalRequest& request);
base::Result<LocalRequest> parse_local_request(base::ByteView der);

// LocalKeyLine is what is told of a key without a PIN.
struct LocalKeyLine {
  std::string name;
  base::Bytes public_key;
};
base::Bytes encode_local_lines(const std::vector<LocalKeyLine>& lines);
base::Result<std::vector<LocalKeyLine>> parse_local_lines(base::ByteView der);

}  // namespace heqi::device
