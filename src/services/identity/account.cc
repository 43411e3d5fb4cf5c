#include <heqi/services/identity/account.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/http/smtp.h>

#include "checks.h"
#include "password.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::fail;
using base::Result;
using base::Status;

constexpr std::size_t kTokenSize = 32;
constexpr std::size_t kAddressesMax = 100'000;
constexpr std::string_view kColumns = "user_id, email, role, person_id, active, created_at";
// What an unknown user's password is compared with, so that the answer takes as long. The salt and
// hash are of no password.
constexpr std::string_view kNobody =
    "AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

std::string nobody(PasswordCost cost) {
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=1$" + std::string(kNobody);
}

User user_of(const sql::Row& row) {
  User user;
  user.id = row.text(0);
  user.email = row.text(1);
  const auto role = parse_role(row.text(2));
  user.role = role ? *role : Role::member;
  user.person_id = row.optional_text(3);
  user.is_active = row.int64(4) != 0;
  user.created_at = row.time(5);
  return user;
}

std::string select(std::string_view rest) {
  return "SELECT " + std::string(kColumns) + " FROM identity_users " + std::string(rest);
}

Status check_password(const base::SecretBytes& password) {
  if (password.size() < kPasswordMin || password.size() > kPasswordMax)
    return fail(Code::malformed, "password: expected " + std::to_string(kPasswordMin) + " to " +
                                     std::to_string(kPasswordMax) + " octets");
  return {};
}

Result<User> get_user(sql::Transaction& transaction, const std::string& id) {
  HEQI_TRY(const auto row, transaction.find_row(select("WHERE user_id = ?1"), id));
  if (!row) return fail(Code::not_found, "user " + id);
  return user_of(*row);
}

// change_user changes one user, unless nobody could administer any more.
template <class... Values>
Status change_user(sql::Transaction& transaction, const std::string& id, std::string_view statement,
                   const Values&... values) {
  HEQI_TRY(const auto before,
           transaction.find_row("SELECT 1 FROM identity_users WHERE role = 'administrator' AND "
                                "active = 1 LIMIT 1"));
  HEQI_TRY(const std::int64_t changed, transaction.execute(statement, id, values...));
  if (changed == 0) return fail(Code::not_found, "user " + id);
  HEQI_TRY(const auto after,
           transaction.find_row("SELECT 1 FROM identity_users WHERE role = 'administrator' AND "
                                "active = 1 LIMIT 1"));
  if (before && !after) return fail(Code::conflict, "no active administrator would be left");
  return {};
}

Status insert_user(sql::Transaction& transaction, const std::string& id, const NewUser& user,
                   const std::string& password_hash, base::Time now) {
  HEQI_TRY(
      const std::int64_t added,
      transaction.execute(
          "INSERT INTO identity_users (user_id, email, role, person_id, password_hash, active, "
          "tries, waits_until, created_at) VALUES (?1, ?2, ?3, ?4, ?5, 1, 0, 0, ?6) ON "
          "CONFLICT DO NOTHING",
          id, lower_case(user.email), to_text(user.role), user.person_id, password_hash, now));
  if (added == 0) return fail(Code::conflict, "a user of this e-mail address exists");
  return {};
}

// The address of an IPv6 host is the network of its site: it can choose the rest.
std::string network_of(const std::string& address) {
  if (address.find(':') == std::string::npos) return address;
  std::size_t colons = 0, size = 0;
  while (size < address.size() && (address[size] != ':' || ++colons < 4)) ++size;
  return address.substr(0, size);
}

}  // namespace

std::string_view to_text(Role role) {
  switch (role) {
    case Role::member:
      return "member";
    case Role::operator_of_desk:
      return "operator";
    case Role::auditor:
      return "auditor";
    case Role::administrator:
      return "administrator";
  }
  return "";
}

Result<Role> parse_role(std::string_view text) {
  for (Role role : {Role::member, Role::operator_of_desk, Role::auditor, Role::administrator})
    if (to_text(role) == text) return role;
  return fail(Code::malformed, "role: expected member, operator, auditor or administrator");
}

Result<User> Accounts::add(const NewUser& user, const base::SecretBytes& password) {
  if (!http::is_mail_address(user.email))
    return fail(Code::malformed, "email: not an e-mail address");
  HEQI_TRY(check_password(password));
  HEQI_TRY(const std::string password_hash, hash_password(password, cost_, random_));
  HEQI_TRY(const std::string id, draw_id(random_));
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<User> {
    HEQI_TRY(insert_user(transaction, id, user, password_hash, clock_.now()));
    return get_user(transaction, id);
  });
}

Result<User> Accounts::get(const std::string& id) {
  return database_.with_snapshot(
      [&](sql::Transaction& transaction) { return get_user(transaction, id); });
}

Result<std::vector<User>> Accounts::list(std::size_t limit) {
  return database_.with_snapshot([&](sql::Transaction& transaction) -> Result<std::vector<User>> {
    HEQI_TRY(const auto rows,
             transaction.query(select("ORDER BY created_at, user_id LIMIT ?1"), limit));
    std::vector<User> users;
    for (const sql::Row& row : rows) users.push_back(user_of(row));
    return users;
  });
}

Result<bool> Accounts::needs_setup() {
  HEQI_TRY(const auto some, list(1));
  return some.empty();
}

Result<std::optional<std::string>> Accounts::open_setup() {
  HEQI_TRY(const bool needed, needs_setup());
  if (!needed) return std::optional<std::string>();
  HEQI_TRY(const base::Bytes drawn, base::random_bytes(random_, kTokenSize));
  std::string token = base::to_base64url(drawn);
  const crypto::Digest digest = crypto::sm3(base::bytes_of(token));
  const base::Time now = clock_.now();
  const auto kept = database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(transaction.execute("DELETE FROM identity_setup_tokens WHERE expires_at <= ?1", now));
    HEQI_TRY(transaction.execute(
        "INSERT INTO identity_setup_tokens (token_digest, expires_at) VALUES (?1, ?2)",
        base::ByteView(digest), now + kSetupTime));
    return {};
  });
  HEQI_TRY(kept);
  return std::optional(std::move(token));
}

Result<User> Accounts::set_up(std::string_view token, const std::string& email,
                              const base::SecretBytes& password, const std::string& peer_address) {
  HEQI_TRY(charge_address(peer_address));
  if (!http::is_mail_address(email)) return fail(Code::malformed, "email: not an e-mail address");
  HEQI_TRY(check_password(password));
  HEQI_TRY(const bool needed, needs_setup());
  if (!needed) return fail(Code::conflict, "the first administrator is made already");
  const crypto::Digest digest = crypto::sm3(base::bytes_of(token));
  HEQI_TRY(const std::string password_hash, hash_password(password, cost_, random_));
  HEQI_TRY(const std::string id, draw_id(random_));
  const base::Time now = clock_.now();
  HEQI_TRY(const User user, database_.with_transaction([&](sql::Transaction& transaction)
                                                           -> Result<User> {
    HEQI_TRY(const std::int64_t used,
             transaction.execute(
                 "DELETE FROM identity_setup_tokens WHERE token_digest = ?1 AND expires_at > ?2",
                 base::ByteView(digest), now));
    HEQI_TRY(const auto row, transaction.find_row("SELECT user_id FROM identity_users LIMIT 1"));
    if (row) return fail(Code::conflict, "the first administrator is made already");
    if (used != 1)
      return fail(Code::denied, "the set-up link is not valid; a new start prints one");
    HEQI_TRY(transaction.execute("DELETE FROM identity_setup_tokens"));
    HEQI_TRY(insert_user(transaction, id, {email, Role::administrator}, password_hash, now));
    return get_user(transaction, id);
  }));
  forgive_address(peer_address);
  log_.info("identity.first_administrator", {{"user", std::string_view(user.id)}});
  return user;
}

// Charged is an account whose try is counted already.
struct Accounts::Charged {
  std::optional<User> user;
  std::string password_hash;
  std::optional<base::Error> refusal;
};

Result<Accounts::Charged> Accounts::charge(std::string_view column, std::string_view value) {
  const std::string where = "WHERE " + std::string(column) + " = ?1";
  return database_.with_transaction([&](sql::Transaction& transaction) -> Result<Charged> {
    Charged charged;
    HEQI_TRY(const auto row,
             transaction.find_row("SELECT " + std::string(kColumns) +
                                      ", password_hash, tries, waits_until FROM identity_users " +
                                      where + " {for_update}",
                                  value));
    if (!row) return charged;
    const base::Time now = clock_.now();
    if (row->time(8) > now) {
      charged.refusal = fail(Code::rate_limited, "too many wrong passwords; wait until " +
                                                     base::to_rfc3339(row->time(8)));
      return charged;
    }
    const std::int64_t tries = row->int64(7) + 1;
    base::Time waits_until{};
    if (tries >= kSignInTries) {
      // 1, 2, 4 … minutes: a right password still gets through after the wait.
      const auto doublings = std::min<std::int64_t>(tries - kSignInTries, 10);
      waits_until = now + std::min<base::Duration>(
                              kSignInWaitFirst * (std::int64_t{1} << doublings), kSignInWaitMax);
    }
    HEQI_TRY(transaction.execute(
        "UPDATE identity_users SET tries = ?2, waits_until = ?3 WHERE user_id = ?1", row->text(0),
        tries, waits_until));
    charged.user = user_of(*row);
    charged.password_hash = row->text(6);
    return charged;
  });
}

Status Accounts::charge_address(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const base::Duration now = clock_.steady();
  if (addresses_.size() >= kAddressesMax) {
    for (auto entry = addresses_.begin(); entry != addresses_.end();)
      entry = now - entry->second.since >= kAddressWindow ? addresses_.erase(entry) : ++entry;
    if (addresses_.size() >= kAddressesMax) return fail(Code::rate_limited, "too many addresses");
  }
  auto [entry, added] = addresses_.try_emplace(network_of(address), AddressTries{0, now});
  AddressTries& tries = entry->second;
  if (now - tries.since >= kAddressWindow) tries = {0, now};
  if (tries.count >= kAddressTries)
    return fail(Code::rate_limited, "too many wrong passwords from this address");
  ++tries.count;
  return {};
}

void Accounts::forgive_address(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto entry = addresses_.find(network_of(address));
  if (entry != addresses_.end() && entry->second.count > 0) --entry->second.count;
}

Result<Session> Accounts::sign_in(std::string_view email, const base::SecretBytes& password,
                                  const std::string& peer_address) {
  HEQI_TRY(charge_address(peer_address));
  HEQI_TRY(const Charged charged, charge("email", lower_case(email)));
  if (charged.refusal) return *charged.refusal;
  const bool known = charged.user && charged.user->is_active;
  const Status checked = verify_password(known ? charged.password_hash : nobody(cost_), password);
  if (!checked && checked.error().code != Code::identity_sign_in_failed) return checked.error();
  if (!known || !checked) {
    log_.warning("identity.sign_in_failed", {{"peer", std::string_view(peer_address)}});
    return fail(Code::identity_sign_in_failed);
  }
  forgive_address(peer_address);
  base::Bytes token(kTokenSize);
  HEQI_TRY(random_.fill(token));
  Session session;
  session.token = base::to_base64url(token);
  session.user = *charged.user;
  const base::Time now = clock_.now();
  session.expires_at = now + kSessionTime;
  const crypto::Digest digest = crypto::sm3(base::bytes_of(session.token));
  const auto written = database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(transaction.execute(
        "UPDATE identity_users SET tries = 0, waits_until = 0 WHERE user_id = ?1",
        session.user.id));
    HEQI_TRY(transaction.execute("DELETE FROM identity_sessions WHERE expires_at <= ?1", now));
    HEQI_TRY(transaction.execute(
        "INSERT INTO identity_sessions (token_digest, user_id, created_at, used_at, expires_at) "
        "VALUES (?1, ?2, ?3, ?3, ?4)",
        base::ByteView(digest), session.user.id, now, session.expires_at));
    return {};
  });
  if (!written) return written.error();
  log_.info("identity.signed_in", {{"user", std::string_view(session.user.id)},
                                   {"peer", std::string_view(peer_address)}});
  return session;
}

Result<User> Accounts::get_session(std::string_view token) {
  const crypto::Digest digest = crypto::sm3(base::bytes_of(token));
  const base::Time now = clock_.now();
  const auto found = [&](sql::Transaction& transaction) {
    return transaction.find_row(
        "SELECT u.user_id, u.email, u.role, u.person_id, u.active, u.created_at, s.used_at FROM "
        "identity_sessions s JOIN identity_users u ON u.user_id = s.user_id WHERE s.token_digest = "
        "?1 AND s.expires_at > ?2 AND s.used_at > ?3 AND u.active = 1",
        base::ByteView(digest), now, now - kSessionIdleTime);
  };
  HEQI_TRY(const auto row, database_.with_snapshot(found));
  if (!row) return fail(Code::unauthenticated, "no such session");
  // The use is written at most once a minute: reading must not cost a disk flush each time.
  if (now - row->time(6) >= std::chrono::minutes(1)) {
    const auto written = database_.with_transaction([&](sql::Transaction& transaction) {
      return transaction.execute(
          "UPDATE identity_sessions SET used_at = ?2 WHERE token_digest = ?1",
          base::ByteView(digest), now);
    });
    if (!written) return written.error();
  }
  return user_of(*row);
}

Status Accounts::sign_out(std::string_view token) {
  const crypto::Digest digest = crypto::sm3(base::bytes_of(token));
  const auto gone = database_.with_transaction([&](sql::Transaction& transaction) {
    return transaction.execute("DELETE FROM identity_sessions WHERE token_digest = ?1",
                               base::ByteView(digest));
  });
  return gone ? Status() : gone.error();
}

Status Accounts::change_password(const std::string& user_id, const base::SecretBytes& old_password,
                                 const base::SecretBytes& new_password) {
  HEQI_TRY(check_password(new_password));
  HEQI_TRY(const Charged charged, charge("user_id", user_id));
  if (charged.refusal) return *charged.refusal;
  if (!charged.user || !charged.user->is_active) return fail(Code::not_found, "user " + user_id);
  HEQI_TRY(verify_password(charged.password_hash, old_password));
  HEQI_TRY(const std::string password_hash, hash_password(new_password, cost_, random_));
  return database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(
        transaction.execute("UPDATE identity_users SET password_hash = ?2, tries = 0, "
                            "waits_until = 0 WHERE user_id = ?1",
                            user_id, password_hash));
    HEQI_TRY(transaction.execute("DELETE FROM identity_sessions WHERE user_id = ?1", user_id));
    return {};
  });
}

Status Accounts::deactivate(const std::string& user_id) {
  return database_.with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(change_user(transaction, user_id,
                         "UPDATE identity_users SET active = 0 WHERE user_id = ?1"));
    HEQI_TRY(transaction.execute("DELETE FROM identity_sessions WHERE user_id = ?1", user_id));
    return {};
  });
}

Status Accounts::activate(const std::string& user_id) {
  return database_.with_transaction([&](sql::Transaction& transaction) {
    return change_user(transaction, user_id,
                       "UPDATE identity_users SET active = 1 WHERE user_id = ?1");
  });
}

Status Accounts::set_role(const std::string& user_id, Role role) {
  return database_.with_transaction([&](sql::Transaction& transaction) {
    return change_user(transaction, user_id,
                       "UPDATE identity_users SET role = ?2 WHERE user_id = ?1", to_text(role));
  });
}

}  // namespace heqi::services::identity
