#include <heqi/services/contract/handover.h>

#include <algorithm>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

namespace heqi::services::contract {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::string_view kFormat = "heqi-handover-1";

// A service may be away for weeks. A claim is longer than the largest package takes on its way.
constexpr flow::TopicOptions kPatient{.attempts_max = 10'000, .claim = std::chrono::minutes(15)};

constexpr std::string_view kColumns =
    "SELECT id, contract_id, service, address, consented_by, state, consented_at, ended_at, "
    "failure "
    "FROM contract_handovers ";

Handover handover_of(const sql::Row& row) {
  Handover out;
  out.id = row.text(0);
  out.contract = row.text(1);
  out.service = row.text(2);
  out.address = row.text(3);
  out.by = row.text(4);
  out.state = row.text(5);
  out.consented_at = row.time(6);
  out.ended_at = row.optional_time(7);
  out.failure = row.text(8);
  return out;
}

Result<Handover> load(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row(std::string(kColumns) + "WHERE id = ?1", id));
  if (!row) return fail(Code::not_found, "no such handover");
  return handover_of(*row);
}

// is_side: the sender, or a party.
bool is_side(const Contract& contract, std::string_view who) {
  const auto is_party = [&](const Party& party) { return "person:" + party.person_id == who; };
  return contract.owner == who ||
         std::any_of(contract.parties.begin(), contract.parties.end(), is_party);
}

// statement_of is what the service reads, and what the time-stamp is over.
std::string statement_of(const std::string& id, const Consent& consent, const LegalService& service,
                         base::Time now, ByteView package) {
  base::JsonWriter json;
  json.begin_object()
      .field("format", kFormat)
      .field("message", id)
      .field("contract", consent.contract)
      .field("service", service.name)
      .field("address", service.address);
  json.key("consent")
      .begin_object()
      .field("by", consent.by)
      .field("name", consent.by_name)
      .field("at", base::to_rfc3339(now))
      .field("words", consent.words)
      .end_object();
  json.key("package")
      .begin_object()
      .field("size", static_cast<std::int64_t>(package.size()))
      .field("sm3", base::to_hex(crypto::sm3(package)))
      .end_object()
      .end_object();
  return json.str();
}

bool is_final(Code code) {
  return code == Code::denied || code == Code::malformed || code == Code::unsupported;
}

}  // namespace

Words words_of(const Contract& contract, const LegalService& service) {
  return {.chinese = "我同意将合同《" + contract.title + "》（编号 " + contract.id +
                     "）的证据包交给" + service.title + "（" + service.address +
                     "）。证据包包含签署完成的文件和原始文件、各方姓名、查看、确认和签署的时间、"
                     "证书及其状态。交出之后不能收回。",
          .english = "I agree that the evidence package of the contract “" + contract.title +
                     "” (number " + contract.id + ") is handed to " + service.title + " (" +
                     service.address +
                     "). It holds the signed and the original file, the parties' names, when they "
                     "opened, confirmed and signed, and certificates with their status. What has "
                     "been handed over cannot be taken back."};
}

Handovers::Handovers(HandoverParts parts) : p_(parts) {
  p_.outbox.handle(
      std::string(kHandoverTopic),
      [this](const flow::Message& message) { return deliver(message.recipient); }, kPatient);
}

Result<LegalService> Handovers::find_service(const std::string& name) const {
  for (LegalService& one : p_.services.list())
    if (one.name == name) return std::move(one);
  return fail(Code::not_found, "no such legal service");
}

Result<Handover> Handovers::ask(const Consent& consent) {
  HEQI_TRY(const Contract contract, p_.platform.get(std::string(kEveryOwner), consent.contract));
  if (!is_side(contract, consent.by)) return fail(Code::not_found, "no such contract");
  HEQI_TRY(const LegalService service, find_service(consent.service));
  const Words words = words_of(contract, service);
  if (consent.words != words.chinese && consent.words != words.english)
    return fail(Code::conflict, "the words are not those that are to be consented to");
  HEQI_TRY(const Bytes package, p_.packages.package(contract.owner, contract.id));
  return keep(consent, service, package);
}

Result<Handover> Handovers::keep(const Consent& consent, const LegalService& service,
                                 ByteView package) {
  HEQI_TRY(const std::string id, flow::make_id(p_.random));
  const base::Time now = p_.clock.now();
  return p_.database.with_transaction([&](sql::Transaction& tx) -> Result<Handover> {
    HEQI_TRY(load_contract(tx, consent.contract));  // one consent after the other
    HEQI_TRY(const std::optional<sql::Row> first,
             tx.find_row(std::string(kColumns) + "WHERE contract_id = ?1 AND service = ?2 "
                                                 "AND address = ?3 AND state <> 'refused'",
                         consent.contract, service.name, service.address));
    if (first) return handover_of(*first);
    const crypto::Digest digest = crypto::sm3(package);
    HEQI_TRY(tx.execute(
        "INSERT INTO contract_handovers (id, contract_id, service, address, consented_by, "
        "consented_at, statement, package_sm3, state, failure) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', '')",
        id, consent.contract, service.name, service.address, consent.by, now,
        statement_of(id, consent, service, now, package), ByteView(digest)));
    HEQI_TRY(add_history(tx, consent.contract, now, "legal_consent", consent.by,
                         service.title + " (" + service.address + ")"));
    HEQI_TRY(p_.outbox.put(tx, {.topic = std::string(kHandoverTopic),
                                .recipient = id,
                                .payload = {},
                                .flow_id = {},
                                .message_id = id + ".handover",
                                .due = {}}));
    return load(tx, id);
  });
}

Result<std::vector<Handover>> Handovers::list(const std::string& contract) {
  HEQI_TRY(const std::vector<sql::Row> rows, p_.database.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(std::string(kColumns) + "WHERE contract_id = ?1 ORDER BY consented_at, id",
                    contract);
  }));
  std::vector<Handover> out;
  for (const sql::Row& row : rows) out.push_back(handover_of(row));
  return out;
}

// token_of keeps the first token that comes: of two that are asked for at once, the other is
// dropped.
Result<Bytes> Handovers::token_of(const std::string& id, const std::string& statement) {
  const auto kept = [&](sql::Transaction& tx) {
    return tx.get_row("SELECT token FROM contract_handovers WHERE id = ?1", id);
  };
  HEQI_TRY(const sql::Row before, p_.database.with_snapshot(kept));
  if (auto token = before.optional_bytes(0)) return *std::move(token);
  HEQI_TRY(const Bytes token, p_.time_stamps.stamp(base::bytes_of(statement)));
  HEQI_TRY(
      const sql::Row after,
      p_.database.with_transaction([&](sql::Transaction& tx) -> Result<sql::Row> {
        HEQI_TRY(tx.execute(
            "UPDATE contract_handovers SET token = ?2 WHERE id = ?1 AND token IS NULL", id, token));
        return kept(tx);
      }));
  return after.bytes(0);
}

Result<LegalParcel> Handovers::parcel_of(const Handover& handover) {
  HEQI_TRY(const LegalService service, find_service(handover.service));
  if (service.address != handover.address)
    return fail(Code::denied, "the consent is for another address than the service has now");
  HEQI_TRY(const sql::Row row, p_.database.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT statement, package_sm3 FROM contract_handovers WHERE id = ?1",
                      handover.id);
  }));
  LegalParcel out;
  out.id = handover.id;
  out.statement = row.text(0);
  HEQI_TRY(out.package, p_.packages.package(std::string(kEveryOwner), handover.contract));
  if (!base::same_bytes(crypto::sm3(out.package), row.bytes(1)))
    return fail(Code::conflict, "the package is not the one that was consented to");
  HEQI_TRY(out.token, token_of(handover.id, out.statement));
  return out;
}

base::Status Handovers::end(const Handover& handover, std::string_view state,
                            std::string_view failure) {
  const base::Time now = p_.clock.now();
  const Result<LegalService> service = find_service(handover.service);
  return p_.database.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        tx.execute("UPDATE contract_handovers SET state = ?2, failure = ?3, ended_at = ?4 "
                   "WHERE id = ?1",
                   handover.id, state, failure, now));
    return add_history(tx, handover.contract, now, "legal_" + std::string(state), "platform",
                       service ? service->title : handover.service);
  });
}

base::Status Handovers::note_failure(const Handover& handover, const base::Error& error) {
  const std::string_view id = base::error_text(error.code).id;
  p_.log.warning("contract.not_handed_over", {{"handover", handover.id}, {"code", id}});
  if (is_final(error.code)) return end(handover, "refused", id);
  return p_.database.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        tx.execute("UPDATE contract_handovers SET failure = ?2 WHERE id = ?1", handover.id, id));
    return {};
  });
}

// deliver may come again after the service has it and before that is recorded: it drops repeats by
// the parcel's id.
base::Status Handovers::deliver(const std::string& id) {
  HEQI_TRY(const Handover handover,
           p_.database.with_snapshot([&](sql::Transaction& tx) { return load(tx, id); }));
  if (handover.state == "heard") return {};
  const auto handed = [&]() -> base::Status {
    HEQI_TRY(const LegalParcel parcel, parcel_of(handover));
    return p_.services.hand(handover.service, parcel);
  }();
  if (!handed) {
    HEQI_TRY(note_failure(handover, handed.error()));
    return handed;
  }
  return end(handover, "heard", {});
}

}  // namespace heqi::services::contract
