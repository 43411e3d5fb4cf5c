// heqi/services/identity/link_session.h: who holds a link proves that the person's address is
// theirs too (a one-time code), then who they are; only then may a device be enrolled from the
// link.
#pragma once
#include <heqi/services/identity/identity_key.h>
#include <heqi/services/identity/person.h>

namespace heqi::services::identity {

// Limits; docs/limits.md.
inline constexpr std::chrono::minutes kLinkCodeTime{10};   // of a one-time code
inline constexpr std::chrono::seconds kLinkCodePause{60};  // between two codes of one link
inline constexpr std::int64_t kLinkCodesPerHour = 5;       // for one link
inline constexpr std::int64_t kLinkCodeTries = 5;          // wrong tries until a code is void
inline constexpr std::int64_t kLinkIdentityTries = 5;      // wrong names or numbers in a day
inline constexpr std::chrono::hours kLinkSessionTime{2};
inline constexpr std::size_t kLinkCodeDigits = 6;

// kLinkCodePrefix begins the id of every such code, so that it is not taken for another kind's.
inline constexpr std::string_view kLinkCodePrefix = "link-";

// LinkCode is a code that was made; its text is asked for when the notice is written.
struct LinkCode {
  std::string id;
  base::Time expires_at;
};

// LinkSession is what a browser holds after the right code. Only the SM3 of its token is kept.
struct LinkSession {
  std::string token;  // 43 characters of base64url; empty where it was looked up
  std::string subject, person_id;
  bool is_identified = false;  // name and ID number were confirmed in this session
  base::Time expires_at;
};

// LinkSessions keeps codes and sessions. A subject names what the link opens, such as one party of
// one contract. Every step is one transaction, so that a restart loses none. Thread-safe.
class LinkSessions {
 public:
  LinkSessions(sql::Database& database, const base::Clock& clock, base::Random& random,
               base::Log& log, const IdentityKey& key)
      : database_(database), clock_(clock), random_(random), log_(log), key_(key) {}

  // issue_code makes a code; earlier ones of the subject become void. Fails with rate_limited.
  base::Result<LinkCode> issue_code(sql::Transaction& transaction, const std::string& subject,
                                    const std::string& person_id);
  // text_of is the code for its notice. Fails with not_found, identity_code_void, expired.
  base::Result<std::string> text_of(const std::string& code_id);

  // open takes the code. The try is charged before it is compared. Fails with identity_code_void
  // (none, used, too old, too many tries), denied (wrong; the detail tells the tries left).
  base::Result<LinkSession> open(const std::string& subject, std::string_view code);
  // get finds a session by its token. Fails with unauthenticated, also for another subject's.
  base::Result<LinkSession> get(const std::string& subject, std::string_view token);

  // charge_identity counts one claim of an identity. Fails with rate_limited once too many were
  // wrong for this subject within a day; forgive_identity takes the count back where it was right.
  base::Status charge_identity(const LinkSession& session);
  base::Status forgive_identity(const LinkSession& session);
  // set_identified records that this session's holder is the person.
  base::Status set_identified(const LinkSession& session);

 private:
  base::Result<std::string> make_text(const std::string& code_id) const;

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  const IdentityKey& key_;
};

}  // namespace heqi::services::identity
