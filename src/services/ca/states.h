// states.h: the words of the column ca_certificates.state.
//   intended → issued → published ⇄ held → revoked; every state may become revoked.
#pragma once
#include <string_view>

namespace heqi::services::ca {

inline constexpr std::string_view kIntended = "intended", kIssued = "issued",
                                  kPublished = "published", kHeld = "held", kRevoked = "revoked";

}  // namespace heqi::services::ca
