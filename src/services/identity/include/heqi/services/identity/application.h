// heqi/services/identity/application.h: applications (AP, GB/T 38646 §5.1) and their keys.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/random.h>
#include <heqi/services/identity/signed_request.h>
#include <heqi/sql/database.h>

namespace heqi::services::identity {

inline constexpr std::chrono::minutes kClockSkew{5};
inline constexpr std::size_t kKeysPerApplicationMax = 8;

enum class ApplicationState { active, suspended, cancelled };
std::string_view to_text(ApplicationState state);

struct Application {
  std::string id;
  std::string name;
  ApplicationState state = ApplicationState::active;
  base::Time created_at;
  std::string push_url;  // where results are told to it (GB/T 38646 §8.1.2); empty: it asks
};

// Applications registers applications and verifies their requests. Thread-safe.
class Applications {
 public:
  Applications(sql::Database& database, const base::Clock& clock, base::Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // add makes an application; id is given (of [a-z0-9-], up to 64) or, empty, drawn. Fails with
  // malformed, conflict.
  base::Result<Application> add(const std::string& name, std::string id = {});
  base::Result<Application> get(const std::string& id);
  base::Result<std::vector<Application>> list(std::size_t limit);
  // set_state: active ↔ suspended; cancelled is for ever, and its keys go. Fails with conflict.
  base::Result<Application> set_state(const std::string& id, ApplicationState state);

  // set_push_url takes https://…, http:// to this host only, or nothing. Fails with malformed.
  base::Result<Application> set_push_url(const std::string& id, const std::string& url);

  // add_key registers a public key (65 octets, uncompressed) under a name of the application's own
  // choice. Fails with conflict, limit_exceeded, crypto_not_on_curve.
  base::Status add_key(const std::string& id, const std::string& key_id, base::ByteView public_key);
  base::Status remove_key(const std::string& id, const std::string& key_id);

  // verify checks time, key, state, signature, and that the nonce is new: a request passes once.
  // Fails with unauthenticated (unknown application or key, wrong signature: not told apart),
  // identity_clock_skew, denied (suspended), identity_replayed.
  base::Result<Application> verify(const SignedRequest& request);

 private:
  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace heqi::services::identity
