#include <heqi/base/text.h>
#include <heqi/pki/cms.h>
#include <heqi/services/contract/genuineness.h>
#include <heqi/services/contract/platform.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signed_attributes.h>

namespace heqi::services::contract {
namespace {

// The signature service gives up earlier than the turn ends, so that its last word comes in time.
constexpr base::Duration kSignatureTimeout = kTurnTime - std::chrono::minutes(2);
constexpr double kPointsPerMm = 72 / 25.4;

std::string transaction_of(const Contract& contract, const Party& party) {
  return contract.id + "." + std::to_string(party.position) + "." + std::to_string(party.attempt);
}

// check_holder sees that the certificate is this party's: its subject states the person's id.
base::Status check_holder(const x509::Certificate& certificate, const Party& party) {
  if (certificate.subject().find(x509::oids::serial_number()) == party.person_id) return {};
  return base::fail(base::Code::denied, "the certificate is of another person");
}

// check_signature is the relying party's second look (GB/T 38646 §6.1 j): the signature is with
// this certificate, over exactly what was prepared. The signature service is not believed.
base::Status check_signature(const x509::Certificate& certificate, const Signed& by,
                             base::ByteView content) {
  HEQI_TRY(const x509::SignedAttributes attributes,
           x509::parse_signed_attributes(by.signed_attributes));
  HEQI_TRY(x509::verify_content(attributes, content));
  HEQI_TRY(x509::verify_signing_certificate(attributes, certificate));
  return x509::Sm2SignatureVerifier().verify(
      x509::sm2_with_sm3_algorithm(), certificate.public_key(), by.signed_attributes, by.signature);
}

}  // namespace

// Turn is a party's right to sign now.
struct Platform::Turn {
  Contract contract;
  Party party;
};

base::Result<Platform::Turn> Platform::take_turn(std::string_view link) {
  const base::Time now = p_.clock.now();
  return p_.database.with_transaction([&](sql::Transaction& tx) -> base::Result<Turn> {
    HEQI_TRY(const Invitation invitation, find_by_link(tx, link));
    const Contract& contract = invitation.contract;
    const Party& party = invitation.party;
    if (contract.state != "signing" || contract.expires_at <= now)
      return base::fail(base::Code::conflict, "the contract is " + contract.state);
    if (party.state == "signed") return base::fail(base::Code::conflict, "you have signed already");
    const bool running = contract.turn_until && *contract.turn_until > now;
    if (running && contract.turn_party != party.position)
      return base::fail(base::Code::contract_busy);
    if (running && party.state == "signing") return Turn{contract, party};  // goes on where it was
    HEQI_TRY(
        tx.execute("UPDATE contract_contracts SET turn_party = ?2, turn_until = ?3 WHERE id = ?1",
                   contract.id, party.position, now + kTurnTime));
    HEQI_TRY(
        tx.execute("UPDATE contract_parties SET state = 'signing', attempt = attempt + 1, "
                   "transaction_id = NULL, prepared = NULL, failure = '' "
                   "WHERE contract_id = ?1 AND position = ?2",
                   contract.id, party.position));
    HEQI_TRY(Contract changed, load_contract(tx, contract.id));
    const Party mine = changed.parties.at(static_cast<std::size_t>(party.position));
    return Turn{std::move(changed), mine};
  });
}

base::Result<std::string> Platform::prepare_turn(const Turn& turn, const Handwriting& handwriting) {
  if (turn.party.prepared) return *turn.party.prepared;
  HEQI_TRY(const base::Bytes file, fetch(turn.contract.current));
  const base::Time now = std::chrono::floor<std::chrono::seconds>(p_.clock.now());
  documents::pdf::SignatureRequest request;
  request.field = turn.party.field;
  request.name = turn.party.name;
  request.reason = turn.contract.title;
  request.time = now;
  request.filter = names_of(turn.contract.format).filter;
  request.sub_filter = names_of(turn.contract.format).sub_filter;
  HEQI_TRY(request.appearance,
           p_.appearances.draw(turn.party.name, now, "验真编号 " + printed_number(turn.contract.id),
                               handwriting, turn.party.box_width_mm * kPointsPerMm,
                               turn.party.box_height_mm * kPointsPerMm));
  HEQI_TRY(const documents::pdf::Prepared prepared,
           documents::pdf::prepare_signature(file, request));
  HEQI_TRY(std::string name, store(prepared.encode()));
  const base::Status kept = p_.database.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const std::int64_t rows,
             tx.execute("UPDATE contract_parties SET transaction_id = ?3, prepared = ?4 "
                        "WHERE contract_id = ?1 AND position = ?2 AND state = 'signing' "
                        "AND attempt = ?5",
                        turn.contract.id, turn.party.position,
                        transaction_of(turn.contract, turn.party), name, turn.party.attempt));
    if (rows != 1) return base::fail(base::Code::conflict, "the turn is over");
    return moments_.note(tx, {.contract = turn.contract.id,
                              .operation = Operation::confirm,
                              .position = turn.party.position,
                              .attempt = turn.party.attempt,
                              .person = turn.party.person_id,
                              .subject = crypto::sm3(prepared.content_to_sign())});
  });
  HEQI_TRY(kept);
  return name;
}

base::Result<std::string> Platform::begin_signing(std::string_view link,
                                                  const Handwriting& handwriting) {
  HEQI_TRY(const Turn turn, take_turn(link));
  auto began = [&]() -> base::Result<std::string> {
    HEQI_TRY(const std::string prepared_name, prepare_turn(turn, handwriting));
    HEQI_TRY(const base::Bytes encoded, fetch(prepared_name));
    HEQI_TRY(const documents::pdf::Prepared prepared, documents::pdf::Prepared::parse(encoded));
    return p_.signatures.submit({.transaction = transaction_of(turn.contract, turn.party),
                                 .person_id = turn.party.person_id,
                                 .title = turn.contract.title,
                                 .data = prepared.content_to_sign(),
                                 .timeout = kSignatureTimeout});
  }();
  // Where the transaction may be open already, it is asked for again, and not replaced by a second
  // one: the signer is busy with the first.
  const base::Code code = began ? base::Code::internal : began.error().code;
  const bool may_pass =
      code == base::Code::unavailable || code == base::Code::timeout || code == base::Code::storage;
  if (!began && !(may_pass && turn.party.prepared)) {
    // Another party need not wait for a turn that cannot be used.
    if (const base::Status back = give_turn_back(turn.contract, turn.party, code); !back)
      p_.log.warning("contract.turn_kept", {{"contract", turn.contract.id}});
  }
  return began;
}

base::Status Platform::give_turn_back(const Contract& contract, const Party& party,
                                      base::Code code) {
  const std::string id(base::error_text(code).id);
  return p_.database.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const std::int64_t rows,
             tx.execute("UPDATE contract_parties SET state = 'invited', failure = ?4 "
                        "WHERE contract_id = ?1 AND position = ?2 AND state = 'signing' "
                        "AND attempt = ?3",
                        contract.id, party.position, party.attempt, id));
    if (rows != 1) return {};
    HEQI_TRY(
        tx.execute("UPDATE contract_contracts SET turn_party = NULL, turn_until = NULL "
                   "WHERE id = ?1 AND turn_party = ?2",
                   contract.id, party.position));
    HEQI_TRY(add_history(tx, contract.id, p_.clock.now(), "not_signed", "person:" + party.person_id,
                         id));
    return p_.notices.tell_person(tx, party.person_id,
                                  {.kind = News::Kind::signing_failed,
                                   .id = transaction_of(contract, party) + ".failed",
                                   .contract_id = contract.id,
                                   .title = contract.title,
                                   .by = contract.owner,
                                   .reason = std::string(base::error_text(code).chinese) + " / " +
                                             std::string(base::error_text(code).english),
                                   .link = {},
                                   .until = {}});
  });
}

base::Result<std::optional<Platform::Invitation>> Platform::find_by_transaction(
    const std::string& transaction) {
  return p_.database.with_snapshot(
      [&](sql::Transaction& tx) -> base::Result<std::optional<Invitation>> {
        HEQI_TRY(const std::optional<sql::Row> row,
                 tx.find_row("SELECT contract_id, position FROM contract_parties "
                             "WHERE transaction_id = ?1 AND state = 'signing'",
                             transaction));
        if (!row) return std::optional<Invitation>();
        HEQI_TRY(Contract contract, load_contract(tx, row->text(0)));
        const Party party = contract.parties.at(static_cast<std::size_t>(row->int64(1)));
        return std::optional<Invitation>(Invitation{std::move(contract), party});
      });
}

base::Status Platform::take_outcome(const SigningOutcome& outcome) {
  HEQI_TRY(const std::optional<Invitation> found, find_by_transaction(outcome.transaction));
  if (!found || found->contract.state != "signing") {
    p_.log.info("contract.late_outcome", {{"transaction", outcome.transaction}});
    return {};
  }
  const Contract& contract = found->contract;
  const Party& party = found->party;
  if (!outcome.signed_by)
    return give_turn_back(contract, party,
                          base::find_error(outcome.code).value_or(base::Code::cancelled));

  auto assembled = assemble(contract, party, *outcome.signed_by);
  if (assembled) {
    const base::Status accepted = accept(contract, party, *outcome.signed_by, *assembled);
    if (accepted || accepted.error().code != base::Code::conflict) return accepted;
    return give_turn_back(contract, party, base::Code::conflict);  // another party's turn by now
  }
  const base::Code code = assembled.error().code;
  const bool may_pass = code == base::Code::unavailable || code == base::Code::timeout ||
                        code == base::Code::time_untrusted || code == base::Code::storage;
  // While the turn lasts, what may pass is tried again; then the signature is not completed, and
  // the signer is told.
  if (may_pass && contract.turn_until && p_.clock.now() < *contract.turn_until - kTurnTime / 2)
    return std::move(assembled).error();
  p_.log.warning("contract.not_completed",
                 {{"contract", contract.id}, {"code", base::error_text(code).id}});
  return give_turn_back(contract, party, code);
}

base::Result<std::string> Platform::assemble(const Contract& contract, const Party& party,
                                             const Signed& by) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(by.certificate));
  HEQI_TRY(check_holder(certificate, party));
  HEQI_TRY(p_.certificates.check(by.certificate));
  HEQI_TRY(const base::Bytes encoded, fetch(*party.prepared));
  HEQI_TRY(const documents::pdf::Prepared prepared, documents::pdf::Prepared::parse(encoded));
  HEQI_TRY(check_signature(certificate, by, prepared.content_to_sign()));
  HEQI_TRY(const base::Bytes token, p_.time_stamps.stamp(by.signature));
  HEQI_TRY(const std::vector<base::Bytes> chain, p_.certificates.chain_of(by.certificate));
  pki::SignedDataParts parts;
  if (names_of(contract.format).message != documents::pdf::Message::cms)
    parts.profile = pki::Profile::gm_t_0010;
  // Inside stands the type that the device signed.
  HEQI_TRY(const x509::SignedAttributes attributes,
           x509::parse_signed_attributes(by.signed_attributes));
  parts.content_type = attributes.content_type;
  for (const base::Bytes& der : chain) {
    HEQI_TRY(x509::Certificate above, x509::parse_certificate(der));
    parts.certificates.push_back(std::move(above));
  }
  parts.signed_attributes = by.signed_attributes;
  parts.signature_algorithm = x509::sm2_with_sm3_algorithm();
  parts.signature = by.signature;
  parts.unsigned_attributes = {pki::time_stamp_attribute(token)};
  HEQI_TRY(const base::Bytes cms, pki::assemble_signed_data(parts, certificate));
  HEQI_TRY(const base::Bytes file, documents::pdf::finish_signature(prepared, cms));
  return store(file);
}

base::Status Platform::accept(const Contract& contract, const Party& party, const Signed& by,
                              const std::string& file) {
  const base::Time now = p_.clock.now();
  const bool last = std::count_if(contract.parties.begin(), contract.parties.end(),
                                  [](const Party& other) { return other.state != "signed"; }) == 1;
  const flow::Step step = [&](flow::Move& move) -> base::Result<base::Bytes> {
    sql::Transaction& tx = move.transaction();
    HEQI_TRY(const std::int64_t rows,
             tx.execute("UPDATE contract_contracts SET current = ?3, turn_party = NULL, "
                        "turn_until = NULL, state = ?4 WHERE id = ?1 AND turn_party = ?2",
                        contract.id, party.position, file, last ? "completing" : "signing"));
    if (rows != 1) return base::fail(base::Code::conflict, "the turn is over");
    HEQI_TRY(
        tx.execute("UPDATE contract_parties SET state = 'signed', signed_at = ?3 "
                   "WHERE contract_id = ?1 AND position = ?2",
                   contract.id, party.position, now));
    HEQI_TRY(add_history(tx, contract.id, now, "signed", "person:" + party.person_id));
    HEQI_TRY(moments_.note(tx, {.contract = contract.id,
                                .operation = Operation::sign,
                                .position = party.position,
                                .attempt = party.attempt,
                                .person = party.person_id,
                                .subject = crypto::sm3(by.signature)}));
    if (last) {
      // Everybody has signed: from here on only this platform's own work is left, which has no
      // deadline.
      move.set_deadline(std::nullopt);
      move.go_to("completing");
      move.send({.topic = std::string(kCompleteTopic),
                 .recipient = contract.id,
                 .payload = {},
                 .flow_id = {},
                 .message_id = contract.id + ".complete",
                 .due = {}});
    } else if (contract.order == Order::sequence) {
      for (const Party& next : contract.parties) {
        if (next.state != "waiting") continue;
        HEQI_TRY(invite(tx, contract, next));
        break;
      }
    }
    return base::Bytes();
  };
  HEQI_TRY(const flow::Handled handled,
           p_.engine.handle({.flow_id = contract.id,
                             .sender = "mss",
                             .message_id = *party.transaction_id + ".signed",
                             .fingerprint = {},
                             .expected_steps = {"signing"}},
                            step));
  p_.log.info("contract.signed",
              {{"contract", contract.id}, {"refused", handled.is_refused() ? std::int64_t{1} : 0}});
  return {};
}

base::Status Platform::complete(const std::string& id) {
  HEQI_TRY(const Contract contract,
           p_.database.with_snapshot([&](sql::Transaction& tx) { return load_contract(tx, id); }));
  if (contract.state != "completing") return {};
  // The completion is stamped together with the moments before it: none can be put in or taken out.
  HEQI_TRY(const base::Bytes earlier, moments_.settle(id));
  HEQI_TRY(const base::Bytes file, fetch(contract.current));
  HEQI_TRY(const documents::pdf::ValidationData data, p_.certificates.validation_data(file));
  HEQI_TRY(const base::Bytes with_data, documents::pdf::add_validation_data(file, data));
  HEQI_TRY(const documents::pdf::Prepared prepared,
           documents::pdf::prepare_document_time_stamp(with_data, {}));
  HEQI_TRY(const base::Bytes token, p_.time_stamps.stamp(prepared.content_to_sign()));
  HEQI_TRY(const base::Bytes complete, documents::pdf::finish_signature(prepared, token));
  HEQI_TRY(const std::string name, store(complete));
  const flow::Step step = [&](flow::Move& move) -> base::Result<base::Bytes> {
    HEQI_TRY(move.transaction().execute("UPDATE contract_contracts SET current = ?2 WHERE id = ?1",
                                        id, name));
    HEQI_TRY(moments_.note(move.transaction(), {.contract = id,
                                                .operation = Operation::complete,
                                                .person = {},
                                                .subject = crypto::sm3(complete),
                                                .earlier = earlier}));
    move.finish(flow::Ending::done());
    return base::Bytes();
  };
  HEQI_TRY(p_.engine.handle({.flow_id = id,
                             .sender = "internal",
                             .message_id = id + ".complete",
                             .fingerprint = {},
                             .expected_steps = {"completing"}},
                            step));
  p_.log.info("contract.complete", {{"contract", id}});
  return {};
}

}  // namespace heqi::services::contract
