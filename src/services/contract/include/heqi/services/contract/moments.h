// heqi/services/contract/moments.h: when the key operations of a signing were done: opened,
// confirmed, signed, completed. The time of each is that of a time-stamp over a record of it; no
// clock of this platform, no column of its database and no user says it.
#pragma once
#include <heqi/crypto/sm3.h>
#include <heqi/flow/outbox.h>
#include <heqi/services/contract/ports.h>

namespace heqi::services::contract {

// kMomentTopic: the outbox topic under which records are stamped.
inline constexpr std::string_view kMomentTopic = "contract.moment";

// Operation: the first three are a party's, complete is of the whole contract.
enum class Operation { open, confirm, sign, complete };
std::string_view to_text(Operation operation);

// Deed is what was done.
struct Deed {
  std::string contract;
  Operation operation = Operation::open;
  int position = 0;          // of the party; 0 for complete
  int attempt = 0;           // of the party to sign; 0 for open and complete
  std::string person;        // empty for complete
  crypto::Digest subject{};  // SM3 of the file, of the octets to be signed, of the signature
  base::Bytes earlier = {};  // of complete: what Moments::settle gave
};
// record_of is the JSON text that is stamped.
std::string record_of(const Deed& deed);

// Moment is a deed with its time.
struct Moment {
  Deed deed;
  base::Bytes token;               // DER; empty: not stamped yet
  std::optional<base::Time> time;  // of the token
};

// Moments keeps what was done. Thread-safe.
class Moments {
 public:
  // All outlive the object. Handles kMomentTopic.
  Moments(sql::Database& database, flow::Outbox& outbox, TimeStamps& time_stamps);

  // note records deed in the transaction that does it, and has it stamped right after. The first
  // record of a deed stays; a repeat changes nothing.
  base::Status note(sql::Transaction& tx, const Deed& deed);

  // settle stamps what is not stamped yet of a contract and gives the SM3 over all of its tokens,
  // in the order of the records. Fails with the errors of TimeStamps.
  base::Result<base::Bytes> settle(const std::string& contract);

  // list gives the moments of a contract in the order of the records. Every token is verified
  // against its record now: the errors of TimeStamps::time_of where one is not what was stamped;
  // conflict where the moments before the completion are not those that it was stamped with.
  base::Result<std::vector<Moment>> list(const std::string& contract);

 private:
  base::Result<std::vector<Moment>> load(const std::string& contract);
  base::Status stamp(Moment& moment);

  sql::Database& database_;
  flow::Outbox& outbox_;
  TimeStamps& time_stamps_;
};

}  // namespace heqi::services::contract
