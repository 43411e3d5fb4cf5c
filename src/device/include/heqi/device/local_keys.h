// heqi/device/local_keys.h: keys with the protection *local*: whole in this device, for an
// application on the same machine. At rest each lies under a key made of the device's own secret
// and of one that the key centre gives out for a right PIN, counting tries: neither the files of
// the device nor the key centre opens them, and no file tells a right PIN from a wrong one.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/secret.h>
#include <heqi/crypto/sm2.h>

namespace heqi::device {

// Limits; docs/limits.md.
inline constexpr std::size_t kLocalKeysMax = 32;
inline constexpr std::size_t kLocalNameMax = 64;                        // octets
inline constexpr std::size_t kLocalDataSizeMax = std::size_t{1} << 20;  // octets

// LocalService is one service for an application, for which the PIN is asked, verification included
// (T/ZSA 67.3 §10.3; GM/T 0019: docs/security-policy.md, section 13).
enum class LocalService : std::uint8_t {
  generate = 1,  // → public key, 65 octets
  sign = 2,      // data → SM2Signature (DER) over SM3(Z_A || data)
  decrypt = 3,   // SM2Cipher (DER) → plain text
  destroy = 4,   // → nothing
  verify = 5,    // Verification → nothing; invalid_signature. Without a name
  encrypt = 6,   // Encryption → SM2Cipher (DER). Without a name
  // Key exchange after GB/T 32918.3 §6.1, as user B: AgreementOffer with R_A
  // → R_B (65 octets) || S_B (32) || S_A that is to come (32) || the key
  agree = 7,
  // and as user A. → R_A (65 octets); its scalar stays in memory, for one agreement
  begin_agreement = 8,
  finish_agreement = 9,  // AgreementOffer with R_B → S_A (32 octets) || the key
  // With the joint key, of which this device has one share: TBS_Sign of GB/T 38540 → SM2Signature
  // (DER). Nothing else is signed so; without a name
  seal = 10,
  // With the joint key as well: CertificationRequestInfo (PKCS#10) for this very key, with a
  // subject and nothing else → SM2Signature (DER), for a certificate of any authority. Without a
  // name
  request = 11,
};
inline constexpr LocalService kLastLocalService = LocalService::request;
// needs_key: the service uses a key that this device keeps whole, which it names.
constexpr bool needs_key(LocalService service) {
  return service != LocalService::verify && service != LocalService::encrypt &&
         service != LocalService::seal && service != LocalService::request;
}

// takes_data: the others make what they need themselves; no service takes a private key.
constexpr bool takes_data(LocalService service) {
  return service != LocalService::generate && service != LocalService::destroy &&
         service != LocalService::begin_agreement;
}

struct LocalRequest {
  LocalService service = LocalService::sign;
  std::string name;  // 1…kLocalNameMax octets of UTF-8; empty where no key is needed
  base::Bytes data;
};
// check_local_request fails with malformed where a name or data is missing, or is not taken.
base::Status check_local_request(const LocalRequest& request);
base::Bytes encode_local_request(const LocalRequest& request);
base::Result<LocalRequest> parse_local_request(base::ByteView der);

// Verification asks whether signature (SM2Signature, DER) is that of public_key over message, for
// the default identity.
struct Verification {
  base::Bytes public_key, message, signature;
};
base::Bytes encode_verification(const Verification& verification);
base::Result<Verification> parse_verification(base::ByteView der);

struct Encryption {
  base::Bytes public_key, plain;
};
base::Bytes encode_encryption(const Encryption& encryption);
base::Result<Encryption> parse_encryption(base::ByteView der);

// AgreementOffer is what one side of a key exchange knows of the other.
struct AgreementOffer {
  base::Bytes public_key, share;                 // 65 octets each
  std::string own_id, peer_id;                   // 1…kAgreementIdMax octets
  std::uint64_t size = 16;                       // of the key, in octets
  std::optional<base::Bytes> confirmation = {};  // S_B, which user A may check: 32 octets
};
inline constexpr std::size_t kAgreementIdMax = 256;
base::Bytes encode_agreement_offer(const AgreementOffer& offer);
base::Result<AgreementOffer> parse_agreement_offer(base::ByteView der);

// LocalKeyLine is what is told of a key without a PIN.
struct LocalKeyLine {
  std::string name;
  base::Bytes public_key;
};
base::Bytes encode_local_lines(const std::vector<LocalKeyLine>& lines);
base::Result<std::vector<LocalKeyLine>> parse_local_lines(base::ByteView der);

}  // namespace heqi::device
