#include <heqi/services/mobile/certificate_flows.h>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/x509/csr.h>

#include "flow_rows.h"

namespace heqi::services::mobile {

using base::Code;
using base::Result;

namespace {

std::string activation_json(const std::string& flow, std::string_view kind, const std::string& user,
                            const std::string& device, base::ByteView old_serial,
                            base::ByteView nonce) {
  base::JsonWriter json;
  json.begin_object()
      .field("message", flow + ":activation")
      .field("kind", "certificate_" + std::string(kind) + "_activation")
      .field("flow", flow)
      .field("user", user)
      .field("device", device);
  if (!old_serial.empty())
    json.field("certificate", base::to_hex(old_serial)).field("nonce", base::to_base64(nonce));
  json.end_object();
  return json.str();
}

}  // namespace

std::string text_of_message(const flow::Message& message) {
  if (!message.ending) return std::string(base::text_of(message.payload));
  base::JsonWriter json;
  json.begin_object()
      .field("message", message.message_id)
      .field("kind", "certificate_flow_ended")
      .field("flow", message.flow_id)
      .field("state", flow::to_text(message.ending->outcome))
      .field("code", message.ending->code)
      .end_object();
  return json.str();
}

CertificateFlows::CertificateFlows(sql::Database& database, flow::Engine& engine,
                                   flow::Outbox& outbox, Connections& connections,
                                   Acceptances& acceptances, Issuer& issuer,
                                   const base::Clock& clock, base::Random& random, base::Log& log,
                                   base::Duration update_lead)
    : database_(database),
      engine_(engine),
      outbox_(outbox),
      connections_(connections),
      acceptances_(acceptances),
      issuer_(issuer),
      clock_(clock),
      random_(random),
      log_(log),
      update_lead_(update_lead) {
  engine_.define(std::string(kFlowKind));
}

Result<CertificateFlows::Stored> CertificateFlows::load(sql::Transaction& tx,
                                                        const std::string& flow) {
  HEQI_TRY(const sql::Row row,
           tx.get_row("SELECT kind, service, person, device, acceptance, subject, nonce, "
                      "old_serial, serial FROM mobile_flows WHERE id = ?1",
                      flow));
  return Stored{.id = flow,
                .kind = row.text(0),
                .service = row.text(1),
                .person = row.text(2),
                .device = row.text(3),
                .acceptance = row.text(4),
                .request = {},
                .subject = row.bytes(5),
                .nonce = row.bytes(6),
                .old_serial = row.bytes(7),
                .serial = row.bytes(8)};
}

Result<CertificateFlows::Stored> CertificateFlows::load_for(sql::Transaction& tx,
                                                            const std::string& service,
                                                            const std::string& flow) {
  HEQI_TRY(Stored stored, load(tx, flow));
  if (stored.service != service) return base::fail(Code::not_found, "no such flow");
  return stored;
}

Result<CertificateFlows::Stored> CertificateFlows::check_open(const std::string& service,
                                                              const std::string& flow,
                                                              std::string_view kind) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> Result<Stored> {
    HEQI_TRY(Stored stored, load_for(tx, service, flow));
    if (!kind.empty() && stored.kind != kind)
      return base::fail(Code::conflict, "this is no flow of kind " + std::string(kind));
    HEQI_TRY(connections_.check_active(tx, service));
    HEQI_TRY(const flow::Flow now, engine_.get_in(tx, flow));
    if (now.is_open()) return stored;
    if (now.ending->outcome == flow::Outcome::done)
      return base::fail(Code::conflict, "the flow is done");
    const auto code = base::find_error(now.ending->code);
    return base::fail(now.ending->outcome == flow::Outcome::expired
                          ? Code::expired
                          : code.value_or(Code::cancelled),
                      "the flow is over");
  });
}

Result<FlowStatus> CertificateFlows::status_of(sql::Transaction& tx, const Stored& stored) {
  HEQI_TRY(const flow::Flow flow, engine_.get_in(tx, stored.id));
  return FlowStatus{
      .id = stored.id,
      .kind = stored.kind,
      .service = stored.service,
      .user = stored.person,
      .device = stored.device,
      .step = flow.step,
      .state = flow.ending ? std::string(flow::to_text(flow.ending->outcome)) : "OPEN",
      .code = flow.ending ? flow.ending->code : "",
      .nonce = stored.nonce,
      .old_serial = stored.old_serial,
      .serial = stored.serial};
}

Result<FlowStatus> CertificateFlows::status(const std::string& service, const std::string& flow) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> Result<FlowStatus> {
    HEQI_TRY(const Stored stored, load_for(tx, service, flow));
    return status_of(tx, stored);
  });
}

Result<std::optional<FlowStatus>> CertificateFlows::find_started(sql::Transaction& tx,
                                                                 const std::string& service,
                                                                 const std::string& request) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT id FROM mobile_flows WHERE service = ?1 AND request = ?2", service,
                       request));
  if (!row) return std::optional<FlowStatus>();
  HEQI_TRY(const Stored stored, load(tx, row->text(0)));
  HEQI_TRY(FlowStatus status, status_of(tx, stored));
  return std::optional(std::move(status));
}

// start writes the flow and the activation that goes to the service, in one transaction.
Result<FlowStatus> CertificateFlows::start(sql::Transaction& tx, Stored wanted) {
  HEQI_TRY(connections_.check_active(tx, wanted.service));
  HEQI_TRY(wanted.id, flow::make_id(random_));
  const flow::NewFlow begun{.kind = std::string(kFlowKind),
                            .step = std::string(kActivated),
                            .state = {},
                            .deadline = clock_.now() + kFlowLifetime,
                            .parties = {{wanted.service, std::string(kMessageTopic)},
                                        {"authority", std::string(kEndTopic)}},
                            .sender = wanted.service,
                            .message_id = wanted.request,
                            .fingerprint = {},
                            .id = wanted.id};
  HEQI_TRY(const flow::Handled started,
           engine_.start_in(tx, begun, [&](flow::Move& move) -> Result<base::Bytes> {
             HEQI_TRY(tx.execute(
                 "INSERT INTO mobile_flows (id, kind, service, person, device, acceptance, "
                 "request, subject, nonce, old_serial, serial, is_published, started_at) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, ?12)",
                 wanted.id, wanted.kind, wanted.service, wanted.person, wanted.device,
                 wanted.acceptance, wanted.request, wanted.subject, wanted.nonce, wanted.old_serial,
                 base::Bytes(), clock_.now()));
             const std::string json =
                 activation_json(wanted.id, wanted.kind, wanted.person, wanted.device,
                                 wanted.old_serial, wanted.nonce);
             move.send({.topic = std::string(kMessageTopic),
                        .recipient = wanted.service,
                        .payload = base::to_bytes(base::bytes_of(json)),
                        .message_id = wanted.id + ":activation"});
             return base::Bytes();
           }));
  HEQI_TRY(const Stored stored, load(tx, started.flow.id));
  return status_of(tx, stored);
}

Result<FlowStatus> CertificateFlows::activate(const std::string& acceptance) {
  return database_.with_transaction([&](sql::Transaction& tx) -> Result<FlowStatus> {
    HEQI_TRY(const Acceptance accepted, acceptances_.get(tx, acceptance));
    const std::string request = "acceptance:" + acceptance;
    HEQI_TRY(std::optional<FlowStatus> begun, find_started(tx, accepted.service, request));
    if (begun) return *std::move(begun);
    return start(tx, {.id = {},
                      .kind = std::string(kApplication),
                      .service = accepted.service,
                      .person = accepted.user,
                      .device = accepted.device,
                      .acceptance = acceptance,
                      .request = request,
                      .subject = accepted.subject,
                      .nonce = {},
                      .old_serial = {},
                      .serial = {}});
  });
}

// judge_code counts a wrong proof durably before it is answered; the last one ends the flow.
base::Status CertificateFlows::judge_code(const Stored& stored, base::ByteView csr,
                                          base::ByteView proof) {
  using Verdict = Acceptances::Verdict;
  HEQI_TRY(const Verdict verdict,
           database_.with_transaction([&](sql::Transaction& tx) -> Result<Verdict> {
             HEQI_TRY(const Verdict found,
                      acceptances_.judge(tx, stored.acceptance, stored.id, csr, proof));
             if (found == Verdict::code_void) {
               const base::Error reason = base::fail(Code::identity_code_void);
               HEQI_TRY(engine_.finish_in(tx, stored.id, flow::Ending::failed(reason)));
             }
             return found;
           }));
  if (verdict == Verdict::right) return {};
  if (verdict == Verdict::wrong)
    return base::fail(Code::unauthenticated,
                      "the proof of the authorisation code is wrong; five of them make it void");
  return base::fail(Code::identity_code_void, "the authorisation code is void");
}

Result<Issuer::Issued> CertificateFlows::apply(const std::string& service, const std::string& flow,
                                               base::ByteView csr, base::ByteView proof) {
  HEQI_TRY(const Stored stored, check_open(service, flow, kApplication));
  // What was issued already is given again to the same request only, which the issuer knows.
  if (stored.serial.empty()) {
    HEQI_TRY(judge_code(stored, csr, proof));
  }
  return issue(stored, csr);
}

// issue has the certificate made and notes it with the flow. Where the flow has ended meanwhile,
// the certificate is taken back at once.
Result<Issuer::Issued> CertificateFlows::issue(const Stored& stored, base::ByteView csr) {
  HEQI_TRY(Issuer::Issued issued,
           issuer_.issue(stored.request_id(), stored.holder(), stored.subject, csr));
  const flow::Event event{.flow_id = stored.id,
                          .sender = stored.service,
                          .message_id = stored.id + ":request",
                          .fingerprint = issued.serial,
                          .expected_steps = {std::string(kActivated)}};
  HEQI_TRY(const flow::Handled handled,
           engine_.handle(event, [&](flow::Move& move) -> Result<base::Bytes> {
             HEQI_TRY(move.transaction().execute(
                 "UPDATE mobile_flows SET serial = ?2 WHERE id = ?1", stored.id, issued.serial));
             if (!stored.acceptance.empty()) {
               HEQI_TRY(acceptances_.spend(move.transaction(), stored.acceptance));
             }
             move.go_to(std::string(kIssued));
             return base::Bytes();
           }));
  if (handled.is_refused()) {
    HEQI_TRY(issuer_.withdraw(stored.request_id()));
  }
  HEQI_TRY(handled.to_result());
  log_.info("mobile.issued", {{"flow", stored.id}, {"serial", base::to_hex(issued.serial)}});
  return issued;
}

base::Status CertificateFlows::check_no_update_is_open(sql::Transaction& tx,
                                                       base::ByteView serial) {
  HEQI_TRY(const std::vector<sql::Row> rows,
           tx.query("SELECT id FROM mobile_flows WHERE old_serial = ?1", serial));
  for (const sql::Row& row : rows) {
    HEQI_TRY(const flow::Flow flow, engine_.get_in(tx, row.text(0)));
    if (flow.is_open()) return base::fail(Code::conflict, "an update of this certificate is open");
  }
  return {};
}

Result<FlowStatus> CertificateFlows::start_update(const std::string& service,
                                                  const std::string& request_id,
                                                  base::ByteView serial) {
  if (request_id.empty()) return base::fail(Code::malformed, "the id of the request is empty");
  const std::string request = "update:" + request_id;
  HEQI_TRY(std::optional<FlowStatus> begun, database_.with_snapshot([&](sql::Transaction& tx) {
    return find_started(tx, service, request);
  }));
  if (begun && begun->old_serial == base::to_bytes(serial)) return *std::move(begun);
  if (begun) return base::fail(Code::conflict, "this id was used for another certificate");
  HEQI_TRY(base::Bytes nonce, base::random_bytes(random_, kNonceSize));
  HEQI_TRY(const Stored made, database_.with_snapshot([&](sql::Transaction& tx) -> Result<Stored> {
    HEQI_TRY(const std::optional<sql::Row> row,
             tx.find_row("SELECT id FROM mobile_flows WHERE serial = ?1 AND service = ?2 AND "
                         "is_published = 1",
                         serial, service));
    if (!row) return base::fail(Code::not_found, "no certificate of this service");
    return load(tx, row->text(0));
  }));
  HEQI_TRY(issuer_.check_in_force(serial));
  return database_.with_transaction([&](sql::Transaction& tx) -> Result<FlowStatus> {
    HEQI_TRY(check_no_update_is_open(tx, serial));
    return start(tx, {.id = {},
                      .kind = std::string(kUpdate),
                      .service = service,
                      .person = made.person,
                      .device = made.device,
                      .acceptance = {},
                      .request = request,
                      .subject = made.subject,
                      .nonce = nonce,
                      .old_serial = base::to_bytes(serial),
                      .serial = {}});
  });
}

Result<Issuer::Issued> CertificateFlows::update(const std::string& service, const std::string& flow,
                                                base::ByteView csr, base::ByteView signature) {
  HEQI_TRY(const Stored stored, check_open(service, flow, kUpdate));
  HEQI_TRY(issuer_.check_in_force(stored.old_serial));
  HEQI_TRY(const base::Bytes old_der, issuer_.certificate(stored.old_serial));
  HEQI_TRY(const x509::Certificate old, x509::parse_certificate(old_der));
  HEQI_TRY(const x509::Csr request, x509::parse_csr(csr));
  if (request.body.public_key == old.public_key())
    return base::fail(Code::conflict, "the request is for the old key again");
  HEQI_TRY(x509::Sm2SignatureVerifier().verify(x509::sm2_with_sm3_algorithm(), old.public_key(),
                                               update_statement(flow, stored.nonce, csr),
                                               signature));
  return issue(stored, csr);
}

}  // namespace heqi::services::mobile
