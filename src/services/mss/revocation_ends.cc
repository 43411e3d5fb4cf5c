// revocation_ends.cc: the authority's answer to a revocation, and what becomes of the device (GB/T
// 38646 §6.2.4 d–j); this service's own policy.
#include <heqi/base/text.h>
#include <heqi/x509/certificate.h>

#include "certificate_news.h"
#include "revocation_rows.h"
#include "update_rows.h"

namespace heqi::services::mss {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t kCertificatesInARound = 64;
constexpr base::Duration kPolicyInterval = std::chrono::hours(1);
constexpr std::int64_t kAffiliationChanged = 3;  // RFC 5280 §5.3.1

}  // namespace

// ask_authority sends the order; whoever comes first of the device's request and the outbox's
// message brings the answer home.
Status Revocations::ask_authority(const std::string& id) {
  HEQI_TRY(const Stored stored,
           parts_.database.with_snapshot([&](sql::Transaction& tx) { return load(tx, id); }));
  HEQI_TRY(const flow::Flow now, parts_.engine.get(id));
  if (!now.is_open()) {
    if (now.ending->outcome == flow::Outcome::done) return {};
    return base::fail(base::find_error(now.ending->code).value_or(Code::cancelled),
                      "the revocation is over");
  }
  Origin origin = Origin::user;
  for (const Origin one : {Origin::application, Origin::service})
    if (stored.origin == name_of(one)) origin = one;
  const Status revoked = parts_.authority.revoke({.of = {.ca_id = stored.ca_id,
                                                         .person_id = stored.person_id,
                                                         .device_id = stored.device_id,
                                                         .certificate = stored.certificate},
                                                  .origin = origin,
                                                  .asked_by = stored.asked_by,
                                                  .reason = stored.reason,
                                                  .signature = stored.signature});
  if (!revoked && may_pass(revoked.error().code)) return revoked;
  if (revoked) return set_revoked(stored);
  HEQI_TRY(set_refused(stored, revoked.error()));
  return revoked;
}

// set_revoked orders the device to clear in the same transaction that ends the flow.
Status Revocations::set_revoked(const Stored& stored) {
  HEQI_TRY(const flow::Handled handled,
           parts_.engine.handle({.flow_id = stored.id,
                                 .sender = "authority",
                                 .message_id = stored.id + ":revoked",
                                 .fingerprint = {},
                                 .expected_steps = {std::string(kAgreed)}},
                                [&](flow::Move& move) -> Result<base::Bytes> {
                                  sql::Transaction& tx = move.transaction();
                                  HEQI_TRY(parts_.directory.set_revoked(tx, stored.ca_id,
                                                                        stored.serial));
                                  HEQI_TRY(
                                      tx.execute("UPDATE mss_revocations SET clear_ordered_at = ?2 "
                                                 "WHERE id = ?1",
                                                 stored.id, move.now()));
                                  move.send({.topic = std::string(kRevokedTopic),
                                             .recipient = "service",
                                             .message_id = stored.id + ":done"});
                                  move.finish(flow::Ending::done());
                                  return base::Bytes();
                                }));
  HEQI_TRY(handled.to_result());
  if (handled.kind == flow::Handled::Kind::accepted)
    parts_.log.info(
        "mss.revoked",
        {{"revocation", stored.id}, {"device", stored.device_id}, {"origin", stored.origin}});
  return {};
}

Status Revocations::set_refused(const Stored& stored, const base::Error& error) {
  return parts_.database.with_transaction([&](sql::Transaction& tx) -> Status {
    HEQI_TRY(parts_.directory.set_active(tx, stored.ca_id, stored.serial));
    HEQI_TRY(parts_.engine.finish_in(tx, stored.id, flow::Ending::failed(error)));
    return {};
  });
}

// on_end tells the person, however it ended; the applications are parties of the flow.
Status Revocations::on_end(sql::Transaction& tx, const flow::Flow& flow) {
  HEQI_TRY(const Stored stored, load(tx, flow.id));
  HEQI_TRY(tx.execute("UPDATE mss_revocations SET is_open = 0 WHERE id = ?1", flow.id));
  if (!told_) return {};
  HEQI_TRY(const CertificateNews news,
           news_of_end(flow, stored.person_id, stored.certificate, CertificateNews::Kind::revoked,
                       CertificateNews::Kind::not_revoked));
  return told_(tx, news);
}

Status Revocations::take_agreed(const flow::Message& message) {
  const Status answered = ask_authority(message.flow_id);
  // A refusal has ended the flow, and everybody is told: there is nothing left to try.
  if (!answered && !may_pass(answered.error().code)) return {};
  return answered;
}

// end_others ends what else was asked about the certificate: there is nothing left to revoke.
Status Revocations::end_others(const Stored& stored) {
  HEQI_TRY(const std::vector<sql::Row> others,
           parts_.database.with_snapshot([&](sql::Transaction& tx) {
             return tx.query(
                 "SELECT id FROM mss_revocations WHERE device_id = ?1 AND ca_id = ?2 "
                 "AND serial = ?3 AND is_open = 1",
                 stored.device_id, stored.ca_id, stored.serial);
           }));
  const std::string code(base::error_text(Code::revoked).id);
  for (const sql::Row& row : others) {
    HEQI_TRY(parts_.engine.finish(row.text(0), flow::Ending::cancelled(code)));
  }
  return {};
}

Status Revocations::take_revoked(const flow::Message& message) {
  HEQI_TRY(const Stored stored, parts_.database.with_snapshot([&](sql::Transaction& tx) {
    return load(tx, message.flow_id);
  }));
  HEQI_TRY(end_others(stored));
  HEQI_TRY(parts_.transactions.end_with_certificate(stored.ca_id, stored.serial));
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(stored.certificate));
  const Status ended = parts_.key_centre.end_key(stored.device_id, certificate.public_key().key);
  if (!ended && ended.error().code != Code::not_found) return ended;
  return {};
}

Result<std::optional<device::CertificateQuestion>> Revocations::question_for(
    const std::string& device_id) {
  using Question = std::optional<device::CertificateQuestion>;
  return parts_.database.with_snapshot([&](sql::Transaction& tx) -> Result<Question> {
    HEQI_TRY(const std::vector<sql::Row> rows,
             tx.query("SELECT id FROM mss_revocations WHERE device_id = ?1 AND is_open = 1 "
                      "AND until > ?2 ORDER BY asked_at, id",
                      device_id, parts_.clock.now()));
    for (const sql::Row& row : rows) {
      HEQI_TRY(const flow::Flow flow, parts_.engine.get_in(tx, row.text(0)));
      if (!flow.is_open() || flow.step != kAsked) continue;
      HEQI_TRY(const Stored stored, load(tx, row.text(0)));
      return Question(
          device::CertificateQuestion{.id = stored.id,
                                      .act = device::CertificateQuestion::Act::revocation,
                                      .certificate_digest = crypto::sm3(stored.certificate),
                                      .reason = stored.reason,
                                      .asked_by = stored.asked_by,
                                      .until = stored.until});
    }
    return Question();
  });
}

Result<std::optional<device::CertificateClear>> Revocations::clear_order_for(
    const std::string& device_id) {
  using Order = std::optional<device::CertificateClear>;
  return parts_.database.with_snapshot([&](sql::Transaction& tx) -> Result<Order> {
    HEQI_TRY(const std::optional<sql::Row> row,
             tx.find_row("SELECT certificate FROM mss_revocations WHERE device_id = ?1 "
                         "AND clear_ordered_at IS NOT NULL AND cleared_at IS NULL "
                         "ORDER BY clear_ordered_at",
                         device_id));
    if (!row) return Order();
    return Order(device::CertificateClear{crypto::sm3(row->bytes(0))});
  });
}

Status Revocations::cleared(const std::string& device_id,
                            const device::CertificateClear& confirmed) {
  const auto done = parts_.database.with_transaction([&](sql::Transaction& tx) -> Result<int> {
    HEQI_TRY(const std::vector<sql::Row> rows,
             tx.query("SELECT id, certificate FROM mss_revocations WHERE device_id = ?1 "
                      "AND clear_ordered_at IS NOT NULL",
                      device_id));
    int found = 0;
    for (const sql::Row& row : rows) {
      if (crypto::sm3(row.bytes(1)) != confirmed.certificate_digest) continue;
      ++found;
      HEQI_TRY(
          tx.execute("UPDATE mss_revocations SET cleared_at = COALESCE(cleared_at, ?2) "
                     "WHERE id = ?1",
                     row.text(0), parts_.clock.now()));
    }
    return found;
  });
  HEQI_TRY(done);
  if (*done == 0) return base::fail(Code::not_found, "no such clearing was ordered");
  parts_.log.info("mss.cleared", {{"device", device_id}});
  return {};
}

// ask_where_policy_says looks at one certificate: what it says of its person still holds, or they
// are asked to give it up.
Result<bool> Revocations::ask_where_policy_says(const HeldCertificate& held) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(held.der));
  return parts_.database.with_transaction([&](sql::Transaction& tx) -> Result<bool> {
    HEQI_TRY(const std::optional<Directory::Known> known,
             parts_.directory.certificate_of(tx, held.device_id, held.serial));
    if (!known || !known->is_in_use) return false;
    const auto subject = parts_.people.subject_of(known->person_id);
    if (!subject && subject.error().code != Code::denied) return subject.error();
    if (subject && base::same_bytes(*subject, certificate.subject().der())) return false;
    const std::string once = "policy:" + base::to_hex(held.serial);
    HEQI_TRY(const flow::Handled begun, start(tx,
                                              {.id = {},
                                               .origin = std::string(name_of(Origin::service)),
                                               .asked_by = {},
                                               .request_id = once,
                                               .person_id = known->person_id,
                                               .device_id = held.device_id,
                                               .ca_id = held.ca_id,
                                               .serial = held.serial,
                                               .certificate = held.der,
                                               .reason = kAffiliationChanged,
                                               .signature = {}},
                                              "service", once));
    return begun.kind == flow::Handled::Kind::accepted;
  });
}

Result<std::size_t> Revocations::round() {
  if (policy_ == RevocationPolicy::none) return std::size_t{0};
  const std::lock_guard turn(policy_turn_);
  const base::Time now = parts_.clock.now();
  if (policy_next_ && now < *policy_next_) return std::size_t{0};
  HEQI_TRY(const base::Bytes after, base::parse_hex(policy_last_));
  HEQI_TRY(const std::vector<HeldCertificate> page,
           parts_.database.with_snapshot([&](sql::Transaction& tx) {
             return parts_.directory.in_use(tx, after, kCertificatesInARound);
           }));
  std::size_t asked = 0;
  for (const HeldCertificate& held : page) {
    HEQI_TRY(const bool is_asked, ask_where_policy_says(held));
    asked += is_asked ? 1 : 0;
  }
  const bool is_last = page.size() < kCertificatesInARound;
  policy_last_ = is_last ? std::string() : base::to_hex(page.back().serial);
  policy_next_ = is_last ? now + kPolicyInterval : now;
  return asked;
}

}  // namespace heqi::services::mss
