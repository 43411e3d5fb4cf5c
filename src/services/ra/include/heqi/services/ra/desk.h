// heqi/services/ra/desk.h: applications for certificates: reviewed, coded, redeemed.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/log.h>
#include <heqi/base/random.h>
#include <heqi/sql/database.h>

namespace heqi::services::ra {

inline constexpr int kCodeTriesMax = 5;                                       // docs/limits.md
inline constexpr base::Duration kCodeLifetime = std::chrono::hours(24 * 14);  // docs/limits.md
inline constexpr std::size_t kEvidenceMax = 16;

// Review says who decides. Automatic still asks the EvidenceCheck.
enum class Review : std::uint8_t { automatic, manual, two_person };

// Policy is asked per profile.
struct Policy {
  Review review = Review::manual;
  base::Duration code_lifetime = kCodeLifetime;
};
using Policies = std::function<base::Result<Policy>(std::string_view profile)>;

// Evidence is one thing that was taken of the holder, by its SM3.
struct Evidence {
  std::string kind;  // picture, handwritten_signature, identity_document, voice, clip, fingerprint
  base::Bytes digest;
};

// Application is what is asked for. subject is a DER Name as verified.
struct Application {
  std::string id;         // the applicant's choice; the same id is the same application
  std::string applicant;  // who submits it
  std::string holder, profile;
  base::Bytes subject;
  std::vector<std::string> names;  // alternative names of servers and devices
  std::vector<Evidence> evidence;  // of event certificates
};

enum class State : std::uint8_t { submitted, approved, refused, issued };
std::string_view name_of(State state);

// Issuer is the certificate authority (a port): the same application id gets the same certificate.
class Issuer {
 public:
  virtual ~Issuer() = default;
  virtual base::Result<base::Bytes> issue(const Application& application, base::ByteView csr) = 0;
};

// EvidenceCheck looks at the evidence itself before anything is approved (a port): that it is kept,
// that it is what it says, that it is of this holder (GM/Y 5013 §5.2.1).
class EvidenceCheck {
 public:
  virtual ~EvidenceCheck() = default;
  virtual base::Status check(const Application& application) = 0;
};

class Desk {
 public:
  Desk(sql::Database& database, Issuer& issuer, EvidenceCheck& evidence, Policies policies,
       const base::Clock& clock, base::Random& random, base::Log& log)
      : database_(database),
        issuer_(issuer),
        evidence_(evidence),
        policies_(std::move(policies)),
        clock_(clock),
        random_(random),
        log_(log) {}

  // submit takes an application; a repeat with the same content gives its present state. Automatic
  // review approves what the evidence check lets pass. Fails with malformed, denied (profile,
  // evidence), conflict (the id is another application's).
  base::Result<State> submit(const Application& application);
  // approve and refuse are one reviewer's word. Nobody reviews what they applied for or hold
  // themselves (denied), or twice (conflict). One refusal is enough; two_person needs two
  // approvals. Fails with not_found; conflict where it is decided already; what the evidence check
  // reports.
  base::Result<State> approve(const std::string& id, const std::string& reviewer);
  base::Result<State> refuse(const std::string& id, const std::string& reviewer,
                             const std::string& reason);
  // make_code gives the authorisation code of an approved application, 16 characters; an earlier
  // one becomes void. Only its hash is kept. Fails with not_found, conflict (not approved).
  base::Result<std::string> make_code(const std::string& id);
  // redeem issues the certificate for the holder of the code. A wrong code is counted, and the
  // fifth makes the code void. A code works once: afterwards only the same request gets the same
  // certificate again. Fails with identity_code_void (void, expired, used, or no such
  // application), unauthenticated (wrong), and what the issuer reports (the code stays good then).
  base::Result<base::Bytes> redeem(const std::string& id, std::string_view code,
                                   base::ByteView csr);

  base::Result<State> state(const std::string& id);
  base::Result<Application> get(const std::string& id);
  // waiting lists the ids of what waits for reviewers, oldest first, at most a hundred.
  base::Result<std::vector<std::string>> waiting();

 private:
  base::Result<State> review(const std::string& id, const std::string& reviewer,
                             std::string_view decision, const std::string& reason);
  base::Status take_code(const std::string& id, std::string_view code);

  sql::Database& database_;
  Issuer& issuer_;
  EvidenceCheck& evidence_;
  Policies policies_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
};

}  // namespace heqi::services::ra
