// flow_rows.h: a flow's row, and the names of kinds and steps.
#pragma once
#include <heqi/services/mobile/certificate_flows.h>

namespace heqi::services::mobile {

inline constexpr std::string_view kApplication = "application", kUpdate = "update";
inline constexpr std::string_view kActivated = "activated", kIssued = "issued",
                                  kPublishing = "publishing";

struct CertificateFlows::Stored {
  std::string id, kind, service, person, device;
  std::string acceptance;         // of an application
  std::string request;            // what started it; one flow each
  base::Bytes subject;            // DER Name
  base::Bytes nonce, old_serial;  // of an update
  base::Bytes serial;             // empty before it was issued

  // request_id is the flow's name at the issuer, holder the person's.
  std::string request_id() const { return "mobile:" + id; }
  std::string holder() const { return "mobile:" + service + ":" + person; }
};

}  // namespace heqi::services::mobile
