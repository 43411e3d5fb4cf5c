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
  HEQI_TRY(
      record_answer(charged.key.name,
                    {.counter = proven.expected.counter, .digests = {}, .r = {}, .points = {}}));
  const std::string key_id = key_id_text(charged.key.name);
  base::SecretBytes drawn(kReleasedSize);
  HEQI_TRY(random_.fill(drawn.expose_mutable()));
  HEQI_TRY(const base::Bytes fresh,
           wrapping_.seal(released_context(key_id), drawn.expose(), random_));
  HEQI_TRY(const sql::Row row, commits_.run([&](sql::Transaction& tx) -> base::Result<sql::Row> {
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

}  // namespace heqi::keys
