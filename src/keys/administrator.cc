#include <heqi/keys/administrator.h>

#include <algorithm>

#include <heqi/base/constant_time.h>
#include <heqi/base/text.h>
#include <heqi/crypto/hmac.h>

namespace heqi::keys {
namespace {

using base::Code;
using base::Result;
using base::Status;

constexpr std::string_view kFirstFile = "administrator-password";
constexpr SealContext kContext{"administrator", "password", 1};
constexpr base::Duration kWindow = std::chrono::minutes(1);

// The first password has 160 random bits and needs no stretching; a chosen one does.
enum class Kind : int { first = 0, chosen = 1 };

base::SecretBytes digest_of(base::ByteView password) {
  return base::SecretBytes::copy_of(
      crypto::hmac_sm3(base::bytes_of("heqi first administrator password"), password));
}

base::Bytes session_key(base::ByteView token) {
  const crypto::Digest digest = crypto::sm3(token);
  return {digest.begin(), digest.end()};
}

// count_different counts the octets that occur, in a time that tells only how many were typed.
std::uint64_t count_different(base::ByteView password) {
  std::uint64_t different = 0;
  for (std::uint64_t value = 0; value < 256; ++value) {
    std::uint64_t found = 0;
    for (const std::uint8_t octet : password) found |= base::ct::is_zero(octet ^ value);
    different += found & 1;
  }
  return different;
}

Status check_strength(base::ByteView password) {
  if (password.size() < kAdministratorPasswordMin || password.size() > kAdministratorPasswordMax)
    return base::fail(Code::malformed, "a password has 12 to 256 octets");
  const std::uint64_t below = (count_different(password) - kAdministratorPasswordDifferent) >> 63;
  const bool varied = base::ct::declassified(base::ct::is_zero(below));
  if (!varied)
    return base::fail(Code::malformed, "a password has six different characters at least");
  return {};
}

}  // namespace

Status Administrator::make_first(base::FileStore& files) {
  HEQI_TRY(const std::optional<sql::Row> known, database_.with_snapshot([](sql::Transaction& tx) {
    return tx.find_row("SELECT id FROM module_administrator WHERE id = 1");
  }));
  if (known) return {};
  HEQI_TRY(base::SecretBytes password, make_passphrase(random_));
  auto left = files.read(kFirstFile, kAdministratorPasswordMax);  // of a start that was interrupted
  if (left) {
    password = base::SecretBytes::copy_of(*left);
    base::secure_wipe(left->data(), left->size());
  } else {
    HEQI_TRY(files.create(kFirstFile, password.expose()));
  }
  HEQI_TRY(const base::Bytes sealed,
           wrapping_.seal(kContext, digest_of(password.expose()).expose(), random_));
  return database_.with_transaction([&](sql::Transaction& tx) -> Status {
    HEQI_TRY(
        tx.execute("INSERT INTO module_administrator (id, kind, sealed, tries, window_at) "
                   "VALUES (1, ?1, ?2, 0, 0) ON CONFLICT DO NOTHING",
                   static_cast<int>(Kind::first), sealed));
    return {};
  });
}

// charge_sign_in counts a try and tells whether it may be made.
Result<bool> Administrator::charge_sign_in() {
  return database_.with_transaction([&](sql::Transaction& tx) -> Result<bool> {
    HEQI_TRY(const sql::Row row,
             tx.get_row("SELECT tries, window_at FROM module_administrator WHERE id = 1 "
                        "{for_update}"));
    const base::Time now = clock_.now();
    const bool same_window = now >= row.time(1) && now < row.time(1) + kWindow;
    if (same_window && row.int64(0) >= kSignInTriesPerMinute) return false;
    HEQI_TRY(tx.execute("UPDATE module_administrator SET tries = ?1, window_at = ?2 WHERE id = 1",
                        same_window ? row.int64(0) + 1 : 1, same_window ? row.time(1) : now));
    return true;
  });
}

Status Administrator::check_password(base::ByteView password) {
  HEQI_TRY(const bool may, charge_sign_in());
  if (!may) return base::fail(Code::rate_limited, "five tries a minute");
  HEQI_TRY(const sql::Row row, database_.with_snapshot([](sql::Transaction& tx) {
    return tx.get_row("SELECT kind, sealed FROM module_administrator WHERE id = 1");
  }));
  const base::Error wrong = base::fail(Code::unauthenticated, "the administrator's password");
  HEQI_TRY(const base::SecretBytes kept, wrapping_.open(kContext, row.bytes(1)));
  if (static_cast<Kind>(row.int64(0)) == Kind::first) {
    const bool right =
        base::ct::declassified(base::ct::equal_bytes(kept.expose(), digest_of(password).expose()));
    if (!right) return wrong;
    return {};
  }
  if (!open_under_passphrase(kContext, password, kept.expose())) return wrong;
  return {};
}

Result<base::SecretBytes> Administrator::sign_in(base::ByteView password) {
  HEQI_TRY(check_password(password));
  base::SecretBytes token(kSessionTokenSize);
  HEQI_TRY(random_.fill(token.expose_mutable()));
  const std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& one) { return one.second <= clock_.steady(); });
  if (sessions_.size() >= kAdministratorSessionsMax)
    return base::fail(Code::rate_limited, "too many sessions of the administrator");
  sessions_.emplace(session_key(token.expose()), clock_.steady() + kAdministratorSession);
  return token;
}

void Administrator::sign_out(base::ByteView token) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session_key(token));
}

Status Administrator::check_session(base::ByteView token) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session_key(token));
  if (found == sessions_.end() || found->second <= clock_.steady())
    return base::fail(Code::unauthenticated, "no session of the administrator");
  return {};
}

Status Administrator::require(base::ByteView token) {
  HEQI_TRY(check_session(token));
  HEQI_TRY(const sql::Row row, database_.with_snapshot([](sql::Transaction& tx) {
    return tx.get_row("SELECT kind FROM module_administrator WHERE id = 1");
  }));
  if (static_cast<Kind>(row.int64(0)) == Kind::first)
    return base::fail(Code::denied, "change the first password before anything else");
  return {};
}

Status Administrator::change_password(base::ByteView token, base::ByteView old_password,
                                      base::ByteView new_password, base::FileStore& files) {
  HEQI_TRY(check_session(token));
  HEQI_TRY(check_strength(new_password));
  HEQI_TRY(check_password(old_password));
  if (base::ct::declassified(base::ct::equal_bytes(digest_of(old_password).expose(),
                                                   digest_of(new_password).expose())))
    return base::fail(Code::malformed, "the new password is the old one");
  base::SecretBytes verifier(kSessionTokenSize);
  HEQI_TRY(random_.fill(verifier.expose_mutable()));
  HEQI_TRY(const base::Bytes stretched,
           seal_under_passphrase(kContext, new_password, verifier.expose(), random_));
  HEQI_TRY(const base::Bytes sealed, wrapping_.seal(kContext, stretched, random_));
  HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE module_administrator SET kind = ?1, sealed = ?2, tries = 0 WHERE id = 1",
        static_cast<int>(Kind::chosen), sealed);
  }));
  {
    const std::lock_guard lock(mutex_);
    sessions_.clear();
  }
  return files.remove(kFirstFile);
}

}  // namespace heqi::keys
