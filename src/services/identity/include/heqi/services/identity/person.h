// heqi/services/identity/person.h: the persons who sign.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/random.h>
#include <heqi/crypto/sm3.h>
#include <heqi/services/identity/identity_key.h>
#include <heqi/sql/database.h>

namespace heqi::services::identity {

// PersonState: only a verified person gets a code or signs.
enum class PersonState { unverified, verified, suspended, cancelled };
std::string_view to_text(PersonState state);

// Repetition names a request of a keeper, so that its repeat makes nothing new: the keeper's own
// key for it, and a digest of all that it asks for.
struct Repetition {
  std::string key;
  crypto::Digest digest{};
};

struct NewPerson {
  std::string name;
  std::string email;
  std::string phone = {};
  std::string id_number =
      {};  // 18 digits of a resident identity card (GB 11643), a passport's, or empty
  std::string keeper = {};  // who adds the person and may ask for them: "user:…"; empty: nobody
  std::optional<Repetition> repetition = {};
};

// Person is what this service keeps. The ID number itself is not kept: its HMAC finds it again, the
// mask is shown.
struct Person {
  std::string id;
  std::string name;
  std::string email;  // lower case
  std::string phone;
  std::string id_number_masked;  // "110***********0013"-like: first three, last two
  PersonState state = PersonState::unverified;
  std::string verified_by;  // the provider; empty while unverified
  std::optional<base::Time> verified_at;
  base::Time created_at;
  bool has_claimed_number = false;  // stated by the person, and not confirmed yet

  bool is_verified() const { return state == PersonState::verified; }
};

// check_id_number fails with malformed for a wrong length, alphabet, date or check digit; the
// detail does not repeat the number.
base::Status check_id_number(std::string_view number);
std::string mask_id_number(std::string_view number);
std::string mask_phone(std::string_view phone);
std::string mask_email(std::string_view email);

// Persons keeps persons. Thread-safe.
class Persons {
 public:
  Persons(sql::Database& database, const base::Clock& clock, base::Random& random,
          const IdentityKey& key)
      : database_(database), clock_(clock), random_(random), key_(key) {}

  // add makes an unverified person. A keeper who adds somebody known by the same name, e-mail
  // address and ID number (without a number: of their own persons) gets that person, and becomes
  // one more keeper. Fails with malformed, conflict (the ID number is known with another name or
  // address, or the key of the repetition names another request).
  base::Result<Person> add(const NewPerson& person);
  // keep_check keeps which check a request with a repetition has started; find_check finds it for
  // the repeat.
  base::Status keep_check(const NewPerson& person, const std::string& verification_id);
  base::Result<std::optional<std::string>> find_check(const NewPerson& person);
  base::Result<bool> is_kept_by(const std::string& id, std::string_view keeper);
  base::Result<std::vector<Person>> list_kept_by(std::string_view keeper, std::size_t limit);
  base::Result<Person> get(const std::string& id);  // not_found
  base::Result<Person> get_in(sql::Transaction& transaction, const std::string& id);
  // find_by_id_number needs no plain numbers in the store.
  base::Result<std::optional<Person>> find_by_id_number(std::string_view id_number);
  base::Result<std::vector<Person>> find_by_email(std::string_view email);
  base::Result<std::vector<Person>> list(std::size_t limit);

  // matches tells whether id_number is this person's; an empty one is of a person without.
  base::Result<bool> matches(const std::string& id, std::string_view id_number);

  // claim_id_number takes the number that a person without one states, in place of an earlier
  // claim; checks of that one end. A claim that was not confirmed within kVerificationTime gives
  // way to whoever states the number next. Fails with malformed, conflict (the person's number was
  // stated by somebody else or is confirmed, or the number is another person's).
  base::Status claim_id_number(const std::string& id, std::string_view id_number);
  // release_claim takes a claim back that the provider did not confirm; others stay.
  base::Status release_claim(const std::string& id);
  base::Status release_claim(sql::Transaction& transaction, const std::string& id);

  // set_state suspends, resumes (verified) or cancels. Fails with conflict: from unverified only
  // Verifications lead on, and from cancelled nothing does.
  base::Result<Person> set_state(const std::string& id, PersonState state);

 private:
  base::Result<std::optional<Person>> find_same(sql::Transaction& transaction,
                                                const NewPerson& person, base::ByteView mac);

  base::Result<std::optional<std::string>> find_repeated(sql::Transaction& transaction,
                                                         const NewPerson& person);
  base::Status release_old_claim(sql::Transaction& transaction, base::ByteView mac);
  base::Result<crypto::Digest> mac_of(std::string_view id_number) const;
  base::Result<crypto::Digest> mac_of_nothing(std::string_view person_id) const;

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  const IdentityKey& key_;
};

}  // namespace heqi::services::identity
