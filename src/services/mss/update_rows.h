// update_rows.h: an update's row, and the names of its steps.
#pragma once
#include <heqi/services/mss/updates.h>

namespace heqi::services::mss {

inline constexpr std::string_view kUpdateAsked = "asked", kActivated = "activated",
                                  kUpdateIssued = "issued", kPublishing = "publishing";

struct Updates::Stored {
  std::string id, person_id, device_id, ca_id;
  base::Bytes old_serial, old_certificate;
  std::string prompt;  // the authority's, where it asked
  std::string flow;    // the authority's, once it has started
  base::Bytes nonce;
  base::Bytes serial, certificate;  // the new one, once it is issued
  base::Time until{};
};

// may_pass tells whether the authority may answer otherwise a little later.
inline bool may_pass(base::Code code) {
  return code == base::Code::unavailable || code == base::Code::timeout ||
         code == base::Code::storage || code == base::Code::internal ||
         code == base::Code::rate_limited;
}

}  // namespace heqi::services::mss
