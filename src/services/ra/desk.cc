#include <heqi/services/ra/desk.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

#include "records.h"

namespace heqi::services::ra {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kSubmitted = "submitted", kApproved = "approved", kRefused = "refused",
                           kIssued = "issued";
constexpr std::string_view kOpen = "open", kUsed = "used", kVoid = "void";
// Without 0, 1, I, L, O and U: codes are read aloud and typed.
constexpr std::string_view kAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCodeSize = 16;  // 78 bits

Result<State> parse_state(std::string_view text) {
  constexpr std::string_view names[] = {kSubmitted, kApproved, kRefused, kIssued};
  for (std::size_t i = 0; i < std::size(names); ++i)
    if (names[i] == text) return static_cast<State>(i);
  return base::fail(Code::internal, "state of an application");
}

Result<std::string> draw_code(base::Random& random) {
  std::string code;
  while (code.size() < kCodeSize) {
    HEQI_TRY(const base::Bytes octet, base::random_bytes(random, 1));
    // 240 is eight times the alphabet: beyond it, the first characters would be more likely.
    if (octet[0] < 240) code.push_back(kAlphabet[octet[0] % kAlphabet.size()]);
  }
  return code;
}

crypto::Digest digest_of(std::string_view id, std::string_view code) {
  crypto::Sm3 hash;
  hash.update(base::bytes_of(id)).update(base::Bytes{0}).update(base::bytes_of(code));
  return hash.finish();
}

base::Status check_form(const Application& a) {
  if (a.id.empty() || a.applicant.empty() || a.holder.empty() || a.subject.empty())
    return base::fail(Code::malformed, "id, applicant, holder and subject have to be stated");
  if (a.evidence.size() > kEvidenceMax)
    return base::fail(Code::limit_exceeded, "more than 16 pieces of evidence");
  for (const Evidence& one : a.evidence)
    if (one.digest.size() != crypto::kSm3Size || one.kind.empty())
      return base::fail(Code::malformed, "evidence is a kind and an SM3 digest");
  for (const std::string& name : a.names)
    if (name.empty() || name.find('\n') != std::string::npos)
      return base::fail(Code::malformed, "an alternative name is empty or has a line break");
  return {};
}

base::Status set_state(sql::Transaction& tx, const std::string& id, std::string_view state) {
  HEQI_TRY(tx.execute("UPDATE ra_applications SET state = ?2 WHERE id = ?1", id, state));
  return {};
}

}  // namespace

std::string_view name_of(State state) {
  constexpr std::string_view names[] = {kSubmitted, kApproved, kRefused, kIssued};
  return names[static_cast<std::size_t>(state)];
}

Result<State> Desk::submit(const Application& application) {
  HEQI_TRY(check_form(application));
  HEQI_TRY(const Policy policy, policies_(application.profile));
  HEQI_TRY(evidence_.check(application));
  const bool automatic = policy.review == Review::automatic;
  HEQI_TRY(
      const std::string state,
      database_.with_transaction([&](sql::Transaction& tx) -> Result<std::string> {
        HEQI_TRY(
            const bool added,
            add_application(tx, application, automatic ? kApproved : kSubmitted, clock_.now()));
        if (!added) {
          HEQI_TRY(const Application earlier, read_application(tx, application.id));
          if (!same_application(earlier, application))
            return base::fail(Code::conflict, "this id is another application's");
        }
        HEQI_TRY(const sql::Row row,
                 tx.get_row("SELECT state FROM ra_applications WHERE id = ?1", application.id));
        return row.text(0);
      }));
  log_.info("ra.submitted", {{"application", application.id}, {"state", state}});
  return parse_state(state);
}

Result<State> Desk::review(const std::string& id, const std::string& reviewer,
                           std::string_view decision, const std::string& reason) {
  if (base::trim(reviewer).empty()) return base::fail(Code::malformed, "no reviewer");
  HEQI_TRY(const Application application, get(id));
  HEQI_TRY(const Policy policy, policies_(application.profile));
  if (decision == kApproved) {
    HEQI_TRY(evidence_.check(application));
  }
  if (reviewer == application.applicant || reviewer == application.holder)
    return base::fail(Code::denied, "nobody reviews their own application");
  const std::int64_t needed = policy.review == Review::two_person ? 2 : 1;
  HEQI_TRY(const std::string state,
           database_.with_transaction([&](sql::Transaction& tx) -> Result<std::string> {
             HEQI_TRY(
                 const sql::Row row,
                 tx.get_row("SELECT state FROM ra_applications WHERE id = ?1 {for_update}", id));
             if (row.text(0) != kSubmitted)
               return base::fail(Code::conflict, "the application is " + row.text(0) + " already");
             HEQI_TRY(const std::int64_t noted,
                      tx.execute("INSERT INTO ra_reviews (application, reviewer, decision, reason, "
                                 "at) VALUES (?1, ?2, ?3, ?4, ?5) "
                                 "ON CONFLICT (application, reviewer) DO NOTHING",
                                 id, reviewer, decision, reason, clock_.now()));
             if (noted == 0) return base::fail(Code::conflict, "this reviewer has decided already");
             HEQI_TRY(const sql::Row approvals,
                      tx.get_row("SELECT COUNT(*) FROM ra_reviews WHERE application = ?1 "
                                 "AND decision = ?2",
                                 id, kApproved));
             std::string_view next = kSubmitted;
             if (decision == kRefused) next = kRefused;
             if (decision == kApproved && approvals.int64(0) >= needed) next = kApproved;
             HEQI_TRY(set_state(tx, id, next));
             return std::string(next);
           }));
  log_.info("ra.reviewed", {{"application", id}, {"reviewer", reviewer}, {"state", state}});
  return parse_state(state);
}

Result<State> Desk::approve(const std::string& id, const std::string& reviewer) {
  return review(id, reviewer, kApproved, "");
}

Result<State> Desk::refuse(const std::string& id, const std::string& reviewer,
                           const std::string& reason) {
  if (base::trim(reason).empty()) return base::fail(Code::malformed, "a refusal has a reason");
  return review(id, reviewer, kRefused, reason);
}

Result<std::string> Desk::make_code(const std::string& id) {
  HEQI_TRY(const Application application, get(id));
  HEQI_TRY(const Policy policy, policies_(application.profile));
  HEQI_TRY(const std::string code, draw_code(random_));
  const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const sql::Row row,
             tx.get_row("SELECT state FROM ra_applications WHERE id = ?1 {for_update}", id));
    if (row.text(0) != kApproved)
      return base::fail(Code::conflict, "the application is " + row.text(0));
    HEQI_TRY(tx.execute(
        "INSERT INTO ra_codes (application, digest, tries, expires_at, state) "
        "VALUES (?1, ?2, 0, ?3, ?4) ON CONFLICT (application) DO UPDATE SET "
        "digest = excluded.digest, tries = 0, expires_at = excluded.expires_at, "
        "state = excluded.state",
        id, base::ByteView(digest_of(id, code)), clock_.now() + policy.code_lifetime, kOpen));
    return {};
  });
  HEQI_TRY(kept);
  log_.info("ra.code_made", {{"application", id}});
  return code;
}

// take_code judges a code and counts a wrong one. The count is durable before the answer leaves, so
// the transaction commits what it found, and the verdict comes after it.
base::Status Desk::take_code(const std::string& id, std::string_view code) {
  enum class Verdict : std::uint8_t { right, wrong, lost };
  HEQI_TRY(const Verdict verdict,
           database_.with_transaction([&](sql::Transaction& tx) -> Result<Verdict> {
             HEQI_TRY(const std::optional<sql::Row> row,
                      tx.find_row("SELECT c.digest, c.tries, c.expires_at, c.state, a.state "
                                  "FROM ra_codes c JOIN ra_applications a ON a.id = c.application "
                                  "WHERE c.application = ?1",
                                  id));
             if (!row || row->text(3) == kVoid || clock_.now() >= row->time(2))
               return Verdict::lost;
             if (base::same_bytes(row->bytes(0), digest_of(id, code))) {
               if (row->text(3) == kUsed && row->text(4) != kIssued) return Verdict::lost;
               return Verdict::right;
             }
             const std::int64_t tries = row->int64(1) + 1;
             HEQI_TRY(tx.execute(
                 "UPDATE ra_codes SET tries = ?2, state = ?3 WHERE application = ?1", id, tries,
                 tries >= kCodeTriesMax ? kVoid : std::string_view(row->text(3))));
             return Verdict::wrong;
           }));
  if (verdict == Verdict::right) return {};
  log_.warning("ra.code_refused", {{"application", id}});
  if (verdict == Verdict::wrong)
    return base::fail(Code::unauthenticated,
                      "the authorisation code is wrong; it is void after five tries");
  return base::fail(Code::identity_code_void, "the code is void, expired or of no application");
}

Result<base::Bytes> Desk::redeem(const std::string& id, std::string_view code, base::ByteView csr) {
  HEQI_TRY(take_code(id, code));
  HEQI_TRY(const Application application, get(id));
  // The issuer knows the application id: once it was used, no other request gets anything.
  HEQI_TRY(base::Bytes certificate, issuer_.issue(application, csr));
  const base::Status noted = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(set_state(tx, id, kIssued));
    HEQI_TRY(tx.execute("UPDATE ra_codes SET state = ?2 WHERE application = ?1 AND state = ?3", id,
                        kUsed, kOpen));
    return {};
  });
  HEQI_TRY(noted);
  log_.info("ra.redeemed", {{"application", id}});
  return certificate;
}

Result<State> Desk::state(const std::string& id) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT state FROM ra_applications WHERE id = ?1", id);
  }));
  return parse_state(row.text(0));
}

Result<Application> Desk::get(const std::string& id) {
  return database_.with_snapshot([&](sql::Transaction& tx) { return read_application(tx, id); });
}

Result<std::vector<std::string>> Desk::waiting() {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(
        "SELECT id FROM ra_applications WHERE state = ?1 ORDER BY submitted_at LIMIT 100",
        kSubmitted);
  }));
  std::vector<std::string> ids;
  for (const sql::Row& row : rows) ids.push_back(row.text(0));
  return ids;
}

}  // namespace heqi::services::ra
