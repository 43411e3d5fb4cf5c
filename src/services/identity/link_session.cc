#include <heqi/services/identity/link_session.h>

#include <heqi/base/constant_time.h>
#include <heqi/base/text.h>

#include "checks.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kTokenSize = 32;
constexpr std::chrono::hours kIdentityWindow{24};

crypto::Digest digest_of(std::string_view token) {
  return crypto::sm3(base::bytes_of(token));
}

}  // namespace

// make_text derives the digits from the code's id: nobody without the installation's key can.
Result<std::string> LinkSessions::make_text(const std::string& code_id) const {
  HEQI_TRY(const crypto::Digest mac, key_.mac("link-code", code_id));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | mac[i];
  std::string text;
  for (std::size_t i = 0; i < kLinkCodeDigits; ++i, value /= 10)
    text.push_back(static_cast<char>('0' + value % 10));
  return text;
}

Result<LinkCode> LinkSessions::issue_code(sql::Transaction& transaction, const std::string& subject,
                                          const std::string& person_id) {
  const base::Time now = clock_.now();
  HEQI_TRY(const sql::Row recent,
           transaction.get_row("SELECT COUNT(*), MAX(created_at) FROM identity_link_codes "
                               "WHERE subject = ?1 AND created_at > ?2",
                               subject, now - std::chrono::hours(1)));
  const auto newest = recent.optional_time(1);
  if (recent.int64(0) >= kLinkCodesPerHour)
    return fail(Code::rate_limited, "a few codes in an hour are enough");
  if (newest && now - *newest < kLinkCodePause)
    return fail(Code::rate_limited, "a code was sent a moment ago");
  HEQI_TRY(const std::string drawn, draw_id(random_));
  std::string id = std::string(kLinkCodePrefix) + drawn;
  HEQI_TRY(transaction.execute(
      "UPDATE identity_link_codes SET state = 'void' WHERE subject = ?1 AND state = 'open'",
      subject));
  HEQI_TRY(transaction.execute(
      "INSERT INTO identity_link_codes (code_id, subject, person_id, state, tries, created_at, "
      "expires_at) VALUES (?1, ?2, ?3, 'open', 0, ?4, ?5)",
      id, subject, person_id, now, now + kLinkCodeTime));
  log_.info("identity.link_code_made", {{"subject", subject}, {"code", id}});
  return LinkCode{std::move(id), now + kLinkCodeTime};
}

Result<std::string> LinkSessions::text_of(const std::string& code_id) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& transaction) {
    return transaction.get_row(
        "SELECT state, expires_at FROM identity_link_codes WHERE code_id = ?1", code_id);
  }));
  if (row.text(0) != "open") return fail(Code::identity_code_void);
  if (clock_.now() >= row.time(1)) return fail(Code::expired, "the one-time code");
  return make_text(code_id);
}

Result<LinkSession> LinkSessions::open(const std::string& subject, std::string_view code) {
  const base::Time now = clock_.now();
  struct Charged {
    std::string id, person_id;
    std::int64_t tries = 0;
  };
  // The try is charged before the code is looked at, so that parallel tries count too.
  HEQI_TRY(
      const Charged charged,
      database_.with_transaction([&](sql::Transaction& transaction) -> Result<Charged> {
        HEQI_TRY(const auto row,
                 transaction.find_row(
                     "SELECT code_id, person_id, tries FROM identity_link_codes "
                     "WHERE subject = ?1 AND state = 'open' AND expires_at > ?2 {for_update}",
                     subject, now));
        if (!row || row->int64(2) >= kLinkCodeTries) return fail(Code::identity_code_void);
        HEQI_TRY(transaction.execute(
            "UPDATE identity_link_codes SET tries = tries + 1 WHERE code_id = ?1", row->text(0)));
        return Charged{row->text(0), row->text(1), row->int64(2) + 1};
      }));
  HEQI_TRY(const std::string expected, make_text(charged.id));
  if (!base::same_bytes(base::bytes_of(expected), base::bytes_of(code))) {
    log_.warning("identity.link_code_wrong", {{"subject", subject}});
    if (charged.tries >= kLinkCodeTries) return fail(Code::identity_code_void);
    return fail(Code::denied,
                "wrong code; tries left: " + std::to_string(kLinkCodeTries - charged.tries));
  }
  HEQI_TRY(const base::Bytes secret, base::random_bytes(random_, kTokenSize));
  LinkSession session{.token = base::to_base64url(secret),
                      .subject = subject,
                      .person_id = charged.person_id,
                      .is_identified = false,
                      .expires_at = now + kLinkSessionTime};
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<LinkSession> {
    HEQI_TRY(const std::int64_t used,
             transaction.execute("UPDATE identity_link_codes SET state = 'used' "
                                 "WHERE code_id = ?1 AND state = 'open'",
                                 charged.id));
    if (used == 0) return fail(Code::identity_code_void);
    HEQI_TRY(transaction.execute(
        "INSERT INTO identity_link_sessions (token_digest, subject, person_id, identified, "
        "wrong_identities, created_at, expires_at) VALUES (?1, ?2, ?3, 0, 0, ?4, ?5)",
        base::ByteView(digest_of(session.token)), subject, charged.person_id, now,
        session.expires_at));
    log_.info("identity.link_session_opened", {{"subject", subject}});
    return session;
  });
}

Result<LinkSession> LinkSessions::get(const std::string& subject, std::string_view token) {
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<LinkSession> {
    HEQI_TRY(
        const auto row,
        transaction.find_row("SELECT person_id, identified, expires_at FROM identity_link_sessions "
                             "WHERE token_digest = ?1 AND subject = ?2",
                             base::ByteView(digest_of(token)), subject));
    if (!row || row->time(2) <= clock_.now())
      return fail(Code::unauthenticated, "the one-time code is needed first");
    return LinkSession{.token = std::string(token),
                       .subject = subject,
                       .person_id = row->text(0),
                       .is_identified = row->int64(1) != 0,
                       .expires_at = row->time(2)};
  });
}

Status LinkSessions::charge_identity(const LinkSession& session) {
  return database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(const sql::Row sum,
             transaction.get_row("SELECT CAST(COALESCE(SUM(wrong_identities), 0) AS BIGINT) FROM "
                                 "identity_link_sessions WHERE subject = ?1 AND created_at > ?2",
                                 session.subject, clock_.now() - kIdentityWindow));
    if (sum.int64(0) >= kLinkIdentityTries)
      return fail(Code::rate_limited, "too many wrong names or numbers; again tomorrow");
    HEQI_TRY(transaction.execute(
        "UPDATE identity_link_sessions SET wrong_identities = wrong_identities + 1 "
        "WHERE token_digest = ?1",
        base::ByteView(digest_of(session.token))));
    return {};
  });
}

Status LinkSessions::forgive_identity(const LinkSession& session) {
  return database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(transaction.execute(
        "UPDATE identity_link_sessions SET wrong_identities = wrong_identities - 1 "
        "WHERE token_digest = ?1 AND wrong_identities > 0",
        base::ByteView(digest_of(session.token))));
    return {};
  });
}

Status LinkSessions::set_identified(const LinkSession& session) {
  return database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(transaction.execute(
        "UPDATE identity_link_sessions SET identified = 1 WHERE token_digest = ?1",
        base::ByteView(digest_of(session.token))));
    return {};
  });
}

}  // namespace heqi::services::identity
