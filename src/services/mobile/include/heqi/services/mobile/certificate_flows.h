// heqi/services/mobile/certificate_flows.h: the messages between a mobile signature service and
// this authority (GB/T 38646 §8.3): application and distribution, update, revocation.
#pragma once
#include <optional>
#include <vector>

#include <heqi/flow/engine.h>
#include <heqi/pki/crl.h>
#include <heqi/services/mobile/acceptances.h>
#include <heqi/x509/certificate.h>

namespace heqi::services::mobile {

inline constexpr base::Duration kFlowLifetime = std::chrono::hours(24);  // docs/limits.md
inline constexpr std::size_t kNonceSize = 32;
// kUpdateLead is how long before its end a certificate's user is prompted to update it, unless set;
// kPromptLifetime how long the answer is awaited; docs/limits.md.
inline constexpr base::Duration kUpdateLead = std::chrono::hours(24 * 30);
inline constexpr base::Duration kPromptLifetime = std::chrono::hours(24 * 14);

// Issuer is the certificate authority (a port).
class Issuer {
 public:
  virtual ~Issuer() = default;
  struct Issued {
    base::Bytes serial, certificate;  // DER
    std::vector<base::Bytes> chain;   // DER, issuing CA first
  };
  // issue answers a repeat of request_id with the first certificate, which is not published yet.
  virtual base::Result<Issued> issue(const std::string& request_id, const std::string& holder,
                                     base::ByteView subject, base::ByteView csr) = 0;
  virtual base::Status publish(base::ByteView serial) = 0;
  // supersede revokes the old certificate and publishes the fresh one in one act.
  virtual base::Status supersede(base::ByteView old_serial, base::ByteView fresh_serial) = 0;
  // withdraw revokes whatever request_id has got; nothing where it has nothing.
  virtual base::Status withdraw(const std::string& request_id) = 0;
  virtual base::Status revoke(base::ByteView serial, pki::RevocationReason reason) = 0;
  // certificate is the DER, however it stands: not_found. check_in_force fails with revoked,
  // expired or not_found unless it is good now.
  virtual base::Result<base::Bytes> certificate(base::ByteView serial) = 0;
  virtual base::Status check_in_force(base::ByteView serial) = 0;
};

// Origin is who asked for a revocation first (§6.2.4 a).
enum class Origin : std::uint8_t { user, application, service };
std::string_view name_of(Origin origin);
base::Result<Origin> parse_origin(std::string_view text);

// RevocationRequest is §8.3.3 a.
struct RevocationRequest {
  base::Bytes serial;
  Origin origin = Origin::service;
  std::string asked_by;  // of an application: its id
  pki::RevocationReason reason = pki::RevocationReason::unspecified;
  base::Bytes signature;  // of a user: over revocation_statement, by the certificate's key
};

// FlowStatus is how a flow stands, for both ends.
struct FlowStatus {
  std::string id, kind;  // "application", "update"
  std::string service, user, device;
  std::string step;   // "activated", "issued", "publishing"
  std::string state;  // "OPEN", "DONE", "FAILED", "EXPIRED", "CANCELLED"
  std::string code;   // why it ended so
  base::Bytes nonce, old_serial, serial;
};

// UpdatePrompt is the authority's question to a user whether to update a certificate that nears its
// end (§6.2.3 a); the service asks it and brings the answer.
struct UpdatePrompt {
  std::string id, service, user, device;
  base::Bytes serial;
  base::Time answer_until;
  std::string answer;  // empty: none yet; "confirmed", "declined"; "not_asked": nobody was prompted
  std::string flow;    // the update that a confirmation started
};
enum class PromptAnswer : std::uint8_t { confirmed, declined };
std::string_view name_of(PromptAnswer answer);
base::Result<PromptAnswer> parse_prompt_answer(std::string_view text);

// kMessageTopic is the outbox topic of what the authority sends to a service: recipient is the
// service's id, text_of_message what it is told. kEndTopic and kPublishTopic are messages to this
// side: take_end and take_publishing handle them.
inline constexpr std::string_view kFlowKind = "mobile.certificate";
inline constexpr std::string_view kMessageTopic = "mobile.message", kEndTopic = "mobile.end",
                                  kPublishTopic = "mobile.publish";
// text_of_message is the JSON of a message to a service: an activation, or how a flow ended.
std::string text_of_message(const flow::Message& message);

// CertificateFlows is safe to use from many threads. Messages of another service than the flow's
// fail with not_found and change nothing; the same message again has the same answer.
class CertificateFlows {
 public:
  CertificateFlows(sql::Database& database, flow::Engine& engine, flow::Outbox& outbox,
                   Connections& connections, Acceptances& acceptances, Issuer& issuer,
                   const base::Clock& clock, base::Random& random, base::Log& log,
                   base::Duration update_lead = kUpdateLead);

  // activate sends the application activation (§8.3.1 a) and gives the flow; again, the same flow.
  // Fails with not_found, denied (the connection).
  base::Result<FlowStatus> activate(const std::string& acceptance);
  // apply takes the application request (§8.3.1 b): the authorisation code's proof is judged first,
  // then the certificate is issued (c). unauthenticated (a wrong proof, counted),
  // identity_code_void (then the flow is over), denied, and as issuing fails.
  base::Result<Issuer::Issued> apply(const std::string& service, const std::string& flow,
                                     base::ByteView csr, base::ByteView proof);

  // enter takes a published certificate that came about without a flow of this authority's, as one
  // of an own service: from then on it is updated and revoked like the others. A repeat changes
  // nothing. Fails with not_found (the issuer does not know it), conflict (another's).
  struct Entry {
    std::string service, user, device;
    base::Bytes serial;
  };
  base::Status enter(const Entry& entry);

  // start_update takes the start of an update (§8.3.2 a) for a certificate of this service and
  // sends the update activation with a fresh nonce (b). request_id makes it one. Fails with
  // not_found, revoked, expired, conflict (an update of it is open).
  base::Result<FlowStatus> start_update(const std::string& service, const std::string& request_id,
                                        base::ByteView serial);
  // update takes the update request (§8.3.2 c): signature is that of the old key over
  // update_statement. The answer is the new certificate (d), for the same subject. Fails with
  // invalid_signature, revoked (the old one), conflict (the old key again), and as issuing fails.
  base::Result<Issuer::Issued> update(const std::string& service, const std::string& flow,
                                      base::ByteView csr, base::ByteView signature);

  // prompt_updates is the authority's policy, for the runner to look after: the user of each
  // published certificate that ends within the lead is prompted once. Gives how many were now.
  base::Result<std::size_t> prompt_updates();
  // answer_prompt takes the user's answer: only a confirmation starts the update, with the message
  // of start_update; a refusal is kept, and the certificate stays as it is. Fails with not_found
  // (also: of another service), expired, conflict (another answer was given), denied (the
  // connection), and as start_update.
  base::Result<UpdatePrompt> answer_prompt(const std::string& service, const std::string& id,
                                           PromptAnswer answer);

  // publish takes the publish request (§8.3.1 d): the device has stored the certificate. Of an
  // update, the old one is revoked in the same act. conflict before it was issued.
  base::Status publish(const std::string& service, const std::string& flow);
  // refuse ends a flow for the service: the certificate is of no use to its device, or its user
  // does not want it. What was issued is revoked.
  base::Status refuse(const std::string& service, const std::string& flow, std::string_view reason);

  // revoke takes the revocation request (§8.3.3). Fails with not_found (unknown, or of another
  // service), invalid_signature, malformed.
  base::Status revoke(const std::string& service, const RevocationRequest& request);

  base::Result<FlowStatus> status(const std::string& service, const std::string& flow);
  // take_end does what the end of a flow asks of this side: an unused certificate is revoked.
  // take_publishing finishes what a publish request has begun, also after a crash.
  base::Status take_end(const flow::Message& message);
  base::Status take_publishing(const flow::Message& message);

 private:
  struct Stored;
  base::Result<Stored> load(sql::Transaction& tx, const std::string& flow);
  base::Result<Stored> load_for(sql::Transaction& tx, const std::string& service,
                                const std::string& flow);
  // check_open is the flow of a service that may go on: open, of this kind, the connection active.
  base::Result<Stored> check_open(const std::string& service, const std::string& flow,
                                  std::string_view kind);
  base::Result<FlowStatus> status_of(sql::Transaction& tx, const Stored& stored);
  base::Result<FlowStatus> start(sql::Transaction& tx, Stored wanted);
  base::Result<std::optional<FlowStatus>> find_started(sql::Transaction& tx,
                                                       const std::string& service,
                                                       const std::string& request);
  base::Status judge_code(const Stored& stored, base::ByteView csr, base::ByteView proof);
  base::Status check_no_update_is_open(sql::Transaction& tx, base::ByteView serial);
  base::Result<Issuer::Issued> issue(const Stored& stored, base::ByteView csr);
  base::Status finish_publishing(const std::string& flow);
  base::Status learn_ends();
  base::Result<bool> prompt(const std::string& flow);

  sql::Database& database_;
  flow::Engine& engine_;
  flow::Outbox& outbox_;
  Connections& connections_;
  Acceptances& acceptances_;
  Issuer& issuer_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  base::Duration update_lead_;
};

}  // namespace heqi::services::mobile
