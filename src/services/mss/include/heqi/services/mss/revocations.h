// heqi/services/mss/revocations.h: the revocation of certificates in use after GB/T 38646 §6.2.4:
// the person asks at the device (a1), or an application (a2) or this service (a3) asks and the
// person agrees; the authority revokes; then the device erases.
#pragma once
#include <functional>

#include <heqi/device/certificate_messages.h>
#include <heqi/flow/engine.h>
#include <heqi/services/mss/directory.h>
#include <heqi/services/mss/ports.h>
#include <heqi/services/mss/transactions.h>

namespace heqi::services::mss {

inline constexpr base::Duration kQuestionLifetime =
    std::chrono::hours(24 * 14);  // of a question to the person; docs/limits.md

// RevocationPolicy is when this service itself asks a person to give a certificate up (§6.2.4 a3):
// where it no longer says who they are, or never.
enum class RevocationPolicy : std::uint8_t { identity, none };

// ApplicationRevocation is an application's wish, for a person who has signed for it.
struct ApplicationRevocation {
  std::string id;         // of the application, unique with it for ever
  std::string signer_id;  // the person
  base::Bytes serial;     // of the certificate
  std::int64_t reason = 0;
};

// RevocationStatus is how it stands. state: "OPEN", "DONE" (revoked), "FAILED", "EXPIRED",
// "CANCELLED"; step: "asked" (the person has not answered), "agreed" (the authority is to revoke).
struct RevocationStatus {
  std::string id, request_id, origin, asked_by, person_id, device_id;
  std::string step, state, code;
  base::Bytes serial;
  bool is_cleared = false;  // the device has confirmed that it erased the key
};

// CertificateNews is what a person is told.
struct CertificateNews {
  enum class Kind : std::uint8_t {
    asked_to_revoke,  // by whom; until
    revoked,          // subject
    not_revoked,      // reason
    asked_to_update,  // subject; until
    updated,          // subject
    not_updated,      // reason
  };
  Kind kind = Kind::revoked;
  std::string flow, person_id;
  std::string subject;  // of the certificate
  std::string by, reason;
  base::Time until{};
};
// TellPerson is part of the transaction in which it happened.
using TellPerson = std::function<base::Status(sql::Transaction& tx, const CertificateNews& news)>;

// Topics of the outbox. kRevocationTopic tells an application ("ap:ID") how its revocation ended;
// the others are messages to this side: take_agreed, take_revoked.
inline constexpr std::string_view kRevocationKind = "mss.revocation",
                                  kRevocationTopic = "mss.revocation_end",
                                  kAgreedTopic = "mss.revocation_agreed",
                                  kRevokedTopic = "mss.revocation_done";

// Revocations is safe to use from many threads.
class Revocations {
 public:
  struct Parts {
    sql::Database& database;
    flow::Engine& engine;
    Directory& directory;
    Transactions& transactions;
    CertificateAuthority& authority;
    KeyCentre& key_centre;
    People& people;
    const base::Clock& clock;
    base::Random& random;
    base::Log& log;
  };
  explicit Revocations(Parts parts, RevocationPolicy policy = RevocationPolicy::identity);

  // tell sets who tells persons; before the first revocation.
  void tell(TellPerson told) { told_ = std::move(told); }

  // take_request takes the request of a person's device: of its own accord, or in answer to a
  // question. The same again has the same answer. Fails with not_found (no certificate of this
  // device, no such question), invalid_signature, conflict (the question is about another), and as
  // the authority does: then nothing is cleared.
  base::Status take_request(const Device& device, const device::RevocationRequest& request);
  // decline is the person's refusal of a question: the certificate stays.
  base::Status decline(const Device& device, const std::string& question);

  // ask takes an application's wish (§6.2.4 a2) and asks the person. Fails with denied where the
  // person never signed for this application, not_found, revoked, malformed, conflict (the id was
  // used for another wish).
  base::Result<RevocationStatus> ask(const std::string& ap_id, const ApplicationRevocation& wish);
  // query fails with not_found for another application's.
  base::Result<RevocationStatus> query(const std::string& ap_id, const std::string& id);

  // round is this service's policy (§6.2.4 a3): the person of a certificate in use is no longer
  // verified, or has another name than it says. They are asked once. Gives how many were; none
  // under RevocationPolicy::none.
  base::Result<std::size_t> round();

  // question_for is what the person of a device is to be asked; clear_order_for is the certificate
  // that it is to erase, told until cleared says that it has.
  base::Result<std::optional<device::CertificateQuestion>> question_for(
      const std::string& device_id);
  base::Result<std::optional<device::CertificateClear>> clear_order_for(
      const std::string& device_id);
  base::Status cleared(const std::string& device_id, const device::CertificateClear& confirmed);

  // take_agreed asks the authority, again after a crash or a failure that may pass; take_revoked
  // ends the key in the key centre and the transactions that were open with the certificate.
  base::Status take_agreed(const flow::Message& message);
  base::Status take_revoked(const flow::Message& message);

 private:
  struct Stored;
  base::Result<Stored> load(sql::Transaction& tx, const std::string& id);
  base::Result<RevocationStatus> status_of(sql::Transaction& tx, const Stored& stored);
  base::Result<flow::Handled> start(sql::Transaction& tx, Stored wanted, const std::string& sender,
                                    const std::string& message_id);
  base::Status agree(sql::Transaction& tx, flow::Move& move, const Stored& stored,
                     base::ByteView signature);
  base::Result<std::string> take_own_wish(const Device& device, const Stored& held,
                                          const device::RevocationRequest& request);
  base::Result<std::string> take_agreement(const Stored& asked,
                                           const device::RevocationRequest& request);
  base::Status ask_authority(const std::string& id);
  base::Status set_revoked(const Stored& stored);
  base::Status set_refused(const Stored& stored, const base::Error& error);
  base::Status end_others(const Stored& stored);
  base::Status on_end(sql::Transaction& tx, const flow::Flow& flow);
  base::Result<bool> ask_where_policy_says(const HeldCertificate& certificate);

  Parts parts_;
  RevocationPolicy policy_;
  TellPerson told_;
  std::mutex policy_turn_;
  std::string policy_last_;  // where the policy's look at the certificates has come to
  std::optional<base::Time> policy_next_;
};

}  // namespace heqi::services::mss
