#include <heqi/services/mss/revocations.h>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signature_verifier.h>

#include "revocation_rows.h"

namespace heqi::services::mss {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::string_view kOrigins[] = {"user", "application", "service"};

bool is_reason(std::int64_t reason) {
  return reason == 0 || reason == 1 || reason == 3 || reason == 5 || reason == 9;
}

// check_signature sees that the certificate's own key asks for its end: the device made it so after
// the PIN.
Status check_signature(base::ByteView certificate_der, const device::RevocationRequest& request) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(certificate_der));
  return x509::Sm2SignatureVerifier().verify(
      x509::sm2_with_sm3_algorithm(), certificate.public_key(),
      device::revocation_statement(request.serial, request.reason), request.signature);
}

std::string subject_of(base::ByteView certificate_der) {
  const auto certificate = x509::parse_certificate(certificate_der);
  return certificate ? certificate->subject().text() : std::string();
}

}  // namespace

std::string_view name_of(Origin origin) {
  return kOrigins[static_cast<std::size_t>(origin)];
}

Revocations::Revocations(Parts parts, RevocationPolicy policy) : parts_(parts), policy_(policy) {
  parts_.engine.define(std::string(kRevocationKind),
                       {.on_end = [this](sql::Transaction& tx, const flow::Flow& flow) {
                         return on_end(tx, flow);
                       }});
}

Result<Revocations::Stored> Revocations::load(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT origin, asked_by, request_id, person_id, device_id, ca_id, serial, "
                       "certificate, reason, signature, until, cleared_at FROM mss_revocations "
                       "WHERE id = ?1",
                       id));
  if (!row) return base::fail(Code::not_found, "no such revocation");
  Stored stored{.id = id,
                .origin = row->text(0),
                .asked_by = row->text(1),
                .request_id = row->text(2),
                .person_id = row->text(3),
                .device_id = row->text(4),
                .ca_id = row->text(5),
                .serial = row->bytes(6),
                .certificate = row->bytes(7),
                .reason = row->int64(8),
                .signature = row->bytes(9),
                .until = row->time(10),
                .is_cleared = !row->is_null(11)};
  return stored;
}

Result<RevocationStatus> Revocations::status_of(sql::Transaction& tx, const Stored& stored) {
  HEQI_TRY(const flow::Flow flow, parts_.engine.get_in(tx, stored.id));
  return RevocationStatus{
      .id = stored.id,
      .request_id = stored.request_id,
      .origin = stored.origin,
      .asked_by = stored.asked_by,
      .person_id = stored.person_id,
      .device_id = stored.device_id,
      .step = flow.step,
      .state = flow.ending ? std::string(flow::to_text(flow.ending->outcome)) : "OPEN",
      .code = flow.ending ? flow.ending->code : "",
      .serial = stored.serial,
      .is_cleared = stored.is_cleared};
}

// start writes the flow and its row. An application is told how it ends.
Result<flow::Handled> Revocations::start(sql::Transaction& tx, Stored wanted,
                                         const std::string& sender, const std::string& message_id) {
  HEQI_TRY(wanted.id, flow::make_id(parts_.random));
  const base::Time now = parts_.clock.now();
  wanted.until = now + kQuestionLifetime;
  flow::NewFlow begun{.kind = std::string(kRevocationKind),
                      .step = std::string(kAsked),
                      .state = {},
                      .deadline = wanted.until,
                      .parties = {},
                      .sender = sender,
                      .message_id = message_id,
                      .fingerprint = wanted.fingerprint(),
                      .id = wanted.id};
  if (wanted.origin == name_of(Origin::application))
    begun.parties.push_back({"ap:" + wanted.asked_by, std::string(kRevocationTopic)});
  return parts_.engine.start_in(tx, begun, [&](flow::Move& move) -> Result<base::Bytes> {
    HEQI_TRY(tx.execute(
        "INSERT INTO mss_revocations (id, origin, asked_by, request_id, person_id, device_id, "
        "ca_id, serial, certificate, reason, signature, is_open, until, asked_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, ?12, ?13)",
        wanted.id, wanted.origin, wanted.asked_by, wanted.request_id, wanted.person_id,
        wanted.device_id, wanted.ca_id, wanted.serial, wanted.certificate, wanted.reason,
        base::Bytes(), wanted.until, now));
    if (wanted.origin == name_of(Origin::user)) {
      HEQI_TRY(agree(tx, move, wanted, wanted.signature));
    } else if (told_) {
      HEQI_TRY(told_(tx, {.kind = CertificateNews::Kind::asked_to_revoke,
                          .flow = wanted.id,
                          .person_id = wanted.person_id,
                          .subject = subject_of(wanted.certificate),
                          .by = wanted.asked_by,
                          .reason = {},
                          .until = wanted.until}));
    }
    return base::to_bytes(base::bytes_of(wanted.id));
  });
}

// agree is the person's word: from now on no new transaction takes the certificate, and the
// authority is asked until it has answered.
Status Revocations::agree(sql::Transaction& tx, flow::Move& move, const Stored& stored,
                          base::ByteView signature) {
  HEQI_TRY(const bool was_in_use, parts_.directory.set_revoking(tx, stored.ca_id, stored.serial));
  if (!was_in_use) return base::fail(Code::conflict, "the certificate is not in use");
  HEQI_TRY(
      tx.execute("UPDATE mss_revocations SET signature = ?2 WHERE id = ?1", stored.id, signature));
  move.go_to(std::string(kAgreed));
  move.set_deadline(std::nullopt);
  move.send({.topic = std::string(kAgreedTopic),
             .recipient = "authority",
             .message_id = stored.id + ":agreed"});
  return {};
}

Result<std::string> Revocations::take_own_wish(const Device& device, const Stored& held,
                                               const device::RevocationRequest& request) {
  const std::string message_id =
      "revoke:" + base::to_hex(crypto::sm3(device::encode_revocation_request(request)));
  HEQI_TRY(const flow::Handled begun, parts_.database.with_transaction([&](sql::Transaction& tx) {
    return start(tx, held, "device:" + device.id, message_id);
  }));
  return begun.flow.id;
}

Result<std::string> Revocations::take_agreement(const Stored& asked,
                                                const device::RevocationRequest& request) {
  const flow::Event event{.flow_id = asked.id,
                          .sender = "device:" + asked.device_id,
                          .message_id = asked.id + ":agreement",
                          .fingerprint = {},
                          .expected_steps = {std::string(kAsked)}};
  HEQI_TRY(const flow::Handled handled,
           parts_.database.with_transaction([&](sql::Transaction& tx) -> Result<flow::Handled> {
             return parts_.engine.handle_in(tx, event,
                                            [&](flow::Move& move) -> Result<base::Bytes> {
                                              HEQI_TRY(agree(tx, move, asked, request.signature));
                                              return base::Bytes();
                                            });
           }));
  HEQI_TRY(handled.to_result());
  return asked.id;
}

Status Revocations::take_request(const Device& device, const device::RevocationRequest& request) {
  if (!is_reason(request.reason)) return base::fail(Code::malformed, "the reason");
  HEQI_TRY(const std::optional<Directory::Known> known,
           parts_.database.with_snapshot([&](sql::Transaction& tx) {
             return parts_.directory.certificate_of(tx, device.id, request.serial);
           }));
  if (!known) return base::fail(Code::not_found, "no certificate of this device");
  HEQI_TRY(check_signature(known->certificate.der, request));
  std::string id;
  if (request.question.empty()) {
    const Stored wanted{.id = {},
                        .origin = std::string(name_of(Origin::user)),
                        .asked_by = {},
                        .request_id = {},
                        .person_id = known->person_id,
                        .device_id = device.id,
                        .ca_id = known->certificate.ca_id,
                        .serial = request.serial,
                        .certificate = known->certificate.der,
                        .reason = request.reason,
                        .signature = request.signature};
    HEQI_TRY(id, take_own_wish(device, wanted, request));
  } else {
    HEQI_TRY(const Stored asked, parts_.database.with_snapshot([&](sql::Transaction& tx) {
      return load(tx, request.question);
    }));
    if (asked.device_id != device.id) return base::fail(Code::not_found, "no such revocation");
    if (asked.serial != request.serial || asked.reason != request.reason)
      return base::fail(Code::conflict, "the person was asked about another revocation");
    HEQI_TRY(id, take_agreement(asked, request));
  }
  return ask_authority(id);
}

Status Revocations::decline(const Device& device, const std::string& question) {
  HEQI_TRY(const Stored asked,
           parts_.database.with_snapshot([&](sql::Transaction& tx) { return load(tx, question); }));
  if (asked.device_id != device.id) return base::fail(Code::not_found, "no such revocation");
  HEQI_TRY(const flow::Handled handled,
           parts_.engine.handle({.flow_id = question,
                                 .sender = "device:" + device.id,
                                 .message_id = question + ":declined",
                                 .fingerprint = {},
                                 .expected_steps = {std::string(kAsked)}},
                                [](flow::Move& move) -> Result<base::Bytes> {
                                  move.finish(flow::Ending::cancelled("cancelled",
                                                                      "declined by the person"));
                                  return base::Bytes();
                                }));
  HEQI_TRY(handled.to_result());
  parts_.log.info("mss.revocation_declined", {{"revocation", question}});
  return {};
}

Result<RevocationStatus> Revocations::ask(const std::string& ap_id,
                                          const ApplicationRevocation& wish) {
  if (wish.id.empty() || wish.signer_id.empty() || wish.serial.empty())
    return base::fail(Code::malformed, "id, signer and certificate are mandatory");
  if (!is_reason(wish.reason)) return base::fail(Code::malformed, "the reason");
  return parts_.database.with_transaction([&](sql::Transaction& tx) -> Result<RevocationStatus> {
    HEQI_TRY(const std::optional<sql::Row> used,
             tx.find_row("SELECT id FROM mss_transactions WHERE ap_id = ?1 AND person_id = ?2",
                         ap_id, wish.signer_id));
    if (!used) return base::fail(Code::denied, "this person never signed for this application");
    HEQI_TRY(const std::optional<std::string> device,
             parts_.directory.device_of(tx, wish.signer_id));
    if (!device) return base::fail(Code::signer_unknown, "no terminal is registered");
    HEQI_TRY(const std::optional<Directory::Known> known,
             parts_.directory.certificate_of(tx, *device, wish.serial));
    if (!known) return base::fail(Code::not_found, "no certificate of this person");
    const Stored wanted{.id = {},
                        .origin = std::string(name_of(Origin::application)),
                        .asked_by = ap_id,
                        .request_id = wish.id,
                        .person_id = wish.signer_id,
                        .device_id = *device,
                        .ca_id = known->certificate.ca_id,
                        .serial = wish.serial,
                        .certificate = known->certificate.der,
                        .reason = wish.reason,
                        .signature = {}};
    HEQI_TRY(const std::optional<sql::Row> before,
             tx.find_row("SELECT id FROM mss_revocations WHERE origin = ?1 AND asked_by = ?2 "
                         "AND request_id = ?3",
                         wanted.origin, ap_id, wish.id));
    if (!before && !known->is_in_use) return base::fail(Code::revoked, "the certificate");
    HEQI_TRY(const flow::Handled begun, start(tx, wanted, "ap:" + ap_id, "revoke:" + wish.id));
    HEQI_TRY(const Stored stored, load(tx, begun.flow.id));
    return status_of(tx, stored);
  });
}

Result<RevocationStatus> Revocations::query(const std::string& ap_id, const std::string& id) {
  return parts_.database.with_snapshot([&](sql::Transaction& tx) -> Result<RevocationStatus> {
    HEQI_TRY(const Stored stored, load(tx, id));
    if (stored.origin != name_of(Origin::application) || stored.asked_by != ap_id)
      return base::fail(Code::not_found, "no such revocation");
    return status_of(tx, stored);
  });
}

}  // namespace heqi::services::mss
