// update_ends.cc: an update from the device's request to the publication (GB/T 38646 §6.2.3 h–u).
#include <heqi/base/text.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/csr.h>

#include "certificate_news.h"
#include "update_rows.h"

namespace heqi::services::mss {

using base::Code;
using base::Result;
using base::Status;

// check_issued sees that the authority certified what was asked for, for the same person.
Status Updates::check_issued(const Stored& stored, const Issued& issued, base::ByteView csr) const {
  HEQI_TRY(const x509::Certificate fresh, x509::parse_certificate(issued.certificate));
  HEQI_TRY(const x509::Certificate old, x509::parse_certificate(stored.old_certificate));
  HEQI_TRY(const x509::Csr request, x509::parse_csr(csr));
  if (!(fresh.subject() == old.subject()))
    return base::fail(Code::denied, "the new certificate is of another person");
  if (!(fresh.public_key() == request.body.public_key))
    return base::fail(Code::denied, "the new certificate is of another key");
  return {};
}

Status Updates::keep_issued(const Stored& stored, const Issued& issued) {
  HEQI_TRY(const x509::Certificate fresh, x509::parse_certificate(issued.certificate));
  const flow::Step keep = [&](flow::Move& move) -> Result<base::Bytes> {
    sql::Transaction& tx = move.transaction();
    HEQI_TRY(tx.execute("UPDATE mss_updates SET serial = ?2, certificate = ?3 WHERE id = ?1",
                        stored.id, fresh.serial(), issued.certificate));
    HEQI_TRY(parts_.directory.add_issued(tx, {.ca_id = issued.ca_id,
                                              .device_id = stored.device_id,
                                              .serial = fresh.serial(),
                                              .der = issued.certificate,
                                              .not_before = fresh.not_before(),
                                              .not_after = fresh.not_after()}));
    move.go_to(std::string(kUpdateIssued));
    return base::Bytes();
  };
  HEQI_TRY(const flow::Handled handled,
           parts_.engine.handle({.flow_id = stored.id,
                                 .sender = "authority",
                                 .message_id = stored.id + ":issued",
                                 .fingerprint = fresh.serial(),
                                 .expected_steps = {std::string(kActivated)}},
                                keep));
  HEQI_TRY(handled.to_result());
  return {};
}

Result<Issued> Updates::take_request(const Device& device, const device::UpdateRequest& request) {
  HEQI_TRY(const Stored stored, load_for(device, request.flow));
  HEQI_TRY(const flow::Flow now, parts_.engine.get(stored.id));
  if (!now.is_open())
    return base::fail(
        now.ending->outcome == flow::Outcome::expired ? Code::expired : Code::cancelled,
        "the update is over");
  Result<Issued> issued = parts_.authority.update(stored.flow, request.csr, request.signature);
  if (!issued) {
    if (!may_pass(issued.error().code)) {
      HEQI_TRY(fail(stored, issued.error()));
    }
    return issued.error();
  }
  if (const Status right = check_issued(stored, *issued, request.csr); !right) {
    HEQI_TRY(fail(stored, right.error()));
    return right.error();
  }
  HEQI_TRY(keep_issued(stored, *issued));
  parts_.log.info("mss.update_issued", {{"update", stored.id}});
  return issued;
}

Result<bool> Updates::acknowledge(const Device& device,
                                  const device::CertificateAcknowledge& acknowledge) {
  HEQI_TRY(
      const std::optional<Stored> found,
      parts_.database.with_snapshot([&](sql::Transaction& tx) -> Result<std::optional<Stored>> {
        HEQI_TRY(const std::vector<sql::Row> rows,
                 tx.query("SELECT id, certificate FROM mss_updates WHERE device_id = ?1 "
                          "ORDER BY asked_at DESC",
                          device.id));
        for (const sql::Row& row : rows) {
          if (row.bytes(1).empty() || crypto::sm3(row.bytes(1)) != acknowledge.certificate_digest)
            continue;
          HEQI_TRY(Stored stored, load(tx, row.text(0)));
          return std::optional<Stored>(std::move(stored));
        }
        return std::optional<Stored>();
      }));
  if (!found) return false;
  if (!acknowledge.reason.empty()) {
    const Code code = base::find_error(acknowledge.reason).value_or(Code::denied);
    HEQI_TRY(fail(*found, base::fail(code, "refused by the device")));
    return true;
  }
  // From here on the update cannot expire: the device has the new pair and no other.
  const flow::Step publish = [&](flow::Move& move) -> Result<base::Bytes> {
    move.go_to(std::string(kPublishing));
    move.set_deadline(std::nullopt);
    move.send({.topic = std::string(kUpdatePublishTopic),
               .recipient = "authority",
               .message_id = found->id + ":publishing"});
    return base::Bytes();
  };
  HEQI_TRY(const flow::Handled handled,
           parts_.engine.handle({.flow_id = found->id,
                                 .sender = "device:" + device.id,
                                 .message_id = found->id + ":acknowledged",
                                 .fingerprint = {},
                                 .expected_steps = {std::string(kUpdateIssued)}},
                                publish));
  HEQI_TRY(handled.to_result());
  HEQI_TRY(finish_publishing(found->id));
  return true;
}

Status Updates::finish_publishing(const std::string& id) {
  HEQI_TRY(const Stored stored,
           parts_.database.with_snapshot([&](sql::Transaction& tx) { return load(tx, id); }));
  HEQI_TRY(const flow::Flow now, parts_.engine.get(id));
  if (!now.is_open() && now.ending->outcome == flow::Outcome::done) return {};
  if (!now.is_open())
    return base::fail(base::find_error(now.ending->code).value_or(Code::cancelled),
                      "the update is over");
  const Status published = parts_.authority.publish_update(stored.flow);
  if (!published && may_pass(published.error().code)) return published;
  if (!published) {
    HEQI_TRY(fail(stored, published.error()));
    return published;
  }
  return set_updated(stored);
}

// set_updated puts the new certificate in the place of the old one, for open transactions too: the
// device signs with the new key already.
Status Updates::set_updated(const Stored& stored) {
  const flow::Step finish = [&](flow::Move& move) -> Result<base::Bytes> {
    HEQI_TRY(parts_.directory.supersede(move.transaction(), stored.ca_id, stored.old_serial,
                                        stored.serial));
    move.send({.topic = std::string(kUpdatedTopic),
               .recipient = "service",
               .message_id = stored.id + ":updated"});
    move.finish(flow::Ending::done());
    return base::Bytes();
  };
  HEQI_TRY(const flow::Handled handled,
           parts_.engine.handle({.flow_id = stored.id,
                                 .sender = "authority",
                                 .message_id = stored.id + ":published",
                                 .fingerprint = {},
                                 .expected_steps = {std::string(kPublishing)}},
                                finish));
  HEQI_TRY(handled.to_result());
  parts_.log.info("mss.updated", {{"update", stored.id}, {"device", stored.device_id}});
  return {};
}

Status Updates::fail(const Stored& stored, const base::Error& error) {
  HEQI_TRY(parts_.engine.finish(stored.id, flow::Ending::failed(error)));
  return {};
}

// on_end closes the row; what was issued in vain is out of use before the authority has said so.
Status Updates::on_end(sql::Transaction& tx, const flow::Flow& flow) {
  HEQI_TRY(tx.execute("UPDATE mss_updates SET is_open = 0 WHERE id = ?1", flow.id));
  HEQI_TRY(const Stored stored, load(tx, flow.id));
  const bool is_done = flow.ending->outcome == flow::Outcome::done;
  if (!is_done && !stored.serial.empty()) {
    HEQI_TRY(parts_.directory.set_revoked(tx, stored.ca_id, stored.serial));
  }
  if (!told_) return {};
  HEQI_TRY(const CertificateNews news,
           news_of_end(flow, stored.person_id, stored.old_certificate,
                       CertificateNews::Kind::updated, CertificateNews::Kind::not_updated));
  return told_(tx, news);
}

Status Updates::take_flow_end(const std::string& flow, std::string_view state,
                              const std::string& code) {
  const auto stored =
      parts_.database.with_snapshot([&](sql::Transaction& tx) { return load(tx, flow); });
  if (!stored && stored.error().code == Code::not_found) return {};
  HEQI_TRY(stored);
  if (state == "DONE") return {};  // the publish answer has said so
  const Code reason = base::find_error(code).value_or(
      state == flow::to_text(flow::Outcome::expired) ? Code::expired : Code::cancelled);
  return fail(*stored, base::fail(reason, "ended by the authority"));
}

Status Updates::take_publishing(const flow::Message& message) {
  const Status published = finish_publishing(message.flow_id);
  // A refusal has ended the flow, and everybody is told.
  if (!published && !may_pass(published.error().code)) return {};
  return published;
}

Status Updates::take_end(const flow::Message& message) {
  if (message.ending && message.ending->outcome == flow::Outcome::done) return {};
  HEQI_TRY(const Stored stored, parts_.database.with_snapshot([&](sql::Transaction& tx) {
    return load(tx, message.flow_id);
  }));
  const bool was_asked_by_authority = stored.flow.empty() && !stored.prompt.empty();
  if (was_asked_by_authority) {
    const Status told = parts_.authority.decline_update(stored.prompt);
    return !told && may_pass(told.error().code) ? told : Status();
  }
  if (stored.flow.empty()) return {};
  const Status ended = parts_.authority.abandon_update(stored.flow);
  return !ended && may_pass(ended.error().code) ? ended : Status();
}

Status Updates::take_updated(const flow::Message& message) {
  HEQI_TRY(const Stored stored, parts_.database.with_snapshot([&](sql::Transaction& tx) {
    return load(tx, message.flow_id);
  }));
  HEQI_TRY(const x509::Certificate old, x509::parse_certificate(stored.old_certificate));
  const Status ended = parts_.key_centre.end_key(stored.device_id, old.public_key().key);
  if (!ended && ended.error().code != Code::not_found) return ended;
  return {};
}

}  // namespace heqi::services::mss
