// rows.h: orders and authorizations as they stand in the database.
#pragma once
#include <heqi/services/acme/server.h>

namespace heqi::services::acme {

struct Server::Order {
  std::string id, account, status;
  base::Bytes serial;  // of the certificate; empty: none yet
  base::Time expires_at;
  std::vector<std::string> names, authorizations;  // ids, in the order of names
};

struct Server::Authorization {
  std::string id, order, name, token, status, problem;
  std::optional<base::Time> validated_at;
  base::Time expires_at;
};

inline constexpr std::string_view kPending = "pending", kReady = "ready", kValid = "valid",
                                  kInvalid = "invalid", kDeactivated = "deactivated";

}  // namespace heqi::services::acme
