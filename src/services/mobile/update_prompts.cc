// update_prompts.cc: the authority finds that a certificate nears its end and prompts its user
// (GB/T 38646 §6.2.3 a); only the user's confirmation starts the update.
#include <heqi/base/json.h>
#include <heqi/base/text.h>

#include "flow_rows.h"

namespace heqi::services::mobile {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kPromptsInARound = 64;

std::string prompt_json(const UpdatePrompt& prompt) {
  base::JsonWriter json;
  json.begin_object()
      .field("message", prompt.id + ":prompt")
      .field("kind", "certificate_update_prompt")
      .field("prompt", prompt.id)
      .field("user", prompt.user)
      .field("device", prompt.device)
      .field("certificate", base::to_hex(prompt.serial))
      .field("answer_until", base::to_rfc3339(prompt.answer_until))
      .end_object();
  return json.str();
}

UpdatePrompt prompt_of(const sql::Row& row) {
  return {.id = row.text(0),
          .service = row.text(1),
          .user = row.text(2),
          .device = row.text(3),
          .serial = row.bytes(4),
          .answer_until = row.time(5),
          .answer = row.text(6),
          .flow = row.text(7)};
}

constexpr std::string_view kColumns =
    "id, service, person, device, serial, answer_until, answer, flow";

Result<UpdatePrompt> load_prompt(sql::Transaction& tx, const std::string& service,
                                 const std::string& id) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT " + std::string(kColumns) +
                           " FROM mobile_prompts WHERE id = ?1 AND service = ?2",
                       id, service));
  if (!row) return base::fail(Code::not_found, "no such prompt");
  return prompt_of(*row);
}

}  // namespace

std::string_view name_of(PromptAnswer answer) {
  return answer == PromptAnswer::confirmed ? "confirmed" : "declined";
}

Result<PromptAnswer> parse_prompt_answer(std::string_view text) {
  for (const PromptAnswer one : {PromptAnswer::confirmed, PromptAnswer::declined})
    if (name_of(one) == text) return one;
  return base::fail(Code::malformed, "an answer is \"confirmed\" or \"declined\"");
}

// learn_ends notes when certificates end that were issued before that was kept.
base::Status CertificateFlows::learn_ends() {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(
        "SELECT id, serial FROM mobile_flows WHERE is_published = 1 AND ends_at IS NULL "
        "LIMIT ?1",
        kPromptsInARound);
  }));
  for (const sql::Row& row : rows) {
    HEQI_TRY(const base::Bytes der, issuer_.certificate(row.bytes(1)));
    HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
    HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
      return tx.execute("UPDATE mobile_flows SET ends_at = ?2 WHERE id = ?1", row.text(0),
                        certificate.not_after());
    }));
  }
  return {};
}

Result<bool> CertificateFlows::prompt(const std::string& flow) {
  HEQI_TRY(const Stored stored,
           database_.with_snapshot([&](sql::Transaction& tx) { return load(tx, flow); }));
  UpdatePrompt wanted{.id = {},
                      .service = stored.service,
                      .user = stored.person,
                      .device = stored.device,
                      .serial = stored.serial,
                      .answer_until = clock_.now() + kPromptLifetime,
                      .answer = {},
                      .flow = {}};
  HEQI_TRY(wanted.id, flow::make_id(random_));
  const base::Status good = issuer_.check_in_force(stored.serial);
  return database_.with_transaction([&](sql::Transaction& tx) -> Result<bool> {
    // What needs no update, or is in one, is noted too, so that it is not looked at again.
    const bool ask = good && check_no_update_is_open(tx, stored.serial) &&
                     connections_.check_active(tx, stored.service);
    HEQI_TRY(
        tx.execute("INSERT INTO mobile_prompts (id, service, person, device, serial, prompted_at, "
                   "answer_until, answer, flow) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '')",
                   wanted.id, wanted.service, wanted.user, wanted.device, wanted.serial,
                   clock_.now(), wanted.answer_until, ask ? "" : "not_asked"));
    if (!ask) return false;
    HEQI_TRY(outbox_.put(tx, {.topic = std::string(kMessageTopic),
                              .recipient = wanted.service,
                              .payload = base::to_bytes(base::bytes_of(prompt_json(wanted))),
                              .flow_id = {},
                              .message_id = wanted.id + ":prompt",
                              .due = {}}));
    return true;
  });
}

Result<std::size_t> CertificateFlows::prompt_updates() {
  HEQI_TRY(learn_ends());
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.query(
        "SELECT f.id FROM mobile_flows f WHERE f.is_published = 1 AND f.ends_at > ?1 "
        "AND f.ends_at <= ?2 AND NOT EXISTS (SELECT 1 FROM mobile_prompts p WHERE "
        "p.serial = f.serial) ORDER BY f.ends_at LIMIT ?3",
        clock_.now(), clock_.now() + update_lead_, kPromptsInARound);
  }));
  std::size_t asked = 0;
  for (const sql::Row& row : rows) {
    HEQI_TRY(const bool is_asked, prompt(row.text(0)));
    asked += is_asked ? 1 : 0;
  }
  if (asked > 0) log_.info("mobile.update_prompts", {{"asked", static_cast<std::int64_t>(asked)}});
  return asked;
}

Result<UpdatePrompt> CertificateFlows::answer_prompt(const std::string& service,
                                                     const std::string& id, PromptAnswer answer) {
  const base::Time now = clock_.now();
  HEQI_TRY(
      UpdatePrompt prompt,
      database_.with_transaction([&](sql::Transaction& tx) -> Result<UpdatePrompt> {
        HEQI_TRY(UpdatePrompt asked, load_prompt(tx, service, id));
        HEQI_TRY(connections_.check_active(tx, service));
        if (asked.answer == name_of(answer)) return asked;  // a repeat
        if (!asked.answer.empty())
          return base::fail(Code::conflict, "the answer was " + asked.answer);
        if (now >= asked.answer_until) return base::fail(Code::expired, "the prompt is too old");
        HEQI_TRY(tx.execute("UPDATE mobile_prompts SET answer = ?2, answered_at = ?3 WHERE id = ?1",
                            id, name_of(answer), now));
        asked.answer = name_of(answer);
        return asked;
      }));
  if (answer == PromptAnswer::declined) {
    log_.info("mobile.update_declined", {{"prompt", id}});
    return prompt;
  }
  HEQI_TRY(const FlowStatus flow, start_update(service, "prompt:" + id, prompt.serial));
  HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute("UPDATE mobile_prompts SET flow = ?2 WHERE id = ?1", id, flow.id);
  }));
  prompt.flow = flow.id;
  return prompt;
}

}  // namespace heqi::services::mobile
