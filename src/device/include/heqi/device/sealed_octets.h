// heqi/device/sealed_octets.h: what is signed with a seal, TBS_Sign of GB/T 38540-2020 §7 (version
// 4), told from everything else: for an application a joint key signs signed attributes that the
// device built, and this.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/crypto/sm3.h>
#include <heqi/x509/certificate.h>

namespace heqi::device {

// Limits; docs/limits.md.
inline constexpr std::size_t kSealedOctetsMax = std::size_t{8} << 20;  // of what is signed
inline constexpr std::size_t kSealTextMax = 256;     // name and number of a seal, octets
inline constexpr std::size_t kSealSignersMax = 256;  // certificates that a seal lists
// How far the time of sealing that an application wrote may be ahead of the device's time,
inline constexpr base::Duration kSealTimeAheadMax = std::chrono::minutes(5);
// and how far behind it: a request waits seven days at most.
inline constexpr base::Duration kSealTimeBehindMax = std::chrono::hours(24 * 8);

// SealedOctets is what of it a person is shown, and what decides whether it is theirs to sign.
struct SealedOctets {
  std::string seal_id, seal_name;
  base::Time valid_from, valid_until;   // of the seal
  base::Time time;                      // of sealing, as whoever asks wrote it
  crypto::Digest document{};            // SM3 of what the seal is put on
  std::vector<crypto::Digest> signers;  // SM3 of the certificates that the seal lists
};

// read_sealed_octets fails with unsupported where octets are no TBS_Sign of version 4: the
// attributes of a signed message, a certificate request or a certificate are none. What the seal
// is worth is judged by those who verify it.
base::Result<SealedOctets> read_sealed_octets(base::ByteView octets);

// check_seal_use: an application's request is for nothing where the seal does not list certificate,
// is not in force, or the time of sealing is not the present (seal_unusable).
base::Status check_seal_use(const SealedOctets& sealed, const x509::Certificate& certificate,
                            base::Time now);

}  // namespace heqi::device
