// heqi/keys/administrator.h: the administrator of the key centre (T/ZSA 67.3 §10): a password that
// is checked before any administrative act, and sessions that live in memory only.
#pragma once
#include <map>
#include <mutex>

#include <heqi/base/clock.h>
#include <heqi/base/file_store.h>
#include <heqi/keys/sealing.h>
#include <heqi/sql/database.h>

namespace heqi::keys {

// A password of twelve characters drawn at random is guessed with less than 10⁻¹² a try; five tries
// a minute keep a minute below 10⁻⁵ for any that one try finds below 10⁻⁶ (§10.3). Limits;
// docs/limits.md.
inline constexpr std::size_t kAdministratorPasswordMin = 12;   // octets
inline constexpr std::size_t kAdministratorPasswordMax = 256;  // octets
inline constexpr std::size_t kAdministratorPasswordDifferent = 6;
inline constexpr int kSignInTriesPerMinute = 5;
inline constexpr base::Duration kAdministratorSession = std::chrono::minutes(15);
inline constexpr std::size_t kAdministratorSessionsMax = 4;
inline constexpr std::size_t kSessionTokenSize = 32;

class Administrator {
 public:
  Administrator(sql::Database& database, const WrappingKey& wrapping, base::Random& random,
                const base::Clock& clock)
      : database_(database), wrapping_(wrapping), random_(random), clock_(clock) {}

  // make_first draws the first password at the first start, and leaves it in files as
  // "administrator-password" until it is changed. Nothing happens at a later start.
  base::Status make_first(base::FileStore& files);

  // sign_in gives the token of a session. The try is counted, durably, before the password is
  // looked at. unauthenticated for a wrong one, rate_limited after too many in a minute.
  base::Result<base::SecretBytes> sign_in(base::ByteView password);
  void sign_out(base::ByteView token);
  // require is success where token is a session of the administrator and the first password was
  // changed: unauthenticated, or denied.
  base::Status require(base::ByteView token);
  // change_password ends every session. files loses the first password. unauthenticated for a wrong
  // old one, malformed for a weak new one.
  base::Status change_password(base::ByteView token, base::ByteView old_password,
                               base::ByteView new_password, base::FileStore& files);

 private:
  base::Result<bool> charge_sign_in();
  base::Status check_password(base::ByteView password);
  base::Status check_session(base::ByteView token);

  sql::Database& database_;
  const WrappingKey& wrapping_;
  base::Random& random_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<base::Bytes, base::Duration> sessions_;  // digest of the token → end, steady clock
};

}  // namespace heqi::keys
