// heqi/services/ca/register.h: asks the register which certificates are so and so, and ends many at
// once (after an incident: "all that were issued while X").
#pragma once
#include <optional>

#include <heqi/base/log.h>
#include <heqi/services/ca/authority.h>

namespace heqi::services::ca {

inline constexpr std::size_t kRegisterPageMax = 10'000;

// Query is a conjunction; what is empty is not asked for.
struct Query {
  std::optional<Profile> profile{};
  std::string holder{}, state{};  // state: intended, issued, published, held, revoked
  std::string subject_part{};     // in the RFC 4514 text; ASCII case does not matter
  base::Bytes key_digest{};       // SM3 of the public key's octets
  std::optional<base::Time> recorded_from{}, recorded_to{};  // half open
  std::optional<base::Time> valid_at{};
};

// Entry is one row, without the certificate itself.
struct Entry {
  base::Bytes serial;
  std::string holder, subject, state;
  Profile profile = Profile::person;
  base::Time not_before, not_after, recorded_at;
};

class Register {
 public:
  Register(sql::Database& database, Authority& authority, const base::Clock& clock, base::Log& log)
      : database_(database), authority_(authority), clock_(clock), log_(log) {}

  // find gives matches by serial number, from the one after `after` (empty: from the first), at
  // most limit of them (and kRegisterPageMax).
  base::Result<std::vector<Entry>> find(const Query& query, base::ByteView after,
                                        std::size_t limit);
  base::Result<std::int64_t> count(const Query& query);
  // certificate is the DER of an issued one. not_found.
  base::Result<base::Bytes> certificate(base::ByteView serial);
  // revoke_all revokes every match that is not revoked yet, with its pair, in transactions of
  // kRegisterPageMax, and returns how many; after a crash the same call goes on. Fails with
  // malformed for a query that asks for nothing, and as Authority::revoke does.
  base::Result<std::int64_t> revoke_all(const Query& query, pki::RevocationReason reason);

 private:
  sql::Database& database_;
  Authority& authority_;
  const base::Clock& clock_;
  base::Log& log_;
};

}  // namespace heqi::services::ca
