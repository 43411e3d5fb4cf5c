// flow_ends.cc: how flows end: published, refused, or broken off.
#include <heqi/base/text.h>

#include "flow_rows.h"

namespace heqi::services::mobile {

using base::Code;
using base::Result;

base::Status CertificateFlows::publish(const std::string& service, const std::string& flow) {
  HEQI_TRY(const FlowStatus before, status(service, flow));
  if (before.state == "DONE") return {};  // a repeat
  HEQI_TRY(const Stored stored, check_open(service, flow, {}));
  // From here on the flow cannot expire: either side may finish it.
  const flow::Event event{.flow_id = flow,
                          .sender = service,
                          .message_id = flow + ":publish",
                          .fingerprint = {},
                          .expected_steps = {std::string(kIssued)}};
  HEQI_TRY(const flow::Handled handled,
           engine_.handle(event, [&](flow::Move& move) -> Result<base::Bytes> {
             move.go_to(std::string(kPublishing));
             move.set_deadline(std::nullopt);
             move.send({.topic = std::string(kPublishTopic),
                        .recipient = "authority",
                        .message_id = flow + ":publishing"});
             return base::Bytes();
           }));
  HEQI_TRY(handled.to_result());
  return finish_publishing(flow);
}

base::Status CertificateFlows::finish_publishing(const std::string& flow) {
  HEQI_TRY(const Stored stored,
           database_.with_snapshot([&](sql::Transaction& tx) { return load(tx, flow); }));
  const base::Status published = stored.old_serial.empty()
                                     ? issuer_.publish(stored.serial)
                                     : issuer_.supersede(stored.old_serial, stored.serial);
  if (!published && published.error().code == Code::revoked) {
    HEQI_TRY(engine_.finish(flow, flow::Ending::failed(published.error())));
  }
  HEQI_TRY(published);
  const base::Result<flow::Handled> ended =
      engine_.handle({.flow_id = flow,
                      .sender = "authority",
                      .message_id = flow + ":published",
                      .fingerprint = {},
                      .expected_steps = {}},
                     [&](flow::Move& move) -> Result<base::Bytes> {
                       HEQI_TRY(move.transaction().execute(
                           "UPDATE mobile_flows SET is_published = 1 WHERE id = ?1", flow));
                       move.finish(flow::Ending::done());
                       return base::Bytes();
                     });
  HEQI_TRY(ended);
  log_.info("mobile.published", {{"flow", flow}});
  return {};
}

base::Status CertificateFlows::take_publishing(const flow::Message& message) {
  return finish_publishing(message.flow_id);
}

base::Status CertificateFlows::refuse(const std::string& service, const std::string& flow,
                                      std::string_view reason) {
  HEQI_TRY(
      database_.with_snapshot([&](sql::Transaction& tx) { return load_for(tx, service, flow); }));
  HEQI_TRY(const flow::Handled handled,
           engine_.handle({.flow_id = flow,
                           .sender = service,
                           .message_id = flow + ":refuse",
                           .fingerprint = {},
                           .expected_steps = {std::string(kActivated), std::string(kIssued)}},
                          [&](flow::Move& move) -> Result<base::Bytes> {
                            move.finish(flow::Ending::cancelled(
                                "cancelled", std::string(reason.substr(0, flow::kDetailMax))));
                            return base::Bytes();
                          }));
  HEQI_TRY(handled.to_result());
  return {};
}

base::Status CertificateFlows::enter(const Entry& entry) {
  HEQI_TRY(const base::Bytes der, issuer_.certificate(entry.serial));
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        const std::optional<sql::Row> known,
        tx.find_row("SELECT service, person FROM mobile_flows WHERE serial = ?1", entry.serial));
    if (known && known->text(0) == entry.service && known->text(1) == entry.user) return {};
    if (known) return base::fail(Code::conflict, "the certificate is another's");
    HEQI_TRY(const std::string id, flow::make_id(random_));
    HEQI_TRY(tx.execute(
        "INSERT INTO mobile_flows (id, kind, service, person, device, acceptance, request, "
        "subject, nonce, old_serial, serial, is_published, started_at, ends_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, '', ?6, ?7, ?8, ?8, ?9, 1, ?10, ?11)",
        id, kApplication, entry.service, entry.user, entry.device,
        "entered:" + base::to_hex(entry.serial), certificate.subject().der(), base::Bytes(),
        entry.serial, clock_.now(), certificate.not_after()));
    return {};
  });
}

base::Status CertificateFlows::take_end(const flow::Message& message) {
  if (message.ending && message.ending->outcome == flow::Outcome::done) return {};
  HEQI_TRY(const Stored stored, database_.with_snapshot([&](sql::Transaction& tx) {
    return load(tx, message.flow_id);
  }));
  HEQI_TRY(issuer_.withdraw(stored.request_id()));
  log_.info("mobile.withdrawn", {{"flow", stored.id}});
  return {};
}

}  // namespace heqi::services::mobile
