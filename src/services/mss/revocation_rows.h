// revocation_rows.h: a revocation's row, and the names of its steps.
#pragma once
#include <heqi/crypto/sm3.h>
#include <heqi/services/mss/revocations.h>

namespace heqi::services::mss {

inline constexpr std::string_view kAsked = "asked", kAgreed = "agreed";

struct Revocations::Stored {
  std::string id, origin, asked_by, request_id, person_id, device_id, ca_id;
  base::Bytes serial, certificate;
  std::int64_t reason = 0;
  base::Bytes signature;  // empty before the person agreed
  base::Time until{};
  bool is_cleared = false;

  // fingerprint tells a true repeat from another wish under the same id.
  base::Bytes fingerprint() const {
    crypto::Sm3 hash;
    hash.update(crypto::sm3(base::bytes_of(person_id))).update(crypto::sm3(serial));
    const base::Bytes last{static_cast<std::uint8_t>(reason)};
    const crypto::Digest all = hash.update(last).finish();
    return {all.begin(), all.end()};
  }
};

}  // namespace heqi::services::mss
