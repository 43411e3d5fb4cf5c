// heqi/services/mobile/acceptances.h: the acceptance of a person before the application (GB/T 38646
// §6.2.2 a): who they are was verified at the counter, their MSD is bound to them, and the
// authorisation code proves them afterwards.
#pragma once
#include <string>

#include <heqi/base/log.h>
#include <heqi/base/random.h>
#include <heqi/services/mobile/connections.h>
#include <heqi/services/mobile/proofs.h>

namespace heqi::services::mobile {

inline constexpr int kProofTriesMax = 5;  // docs/limits.md
inline constexpr base::Duration kAcceptanceLifetime =
    std::chrono::hours(24 * 14);  // docs/limits.md

// Acceptance is what the officer states after looking at the person's documents.
struct Acceptance {
  std::string id;       // the officer's choice; the same id is the same acceptance
  std::string service;  // the mobile signature service
  std::string user;     // the person's id there
  std::string device;   // the MSD's id there
  base::Bytes subject;  // DER Name as verified
  std::string officer;
};

class Acceptances {
 public:
  Acceptances(sql::Database& database, Connections& connections, const base::Clock& clock,
              base::Random& random, base::Log& log)
      : database_(database), connections_(connections), clock_(clock), random_(random), log_(log) {}

  // accept binds the MSD to the person and gives the authorisation code, once: it is kept nowhere.
  // Another acceptance of the same id or a second code for it: conflict. Fails with conflict where
  // the MSD is bound to somebody else, malformed, and as Connections::check_active does.
  base::Result<std::string> accept(const Acceptance& acceptance);
  base::Result<Acceptance> get(sql::Transaction& tx, const std::string& id);

  // Verdict on a proof of the code. A wrong one is counted in tx, so the transaction is to be
  // committed whatever the verdict is; the fifth makes the code void.
  enum class Verdict : std::uint8_t { right, wrong, code_void };
  base::Result<Verdict> judge(sql::Transaction& tx, const std::string& id, std::string_view flow,
                              base::ByteView csr, base::ByteView proof);
  // spend makes the code void after its use.
  base::Status spend(sql::Transaction& tx, const std::string& id);

 private:
  sql::Database& database_;
  Connections& connections_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
};

}  // namespace heqi::services::mobile
