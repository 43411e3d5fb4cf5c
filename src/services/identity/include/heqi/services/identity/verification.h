// heqi/services/identity/verification.h: a person's identity is checked: started → evidence →
// verified, refused or expired.
#pragma once
#include <heqi/services/identity/person.h>
#include <heqi/services/identity/provider.h>

namespace heqi::services::identity {

inline constexpr std::chrono::minutes kVerificationTime{30};
inline constexpr std::int64_t kEvidenceTries = 3;
inline constexpr std::size_t kEvidenceMax = std::size_t{16} << 20;

enum class VerificationState { started, verified, refused, expired };
std::string_view to_text(VerificationState state);

struct Verification {
  std::string id, person_id, provider;
  VerificationState state = VerificationState::started;
  std::string challenge;  // for the person
  std::int64_t tries_left = 0;
  base::Time expires_at;
};

// Verifications runs the state machine; each step is one transaction. Thread-safe.
class Verifications {
 public:
  Verifications(sql::Database& database, Persons& persons, IdentityProvider& provider,
                const base::Clock& clock, base::Random& random)
      : database_(database),
        persons_(persons),
        provider_(provider),
        clock_(clock),
        random_(random) {}

  // start asks the provider. id_number must be the one the person was added with. Fails with
  // identity_refused, conflict (verified already, cancelled), denied (another ID number).
  base::Result<Verification> start(const std::string& person_id, std::string_view id_number);
  // start_again is start for a person who may be verified already, such as for a new device.
  base::Result<Verification> start_again(const std::string& person_id, std::string_view id_number);
  // submit gives the evidence; of it only the SM3 digest is kept. Verified: the person is too.
  // Fails with identity_refused (refused for good after kEvidenceTries), expired, conflict.
  base::Result<Verification> submit(const std::string& id, base::ByteView evidence);
  base::Result<Verification> get(const std::string& id);

 private:
  base::Result<Verification> ask_provider(const Person& person, std::string_view id_number);

  sql::Database& database_;
  Persons& persons_;
  IdentityProvider& provider_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace heqi::services::identity
