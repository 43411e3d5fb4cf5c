// heqi/services/identity/account.h: users who sign in to the desk, and their sessions.
#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/base/random.h>
#include <heqi/base/secret.h>
#include <heqi/sql/database.h>

namespace heqi::services::identity {

inline constexpr std::size_t kPasswordMin = 10, kPasswordMax = 256;  // octets
inline constexpr std::int64_t kSignInTries = 5;                      // then the account waits
inline constexpr std::chrono::minutes kSignInWaitFirst{1}, kSignInWaitMax{15};
inline constexpr std::int64_t kAddressTries = 30;  // failures of one address in kAddressWindow
inline constexpr std::chrono::minutes kAddressWindow{10};
inline constexpr std::chrono::hours kSetupTime{24};  // of a token for the first administrator
inline constexpr std::chrono::hours kSessionTime{12};
inline constexpr std::chrono::minutes kSessionIdleTime{30};

enum class Role { member, operator_of_desk, auditor, administrator };
std::string_view to_text(Role role);  // "member", "operator", "auditor", "administrator"
base::Result<Role> parse_role(std::string_view text);

struct User {
  std::string id;
  std::string email;  // lower case, unique; the user name
  Role role = Role::member;
  std::optional<std::string> person_id;
  bool is_active = true;
  base::Time created_at;
};

struct NewUser {
  std::string email;
  Role role = Role::member;
  std::optional<std::string> person_id = std::nullopt;
};

// Session is given once; only the SM3 of its token is kept.
struct Session {
  std::string token;  // 43 characters of base64url, 256 bits
  User user;
  base::Time expires_at;
};

// PasswordCost of argon2id (RFC 9106).
struct PasswordCost {
  std::uint32_t memory_kib = 32 * 1024;
  std::uint32_t passes = 3;
};

// Accounts keeps users and sessions. Thread-safe.
class Accounts {
 public:
  Accounts(sql::Database& database, const base::Clock& clock, base::Random& random, base::Log& log,
           PasswordCost cost = {})
      : database_(database), clock_(clock), random_(random), log_(log), cost_(cost) {}

  // add fails with malformed (address, length of the password), conflict.
  base::Result<User> add(const NewUser& user, const base::SecretBytes& password);
  base::Result<User> get(const std::string& id);
  base::Result<std::vector<User>> list(std::size_t limit);

  // open_setup draws a one-time token for making the first administrator; nullopt where there is a
  // user. Each start asks anew, so that none is lost by a crash before it was shown.
  base::Result<std::optional<std::string>> open_setup();
  // needs_setup tells whether there is no user at all.
  base::Result<bool> needs_setup();
  // set_up makes the first administrator and ends every token. Fails with conflict (there is a
  // user), denied (the token is not one, or is older than kSetupTime), rate_limited, malformed.
  base::Result<User> set_up(std::string_view token, const std::string& email,
                            const base::SecretBytes& password, const std::string& peer_address);

  // sign_in charges a try before it looks at the password. Fails with identity_sign_in_failed (also
  // for an unknown or inactive user, after the same work), rate_limited (the account or the
  // address waits).
  base::Result<Session> sign_in(std::string_view email, const base::SecretBytes& password,
                                const std::string& peer_address);
  // get_session finds the user of a token and counts its use. Fails with unauthenticated.
  base::Result<User> get_session(std::string_view token);
  base::Status sign_out(std::string_view token);
  // change_password ends all sessions. Fails with identity_sign_in_failed (the old one),
  // rate_limited, malformed.
  base::Status change_password(const std::string& user_id, const base::SecretBytes& old_password,
                               const base::SecretBytes& new_password);
  // deactivate ends a user and all sessions; activate lets the user in again. set_role holds from
  // the next request. Fail with not_found; conflict where no active administrator would be left.
  base::Status deactivate(const std::string& user_id);
  base::Status activate(const std::string& user_id);
  base::Status set_role(const std::string& user_id, Role role);

 private:
  struct Charged;
  base::Result<std::string> hash(const base::SecretBytes& password);
  base::Result<Charged> charge(std::string_view column, std::string_view value);
  base::Status charge_address(const std::string& address);
  void forgive_address(const std::string& address);

  struct AddressTries {
    std::int64_t count = 0;
    base::Duration since{0};
  };

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  PasswordCost cost_;
  std::mutex mutex_;  // of addresses_
  std::map<std::string, AddressTries> addresses_;
};

}  // namespace heqi::services::identity
