#include <heqi/services/contract/moments.h>

#include <algorithm>

#include <heqi/base/json.h>
#include <heqi/base/text.h>

namespace heqi::services::contract {

using base::Bytes;
using base::Result;

namespace {

// A time-stamp authority may be away for days; what was done stays to be stamped.
constexpr flow::TopicOptions kPatient{.attempts_max = 10'000};

constexpr std::string_view kOperations[] = {"open", "confirm", "sign", "complete"};

Result<Operation> parse_operation(std::string_view text) {
  for (const Operation one :
       {Operation::open, Operation::confirm, Operation::sign, Operation::complete})
    if (to_text(one) == text) return one;
  return base::fail(base::Code::malformed, "operation " + std::string(text));
}

// name_of is one name for one deed, however often it is told.
std::string name_of(const Deed& deed) {
  return deed.contract + "." + std::to_string(deed.position) + "." + std::to_string(deed.attempt) +
         "." + std::string(to_text(deed.operation));
}

Result<Moment> moment_of(const std::string& contract, const sql::Row& row) {
  Moment out;
  out.deed.contract = contract;
  HEQI_TRY(out.deed.operation, parse_operation(row.text(0)));
  out.deed.position = static_cast<int>(row.int64(1));
  out.deed.attempt = static_cast<int>(row.int64(2));
  out.deed.person = row.text(3);
  const Bytes subject = row.bytes(4);
  if (subject.size() != out.deed.subject.size())
    return base::fail(base::Code::malformed, "the digest of a moment");
  std::copy(subject.begin(), subject.end(), out.deed.subject.begin());
  out.deed.earlier = row.bytes(5);
  out.token = row.optional_bytes(6).value_or(Bytes());
  return out;
}

// digest_of goes over the tokens of what comes before the completion.
Bytes digest_of(const std::vector<Moment>& moments) {
  crypto::Sm3 hash;
  for (const Moment& one : moments) {
    if (one.deed.operation == Operation::complete) break;
    hash.update(one.token);
  }
  const crypto::Digest digest = hash.finish();
  return {digest.begin(), digest.end()};
}

}  // namespace

std::string_view to_text(Operation operation) {
  return kOperations[static_cast<std::size_t>(operation)];
}

std::string record_of(const Deed& deed) {
  base::JsonWriter json;
  json.begin_object()
      .field("contract", deed.contract)
      .field("operation", to_text(deed.operation))
      .field("subject_sm3", base::to_hex(deed.subject));
  if (deed.operation == Operation::complete)
    json.field("moments_sm3", base::to_hex(deed.earlier));
  else
    json.field("party", std::int64_t{deed.position})
        .field("attempt", std::int64_t{deed.attempt})
        .field("person", deed.person);
  json.end_object();
  return json.str();
}

Moments::Moments(sql::Database& database, flow::Outbox& outbox, TimeStamps& time_stamps)
    : database_(database), outbox_(outbox), time_stamps_(time_stamps) {
  outbox_.handle(
      std::string(kMomentTopic),
      [this](const flow::Message& message) -> base::Status {
        HEQI_TRY(settle(message.recipient));
        return {};
      },
      kPatient);
}

base::Status Moments::note(sql::Transaction& tx, const Deed& deed) {
  const std::string name = name_of(deed);
  HEQI_TRY(const std::optional<sql::Row> known,
           tx.find_row("SELECT sequence FROM contract_moments WHERE name = ?1", name));
  if (known) return {};
  HEQI_TRY(
      tx.execute("INSERT INTO contract_moments (name, contract_id, operation, position, attempt, "
                 "person_id, subject, earlier) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                 name, deed.contract, to_text(deed.operation), deed.position, deed.attempt,
                 deed.person, base::ByteView(deed.subject), deed.earlier));
  HEQI_TRY(outbox_.put(tx, {.topic = std::string(kMomentTopic),
                            .recipient = deed.contract,
                            .payload = {},
                            .flow_id = {},
                            .message_id = name + ".moment",
                            .due = {}}));
  return {};
}

Result<std::vector<Moment>> Moments::load(const std::string& contract) {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(
        "SELECT operation, position, attempt, person_id, subject, earlier, token "
        "FROM contract_moments WHERE contract_id = ?1 ORDER BY sequence",
        contract);
  }));
  std::vector<Moment> moments;
  for (const sql::Row& row : rows) {
    HEQI_TRY(Moment one, moment_of(contract, row));
    moments.push_back(std::move(one));
  }
  return moments;
}

// stamp keeps the first token that comes: of two that are asked for at once, the other is dropped.
base::Status Moments::stamp(Moment& moment) {
  HEQI_TRY(const Bytes token, time_stamps_.stamp(base::bytes_of(record_of(moment.deed))));
  HEQI_TRY(const sql::Row kept, database_.with_transaction([&](sql::Transaction& tx)
                                                               -> Result<sql::Row> {
    HEQI_TRY(tx.execute("UPDATE contract_moments SET token = ?2 WHERE name = ?1 AND token IS NULL",
                        name_of(moment.deed), token));
    return tx.get_row("SELECT token FROM contract_moments WHERE name = ?1", name_of(moment.deed));
  }));
  moment.token = kept.bytes(0);
  return {};
}

Result<Bytes> Moments::settle(const std::string& contract) {
  HEQI_TRY(std::vector<Moment> moments, load(contract));
  for (Moment& one : moments)
    if (one.token.empty()) HEQI_TRY(stamp(one));
  return digest_of(moments);
}

Result<std::vector<Moment>> Moments::list(const std::string& contract) {
  HEQI_TRY(std::vector<Moment> moments, load(contract));
  for (Moment& one : moments) {
    if (one.token.empty()) continue;
    HEQI_TRY(one.time, time_stamps_.time_of(one.token, base::bytes_of(record_of(one.deed))));
    if (one.deed.operation == Operation::complete && one.deed.earlier != digest_of(moments))
      return base::fail(base::Code::conflict,
                        "the moments before the completion are not those that were there then");
  }
  return moments;
}

}  // namespace heqi::services::contract
