#include <heqi/services/mss/updates.h>

#include <heqi/base/text.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/csr.h>

#include "update_rows.h"

namespace heqi::services::mss {

using base::Code;
using base::Result;
using base::Status;

namespace {

constexpr std::size_t kQuestionsInARound = 64;

}  // namespace

Updates::Updates(Parts parts, base::Duration lead) : parts_(parts), lead_(lead) {
  parts_.engine.define(std::string(kUpdateKind),
                       {.on_end = [this](sql::Transaction& tx, const flow::Flow& flow) {
                         return on_end(tx, flow);
                       }});
}

Result<Updates::Stored> Updates::load(sql::Transaction& tx, const std::string& id) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT person_id, device_id, ca_id, old_serial, old_certificate, prompt, "
                       "flow, nonce, serial, certificate, until, id FROM mss_updates "
                       "WHERE id = ?1 OR (flow = ?1 AND flow <> '')",
                       id));
  if (!row) return base::fail(Code::not_found, "no such update");
  return Stored{.id = row->text(11),
                .person_id = row->text(0),
                .device_id = row->text(1),
                .ca_id = row->text(2),
                .old_serial = row->bytes(3),
                .old_certificate = row->bytes(4),
                .prompt = row->text(5),
                .flow = row->text(6),
                .nonce = row->bytes(7),
                .serial = row->bytes(8),
                .certificate = row->bytes(9),
                .until = row->time(10)};
}

// load_for finds an update of this device by its own id or by that of the authority's flow.
Result<Updates::Stored> Updates::load_for(const Device& device, const std::string& id) {
  return parts_.database.with_snapshot([&](sql::Transaction& tx) -> Result<Stored> {
    HEQI_TRY(Stored stored, load(tx, id));
    if (stored.device_id != device.id) return base::fail(Code::not_found, "no such update");
    return stored;
  });
}

Result<UpdateStatus> Updates::status(const std::string& id) {
  return parts_.database.with_snapshot([&](sql::Transaction& tx) -> Result<UpdateStatus> {
    HEQI_TRY(const Stored stored, load(tx, id));
    HEQI_TRY(const flow::Flow flow, parts_.engine.get_in(tx, stored.id));
    return UpdateStatus{
        .id = stored.id,
        .person_id = stored.person_id,
        .device_id = stored.device_id,
        .step = flow.step,
        .state = flow.ending ? std::string(flow::to_text(flow.ending->outcome)) : "OPEN",
        .code = flow.ending ? flow.ending->code : "",
        .old_serial = stored.old_serial,
        .serial = stored.serial};
  });
}

// ask puts the question to the person once for a certificate, whoever found the need.
Result<bool> Updates::ask(const Directory::Known& known, const std::string& prompt) {
  const HeldCertificate& held = known.certificate;
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(held.der));
  return parts_.database.with_transaction([&](sql::Transaction& tx) -> Result<bool> {
    const base::Time now = parts_.clock.now();
    HEQI_TRY(const std::string id, flow::make_id(parts_.random));
    const flow::NewFlow begun{.kind = std::string(kUpdateKind),
                              .step = std::string(kUpdateAsked),
                              .state = {},
                              .deadline = now + kQuestionLifetime,
                              .parties = {{"authority", std::string(kUpdateEndTopic)}},
                              .sender = "service",
                              .message_id = "update:" + base::to_hex(held.serial),
                              .fingerprint = {},
                              .id = id};
    HEQI_TRY(const flow::Handled started,
             parts_.engine.start_in(tx, begun, [&](flow::Move&) -> Result<base::Bytes> {
               HEQI_TRY(tx.execute(
                   "INSERT INTO mss_updates (id, person_id, device_id, ca_id, old_serial, "
                   "old_certificate, prompt, flow, nonce, serial, certificate, is_open, until, "
                   "asked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', ?8, ?8, ?8, 1, ?9, ?10)",
                   id, known.person_id, held.device_id, held.ca_id, held.serial, held.der, prompt,
                   base::Bytes(), now + kQuestionLifetime, now));
               if (told_) {
                 HEQI_TRY(told_(tx, {.kind = CertificateNews::Kind::asked_to_update,
                                     .flow = id,
                                     .person_id = known.person_id,
                                     .subject = certificate.subject().text(),
                                     .by = {},
                                     .reason = {},
                                     .until = now + kQuestionLifetime}));
               }
               return base::Bytes();
             }));
    if (started.kind == flow::Handled::Kind::accepted) return true;
    HEQI_TRY(tx.execute("UPDATE mss_updates SET prompt = ?2 WHERE id = ?1 AND prompt = ''",
                        started.flow.id, prompt));
    return false;
  });
}

Result<std::size_t> Updates::round() {
  const base::Time now = parts_.clock.now();
  HEQI_TRY(const std::vector<Directory::Known> due,
           parts_.database.with_snapshot(
               [&](sql::Transaction& tx) -> Result<std::vector<Directory::Known>> {
                 HEQI_TRY(const std::vector<sql::Row> rows,
                          tx.query("SELECT c.device_id, c.serial FROM mss_certificates c "
                                   "WHERE c.state = 'active' AND c.not_after > ?1 "
                                   "AND c.not_after <= ?2 AND NOT EXISTS (SELECT 1 FROM "
                                   "mss_updates u WHERE u.old_serial = c.serial) "
                                   "ORDER BY c.not_after LIMIT ?3",
                                   now, now + lead_, kQuestionsInARound));
                 std::vector<Directory::Known> out;
                 for (const sql::Row& row : rows) {
                   HEQI_TRY(const std::optional<Directory::Known> known,
                            parts_.directory.certificate_of(tx, row.text(0), row.bytes(1)));
                   if (known) out.push_back(*known);
                 }
                 return out;
               }));
  std::size_t asked = 0;
  for (const Directory::Known& known : due) {
    HEQI_TRY(const bool is_asked, ask(known, {}));
    asked += is_asked ? 1 : 0;
  }
  if (asked > 0) parts_.log.info("mss.update_asked", {{"asked", static_cast<std::int64_t>(asked)}});
  return asked;
}

Status Updates::take_prompt(const Prompt& prompt) {
  HEQI_TRY(const std::optional<Directory::Known> known,
           parts_.database.with_snapshot([&](sql::Transaction& tx) {
             return parts_.directory.certificate_of(tx, prompt.device_id, prompt.serial);
           }));
  if (!known || !known->is_in_use) return {};  // there is nothing to update any more
  HEQI_TRY(ask(*known, prompt.id));
  return {};
}

Result<std::optional<device::CertificateQuestion>> Updates::question_for(
    const std::string& device_id) {
  using Question = std::optional<device::CertificateQuestion>;
  return parts_.database.with_snapshot([&](sql::Transaction& tx) -> Result<Question> {
    HEQI_TRY(const std::optional<sql::Row> row,
             tx.find_row("SELECT u.id FROM mss_updates u JOIN mss_certificates c "
                         "ON c.ca_id = u.ca_id AND c.serial = u.old_serial "
                         "WHERE u.device_id = ?1 AND u.is_open = 1 AND u.flow = '' "
                         "AND u.until > ?2 AND c.state = 'active' ORDER BY u.asked_at",
                         device_id, parts_.clock.now()));
    if (!row) return Question();
    HEQI_TRY(const Stored stored, load(tx, row->text(0)));
    return Question(
        device::CertificateQuestion{.id = stored.id,
                                    .act = device::CertificateQuestion::Act::update,
                                    .certificate_digest = crypto::sm3(stored.old_certificate),
                                    .reason = 0,
                                    .asked_by = {},
                                    .until = stored.until});
  });
}

Result<std::optional<device::UpdateActivation>> Updates::activation_for(
    const std::string& device_id) {
  using Activation = std::optional<device::UpdateActivation>;
  return parts_.database.with_snapshot([&](sql::Transaction& tx) -> Result<Activation> {
    HEQI_TRY(const std::optional<sql::Row> row,
             tx.find_row("SELECT id FROM mss_updates WHERE device_id = ?1 AND is_open = 1 "
                         "AND flow <> '' AND until > ?2 ORDER BY asked_at",
                         device_id, parts_.clock.now()));
    if (!row) return Activation();
    HEQI_TRY(const Stored stored, load(tx, row->text(0)));
    HEQI_TRY(const flow::Flow now, parts_.engine.get_in(tx, stored.id));
    if (!now.is_open() || now.step != kActivated) return Activation();
    return Activation(
        device::UpdateActivation{stored.flow, stored.nonce, crypto::sm3(stored.old_certificate)});
  });
}

Result<StartedUpdate> Updates::start_at_authority(const Stored& stored) {
  return parts_.authority.start_update({.id = stored.id,
                                        .prompt = stored.prompt,
                                        .of = {.ca_id = stored.ca_id,
                                               .person_id = stored.person_id,
                                               .device_id = stored.device_id,
                                               .certificate = stored.old_certificate}});
}

Result<device::UpdateActivation> Updates::confirm(const Device& device, const std::string& id) {
  HEQI_TRY(const Stored stored, load_for(device, id));
  HEQI_TRY(const flow::Flow before, parts_.engine.get(stored.id));
  if (!before.is_open() || (before.step != kUpdateAsked && before.step != kActivated))
    return base::fail(before.ending && before.ending->outcome == flow::Outcome::expired
                          ? Code::expired
                          : Code::conflict,
                      "the question is answered");
  HEQI_TRY(const StartedUpdate started, start_at_authority(stored));
  const base::Time until = parts_.clock.now() + kUpdateLifetime;
  const flow::Step activate = [&](flow::Move& move) -> Result<base::Bytes> {
    HEQI_TRY(move.transaction().execute(
        "UPDATE mss_updates SET flow = ?2, nonce = ?3, until = ?4 WHERE id = ?1", stored.id,
        started.flow, started.nonce, until));
    move.go_to(std::string(kActivated));
    move.set_deadline(until);
    return base::Bytes();
  };
  HEQI_TRY(const flow::Handled handled,
           parts_.engine.handle({.flow_id = stored.id,
                                 .sender = "device:" + device.id,
                                 .message_id = stored.id + ":confirmed",
                                 .fingerprint = {},
                                 .expected_steps = {std::string(kUpdateAsked)}},
                                activate));
  HEQI_TRY(handled.to_result());
  parts_.log.info("mss.update_confirmed", {{"update", stored.id}});
  return device::UpdateActivation{started.flow, started.nonce, crypto::sm3(stored.old_certificate)};
}

Status Updates::decline(const Device& device, const std::string& id) {
  HEQI_TRY(const Stored stored, load_for(device, id));
  HEQI_TRY(const flow::Handled handled,
           parts_.engine.handle(
               {.flow_id = stored.id,
                .sender = "device:" + device.id,
                .message_id = stored.id + ":declined",
                .fingerprint = {},
                .expected_steps = {std::string(kUpdateAsked), std::string(kActivated)}},
               [](flow::Move& move) -> Result<base::Bytes> {
                 move.finish(flow::Ending::cancelled("cancelled", "declined by the person"));
                 return base::Bytes();
               }));
  HEQI_TRY(handled.to_result());
  parts_.log.info("mss.update_declined", {{"update", stored.id}});
  return {};
}

}  // namespace heqi::services::mss
