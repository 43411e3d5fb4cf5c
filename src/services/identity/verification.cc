#include <heqi/services/identity/verification.h>

#include <heqi/crypto/sm3.h>

#include "checks.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::fail;
using base::Result;

constexpr std::string_view kSelect =
    "SELECT verification_id, person_id, provider, state, challenge, tries, expires_at, reference "
    "FROM identity_verifications WHERE verification_id = ?1 {for_update}";

struct Stored {
  Verification verification;
  std::string reference;
};

VerificationState state_of(std::string_view text) {
  for (VerificationState state :
       {VerificationState::started, VerificationState::verified, VerificationState::refused})
    if (to_text(state) == text) return state;
  return VerificationState::expired;
}

Result<Stored> load(sql::Transaction& transaction, const std::string& id, base::Time now) {
  HEQI_TRY(const auto row, transaction.find_row(kSelect, id));
  if (!row) return fail(Code::not_found, "verification " + id);
  Stored stored;
  Verification& v = stored.verification;
  v.id = row->text(0);
  v.person_id = row->text(1);
  v.provider = row->text(2);
  v.state = state_of(row->text(3));
  v.challenge = row->text(4);
  v.tries_left = kEvidenceTries - row->int64(5);
  v.expires_at = row->time(6);
  stored.reference = row->text(7);
  if (v.state == VerificationState::started && v.expires_at <= now)
    v.state = VerificationState::expired;
  return stored;
}

}  // namespace

std::string_view to_text(VerificationState state) {
  switch (state) {
    case VerificationState::started:
      return "started";
    case VerificationState::verified:
      return "verified";
    case VerificationState::refused:
      return "refused";
    case VerificationState::expired:
      return "expired";
  }
  return "";
}

Result<Verification> Verifications::start(const std::string& person_id,
                                          std::string_view id_number) {
  HEQI_TRY(const Person person, persons_.get(person_id));
  if (person.state != PersonState::unverified)
    return fail(Code::conflict, "the person is " + std::string(to_text(person.state)));
  return ask_provider(person, id_number);
}

Result<Verification> Verifications::start_again(const std::string& person_id,
                                                std::string_view id_number) {
  HEQI_TRY(const Person person, persons_.get(person_id));
  if (person.state != PersonState::unverified && person.state != PersonState::verified)
    return fail(Code::conflict, "the person is " + std::string(to_text(person.state)));
  return ask_provider(person, id_number);
}

Result<Verification> Verifications::ask_provider(const Person& person, std::string_view id_number) {
  HEQI_TRY(const bool same, persons_.matches(person.id, id_number));
  if (!same) return fail(Code::denied, "the ID number is not the one of this person");
  HEQI_TRY(const Challenge challenge,
           provider_.start({person.name, std::string(id_number), person.phone}));
  HEQI_TRY(const std::string id, draw_id(random_));
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<Verification> {
    HEQI_TRY(transaction.execute(
        "INSERT INTO identity_verifications (verification_id, person_id, provider, reference, "
        "challenge, state, tries, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, 'started', "
        "0, ?6, ?7)",
        id, person.id, provider_.name(), challenge.reference, challenge.text, clock_.now(),
        clock_.now() + kVerificationTime));
    HEQI_TRY(Stored stored, load(transaction, id, clock_.now()));
    return std::move(stored.verification);
  });
}

Result<Verification> Verifications::get(const std::string& id) {
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<Verification> {
    HEQI_TRY(Stored stored, load(transaction, id, clock_.now()));
    return std::move(stored.verification);
  });
}

Result<Verification> Verifications::submit(const std::string& id, base::ByteView evidence) {
  if (evidence.empty() || evidence.size() > kEvidenceMax)
    return fail(Code::limit_exceeded,
                "evidence: expected 1 to " + std::to_string(kEvidenceMax) + " octets");
  // The try is charged before the provider is asked, so that parallel tries count too.
  HEQI_TRY(const Stored stored,
           database_.with_transaction([&](sql::Transaction& transaction) -> Result<Stored> {
             HEQI_TRY(Stored found, load(transaction, id, clock_.now()));
             const Verification& v = found.verification;
             if (v.state == VerificationState::expired) return fail(Code::expired, "verification");
             if (v.state != VerificationState::started)
               return fail(Code::conflict, "the verification is " + std::string(to_text(v.state)));
             if (v.tries_left <= 0) return fail(Code::identity_refused, "no tries left");
             HEQI_TRY(
                 transaction.execute("UPDATE identity_verifications SET tries = tries + 1 "
                                     "WHERE verification_id = ?1",
                                     id));
             return found;
           }));
  const base::Status checked =
      provider_.check({stored.reference, stored.verification.challenge}, evidence);
  const bool refused = !checked && checked.error().code == Code::identity_refused;
  if (!checked && !refused) return checked.error();
  const std::string_view next = checked                               ? "verified"
                                : stored.verification.tries_left <= 1 ? "refused"
                                                                      : "started";
  const crypto::Digest digest = crypto::sm3(evidence);
  HEQI_TRY(const Verification now,
           database_.with_transaction([&](sql::Transaction& transaction) -> Result<Verification> {
             HEQI_TRY(const std::int64_t changed,
                      transaction.execute(
                          "UPDATE identity_verifications SET state = ?2, evidence_digest = ?3 "
                          "WHERE verification_id = ?1 AND state = 'started'",
                          id, next, base::ByteView(digest)));
             if (changed == 0) return fail(Code::conflict, "the verification has ended");
             if (checked) {
               HEQI_TRY(
                   const std::int64_t verified,
                   transaction.execute(
                       "UPDATE identity_persons SET state = 'verified', verified_by = ?2, "
                       "verified_at = ?3, claimed_at = NULL WHERE person_id = ?1 AND state IN "
                       "('unverified', 'verified')",
                       stored.verification.person_id, stored.verification.provider, clock_.now()));
               if (verified == 0) return fail(Code::conflict, "the person is suspended or gone");
             }
             if (next == "refused")
               HEQI_TRY(persons_.release_claim(transaction, stored.verification.person_id));
             HEQI_TRY(Stored after, load(transaction, id, clock_.now()));
             return std::move(after.verification);
           }));
  if (refused)
    return fail(Code::identity_refused,
                checked.error().detail + "; tries left: " + std::to_string(now.tries_left));
  return now;
}

}  // namespace heqi::services::identity
