#include <heqi/keys/joint_keys.h>

#include "joint_record.h"

namespace heqi::keys {
namespace {

constexpr std::size_t kReleasedSize = 32;

SealContext released_context(const std::string& key_id) {
  return {"released", key_id, 1};
}

}  // namespace

base::Result<base::SecretBytes> JointKeys::release(std::string_view device_id,
                                                   cosign::Opening&& opening) {
  const StackWipe wipe_at_end;
  HEQI_TRY(const Charged charged, charge_try(device_id, opening.name, opening.counter));
  HEQI_TRY(const cosign::Answered proven, answer(charged, std::move(opening)));
  HEQI_TRY(record_answer(
      charged, {.counter = proven.expected.counter, .digests = {}, .r = {}, .points = {}}));
  const std::string key_id = key_id_text(charged.key.name);
  base::SecretBytes drawn(kReleasedSize);
  HEQI_TRY(random_.fill(drawn.expose_mutable()));
  HEQI_TRY(const base::Bytes fresh,
           wrapping_.seal(released_context(key_id), drawn.expose(), random_));
  HEQI_TRY(const sql::Row row, commits_.run([&](sql::Transaction& tx) -> base::Result<sql::Row> {
    HEQI_TRY(inherit_secret(tx, device_id, key_id));
    HEQI_TRY(
        tx.execute("UPDATE module_joint_keys SET released_sealed = ?2 WHERE key_id = ?1 "
                   "AND state = 'active' AND released_sealed IS NULL",
                   key_id, fresh));
    return tx.get_row(
        "SELECT state, released_sealed FROM module_joint_keys "
        "WHERE key_id = ?1",
        key_id);
  }));
  if (row.text(0) != "active") return base::fail(base::Code::cosign_key_revoked);
  log_.info("cosign.secret_released", {{"key", key_id}});
  return wrapping_.open(released_context(key_id), row.bytes(1));
}

base::Status JointKeys::inherit_secret(sql::Transaction& tx, std::string_view device_id,
                                       const std::string& key_id) {
  HEQI_TRY(const std::optional<sql::Row> other,
           tx.find_row("SELECT key_id, released_sealed FROM module_joint_keys "
                       "WHERE device_id = ?1 AND key_id <> ?2 AND state = 'active' "
                       "AND released_sealed IS NOT NULL ORDER BY created_at DESC, key_id",
                       device_id, key_id));
  if (!other) return {};
  HEQI_TRY(const base::SecretBytes secret,
           wrapping_.open(released_context(other->text(0)), other->bytes(1)));
  HEQI_TRY(const base::Bytes sealed,
           wrapping_.seal(released_context(key_id), secret.expose(), random_));
  HEQI_TRY(
      tx.execute("UPDATE module_joint_keys SET released_sealed = ?2 WHERE key_id = ?1 "
                 "AND state = 'active' AND released_sealed IS NULL",
                 key_id, sealed));
  return {};
}

base::Status JointKeys::end_key(std::string_view device_id, base::ByteView public_key) {
  HEQI_TRY(const std::string ended,
           database_.with_transaction([&](sql::Transaction& tx) -> base::Result<std::string> {
             HEQI_TRY(const std::vector<sql::Row> rows,
                      tx.query("SELECT key_id, state, public_key FROM module_joint_keys "
                               "WHERE device_id = ?1 AND state <> 'pending'",
                               device_id));
             std::string found;
             for (const sql::Row& row : rows)
               if (base::same_bytes(row.bytes(2), public_key)) found = row.text(0);
             if (found.empty()) return base::fail(base::Code::not_found, "no such key");
             for (const sql::Row& row : rows)
               if (row.text(0) != found && row.text(1) == "active") {
                 HEQI_TRY(inherit_secret(tx, device_id, row.text(0)));
               }
             return found;
           }));
  return revoke(ended);
}

}  // namespace heqi::keys
