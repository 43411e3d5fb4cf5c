// heqi/services/identity/code.h: authorisation codes (GB/T 38646 §6.2.2): single use, expiring,
// wrong tries counted, bound to a person and then to a device.
#pragma once
#include <heqi/services/identity/person.h>

namespace heqi::services::identity {

inline constexpr std::chrono::hours kCodeTime{24};
inline constexpr std::int64_t kCodeTries = 5;

// CodeListener is told inside the transaction, so that notices leave with it. Owned here; program
// wires it to the notices (the person) and to the CA.
class CodeListener {
 public:
  virtual ~CodeListener() = default;
  virtual base::Status code_issued(sql::Transaction& transaction, const Person& person,
                                   const std::string& code_id, base::Time expires_at) = 0;
  virtual base::Status code_voided(sql::Transaction& transaction, const Person& person,
                                   const std::string& code_id) = 0;
};

struct IssuedCode {
  std::string id;
  std::string person_id;
  base::Time expires_at;
};

// Codes issues and takes authorisation codes. A code reads "K7QF2M-9XRT4-W8HJD": a locator, which
// is not secret, and 50 secret bits, which are derived from the IdentityKey and the code's id and
// stand nowhere in the database. Thread-safe.
class Codes {
 public:
  Codes(sql::Database& database, Persons& persons, const base::Clock& clock, base::Random& random,
        const IdentityKey& key, CodeListener& listener)
      : database_(database),
        persons_(persons),
        clock_(clock),
        random_(random),
        key_(key),
        listener_(listener) {}

  // issue makes a new code for a verified person; open ones of theirs become void. Fails with
  // identity_unverified, not_found.
  base::Result<IssuedCode> issue(const std::string& person_id);
  base::Result<IssuedCode> issue_in(sql::Transaction& transaction, const std::string& person_id);

  // text_of gives the code to the notice that carries it. Fails with identity_code_void once it is
  // used, void or expired.
  base::Result<std::string> text_of(const std::string& code_id);

  // redeem takes a code for device (the digest of its channel key, or its id): counts the try
  // first, then compares in constant time. Binds device to the person. The same device may repeat
  // a redeemed code until it expires (a broken enrolment goes on); everyone else is refused.
  // Spaces, dashes and case do not matter. Fails with identity_code_wrong (the detail tells the
  // tries left), identity_code_void, expired, denied (the device is bound to somebody else),
  // identity_unverified.
  base::Result<Person> redeem(std::string_view code, const std::string& device);

  // Redeemed is the outcome of redeem_in: a refusal must be committed too (the counter), so it is a
  // value here.
  struct Redeemed {
    std::optional<Person> person;
    std::optional<base::Error> refusal;
  };
  base::Result<Redeemed> redeem_in(sql::Transaction& transaction, std::string_view code,
                                   const std::string& device);

  // find_device_person tells to whom a device is bound.
  base::Result<std::optional<std::string>> find_device_person(const std::string& device);
  // release_device ends the binding (the device was revoked, or the service cancelled).
  base::Status release_device(const std::string& device);

 private:
  std::string secret_of(const std::string& code_id) const;

  sql::Database& database_;
  Persons& persons_;
  const base::Clock& clock_;
  base::Random& random_;
  const IdentityKey& key_;
  CodeListener& listener_;
};

}  // namespace heqi::services::identity
