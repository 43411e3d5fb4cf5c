// heqi/services/contract/platform.h: contracts from upload to the finished file. Each is a flow
// that ends once; every party is told how.
#pragma once
#include <heqi/base/file_store.h>
#include <heqi/flow/engine.h>
#include <heqi/services/contract/contract.h>
#include <heqi/services/contract/moments.h>
#include <heqi/services/contract/ports.h>

namespace heqi::services::contract {

inline constexpr std::string_view kFlowKind = "contract.signing";
// kCompleteTopic: the outbox topic under which the last step (validation data, document time-stamp)
// runs.
inline constexpr std::string_view kCompleteTopic = "contract.complete";
// kTurnTime is how long a party may take from opening to signing; meanwhile others wait.
inline constexpr base::Duration kTurnTime = std::chrono::minutes(10);

// PlatformParts are given from outside and outlive the platform.
struct PlatformParts {
  sql::Database& database;
  flow::Engine& engine;
  flow::Outbox& outbox;
  base::FileStore& blobs;
  SignatureService& signatures;
  TimeStamps& time_stamps;
  CertificateService& certificates;
  UploadInspection& uploads;
  Appearances& appearances;
  People& people;
  Notices& notices;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
};

// Outcome of a signing transaction, as the mobile signature service tells it.
struct SigningOutcome {
  std::string transaction;          // the platform's own id
  std::optional<Signed> signed_by;  // set where it is done
  std::string code, detail;         // else why not
};

class Platform {
 public:
  explicit Platform(PlatformParts parts);

  // create checks the upload, prepares one signature field per party, and keeps a draft. Fails with
  // the errors of UploadInspection, malformed, not_found (a person); nothing is kept then. A person
  // whose identity is not verified yet does that from the link of the notice, before signing. The
  // repeat of a request, known by its Repetition, gets the contract as it is now; conflict where
  // the key was used for another request.
  base::Result<Contract> create(const ContractRequest& request);
  // start invites the parties: all of them, or the first of a sequence. Fails with conflict unless
  // it is a draft.
  base::Result<Contract> start(const std::string& owner, const std::string& id);
  // get, list and history show an owner's contracts, or with kEveryOwner any; not_found for
  // another's.
  base::Result<Contract> get(const std::string& owner, const std::string& id);
  base::Result<std::vector<Contract>> list(const std::string& owner, std::size_t limit);
  base::Result<std::vector<HistoryEntry>> history(const std::string& owner, const std::string& id);
  // moments are when the key operations were done, by time-stamps that are verified now: errors of
  // Moments::list.
  base::Result<std::vector<Moment>> moments(const std::string& owner, const std::string& id);
  // document is the file as it stands: prepared, signed by some, or complete.
  base::Result<base::Bytes> document(const Contract& contract);
  // original is the file as it was uploaded.
  base::Result<base::Bytes> original(const Contract& contract);
  // remind sends one more notice to every party that may sign and was not reminded within
  // kRemindPause. Fails with conflict where nobody may sign, rate_limited where nobody is due.
  base::Result<Contract> remind(const std::string& owner, const std::string& id);
  // make_link makes one more link of a party that may sign, for the owner to hand over; those
  // before stay valid, and the history says so. Returns the path after the platform's address.
  // Fails with conflict, not_found (the party), limit_exceeded.
  base::Result<std::string> make_link(const std::string& owner, const std::string& id,
                                      int position);
  // withdraw ends an open contract for its owner; withdraw_for_owner in place of one who has left:
  // actor does it, and history and notices say so.
  base::Result<Contract> withdraw(const std::string& owner, const std::string& id,
                                  const std::string& reason);
  base::Result<Contract> withdraw_for_owner(const std::string& actor, const std::string& id,
                                            const std::string& reason);

  // Invitation is a contract as one invited party sees it, named by the link of the notice.
  struct Invitation {
    Contract contract;
    Party party;
  };
  base::Result<Invitation> open_link(std::string_view link);
  // open_document is the file as it stands, for the party of the link; that it was opened is a
  // moment of the contract while the party may sign.
  base::Result<base::Bytes> open_document(std::string_view link);
  // begin_signing prepares this party's signature and asks the signature service for it; returns
  // the service's transaction id. While one party signs the others wait: conflict. handwriting is
  // what the party drew, empty for the generated signature; it becomes a part of what is signed, so
  // a turn that has begun keeps its own.
  base::Result<std::string> begin_signing(std::string_view link,
                                          const Handwriting& handwriting = {});
  // decline ends the contract for all.
  base::Result<Contract> decline(std::string_view link, const std::string& reason);

  // take_outcome is called with each transaction's end, at least once. An error asks for a repeat.
  // Without a time-stamp the signature is not completed, and the signer is told (ECP-CON-8).
  base::Status take_outcome(const SigningOutcome& outcome);
  // complete adds validation data and the document time-stamp; called through kCompleteTopic.
  base::Status complete(const std::string& id);

 private:
  struct Turn;
  base::Result<std::string> store(base::ByteView file);
  base::Result<base::Bytes> fetch(const std::string& name) const;
  base::Result<std::optional<Contract>> find_repeated(sql::Transaction& tx,
                                                      const ContractRequest& request);
  base::Result<Contract> load_owned(sql::Transaction& tx, const std::string& owner,
                                    const std::string& id);
  base::Result<std::string> add_link(sql::Transaction& tx, const Contract& contract,
                                     const Party& party);
  base::Result<std::string> store_link(sql::Transaction& tx, const Contract& contract,
                                       const Party& party);
  base::Result<Contract> load_signing(sql::Transaction& tx, const std::string& owner,
                                      const std::string& id);
  base::Status invite(sql::Transaction& tx, const Contract& contract, const Party& party);
  base::Status tell_all(sql::Transaction& tx, const Contract& contract, const News& news);
  base::Status on_flow_end(sql::Transaction& tx, const flow::Flow& flow);
  base::Result<Invitation> find_by_link(sql::Transaction& tx, std::string_view link);
  base::Result<Turn> take_turn(std::string_view link);
  base::Result<std::string> prepare_turn(const Turn& turn, const Handwriting& handwriting);
  base::Status give_turn_back(const Contract& contract, const Party& party, base::Code code);
  base::Result<std::optional<Invitation>> find_by_transaction(const std::string& transaction);
  base::Result<std::string> assemble(const Contract& contract, const Party& party,
                                     const Signed& by);
  base::Status accept(const Contract& contract, const Party& party, const Signed& by,
                      const std::string& file);
  base::Result<Contract> end(const std::string& id, const flow::Ending& ending,
                             const std::string& actor, std::optional<int> decliner);

  PlatformParts p_;
  Moments moments_;
};

}  // namespace heqi::services::contract
