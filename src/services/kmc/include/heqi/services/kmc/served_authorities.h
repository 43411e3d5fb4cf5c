// heqi/services/kmc/served_authorities.h: authorities of other organisations whose holders'
// encryption keys this centre makes, and how many.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/sql/database.h>

namespace heqi::services::kmc {

inline constexpr std::size_t kServedKeyIdSizeMax = 56;      // octets of an authority's key id
inline constexpr std::size_t kServedHolderSizeMax = 256;    // octets
inline constexpr std::int64_t kServedKeysMax = 10'000'000;  // that may be agreed with one authority
inline constexpr std::size_t kServedAuthoritiesMax = 10'000;  // in one list

struct ServedAuthority {
  std::string id;  // of the application that asks for it
  bool served = false;
  std::int64_t keys_max = 0, keys_made = 0;
  std::string changed_by, reason;
  base::Time changed_at;
};

// ServedAuthorities is the register of them.
class ServedAuthorities {
 public:
  ServedAuthorities(sql::Database& database, const base::Clock& clock, base::Log& log)
      : database_(database), clock_(clock), log_(log) {}

  // serve begins, or begins again, to serve an authority up to keys_max keys. Fails with malformed
  // (nobody, or none of 1 … kServedKeysMax).
  base::Result<ServedAuthority> serve(const std::string& id, std::int64_t keys_max,
                                      const std::string& who);
  // end serves it no more; its keys are kept. Fails with not_found, malformed (no reason).
  base::Result<ServedAuthority> end(const std::string& id, const std::string& who,
                                    const std::string& reason);
  base::Result<std::vector<ServedAuthority>> list();

 private:
  sql::Database& database_;
  const base::Clock& clock_;
  base::Log& log_;
};

// check_served fails with denied unless the authority is served.
base::Status check_served(sql::Transaction& tx, const std::string& authority);
// count_served_key counts a key that was made for it; limit_exceeded where that is one too many.
base::Status count_served_key(sql::Transaction& tx, const std::string& authority);

}  // namespace heqi::services::kmc
