// heqi/services/contract/handover.h: the evidence package of a complete contract is handed to a
// legal service, where a side of the contract consents to it. What leaves is a parcel: a statement
// of who consented to what, a time-stamp over it, and the package.
#pragma once
#include <heqi/services/contract/evidence.h>

namespace heqi::services::contract {

// kHandoverTopic: the outbox topic under which parcels leave.
inline constexpr std::string_view kHandoverTopic = "contract.handover";

// Consent is what a side of the contract says: its sender ("user:…", "application:…") or one of its
// parties ("person:…").
struct Consent {
  std::string contract, service;
  std::string by, by_name;
  std::string words;  // one of those of words_of, as they were shown
};

// Words are what is consented to.
struct Words {
  std::string chinese, english;
};
Words words_of(const Contract& contract, const LegalService& service);

// Handover is one parcel. State: waiting (until the service has it), heard, refused.
struct Handover {
  std::string id, contract, service, address, by, state;
  base::Time consented_at;
  std::optional<base::Time> ended_at;
  std::string failure;  // of the last try: an id of the error registry; empty where it went well
};

struct HandoverParts {
  sql::Database& database;
  flow::Outbox& outbox;
  Platform& platform;
  EvidencePackages& packages;
  TimeStamps& time_stamps;
  LegalServices& services;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
};

// Handovers keeps consents and lets parcels leave. Thread-safe.
class Handovers {
 public:
  // Everything outlives the object. Handles kHandoverTopic.
  explicit Handovers(HandoverParts parts);

  // services are those that may be chosen.
  std::vector<LegalService> services() const { return p_.services.list(); }

  // ask records the consent and lets the parcel leave until the service has it. The repeat for a
  // service that has not refused gives the first handover. Fails with not_found (the contract, a
  // side of it that consents, the service), conflict (the contract is not complete, the words are
  // not those of words_of) and with the errors of EvidencePackages::package; nothing is kept then.
  base::Result<Handover> ask(const Consent& consent);

  // list gives the handovers of a contract, oldest first.
  base::Result<std::vector<Handover>> list(const std::string& contract);

 private:
  base::Result<LegalService> find_service(const std::string& name) const;
  base::Result<Handover> keep(const Consent& consent, const LegalService& service,
                              base::ByteView package);
  base::Status deliver(const std::string& id);
  base::Result<LegalParcel> parcel_of(const Handover& handover);
  base::Result<base::Bytes> token_of(const std::string& id, const std::string& statement);
  base::Status end(const Handover& handover, std::string_view state, std::string_view failure);
  base::Status note_failure(const Handover& handover, const base::Error& error);

  HandoverParts p_;
};

}  // namespace heqi::services::contract
