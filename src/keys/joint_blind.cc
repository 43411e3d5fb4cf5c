#include <heqi/keys/joint_keys.h>

#include "joint_record.h"

namespace heqi::keys {

base::Result<cosign::BlindCommitment> JointKeys::open_blind(std::string_view device_id,
                                                            const cosign::KeyName& name,
                                                            std::uint64_t counter) {
  const StackWipe wipe_at_end;
  HEQI_TRY(const sql::Row record, database_.with_transaction([&](sql::Transaction& tx) {
    return read_record(tx, device_id, name, counter);
  }));
  // Nobody learns from an opening, so that it costs no try; a locked key has none all the same.
  HEQI_TRY(charge({.failures = static_cast<int>(record.int64(1)), .not_before = record.time(2)},
                  clock_.now(), tries_before_lock_));
  HEQI_TRY(const Charged known, unseal(record, name));
  HEQI_TRY(const crypto::SecretScalar d2, server_share(known));
  HEQI_TRY(sessions_.reserve(name.key_id, clock_.steady()));
  HEQI_TRY(cosign::BlindSession session,
           cosign::BlindSession::open(known.key, d2, counter, random_));
  const cosign::BlindCommitment commitment = session.commitment();
  sessions_.keep(name.key_id, std::move(session));
  return commitment;
}

base::Result<cosign::BlindAnswer> JointKeys::answer_blind(std::string_view device_id,
                                                          const cosign::KeyName& name,
                                                          const cosign::BlindRequest& request) {
  const StackWipe wipe_at_end;
  HEQI_TRY(cosign::BlindSession session,
           sessions_.take(name.key_id, request.session, clock_.steady()));
  const std::uint64_t counter = session.commitment().counter;
  HEQI_TRY(const Charged charged, charge_try(device_id, name, counter));
  HEQI_TRY(const crypto::SecretScalar d2, server_share(charged));
  auto answer = std::move(session).answer(charged.key, d2, request, random_);
  if (!answer) {
    log_.warning("cosign.refused",
                 {{"key", key_id_text(name)}, {"code", base::error_text(answer.error().code).id}});
    return answer;
  }
  HEQI_TRY(record_answer(charged, {.counter = counter, .digests = {}, .r = {}, .points = {}}));
  HEQI_TRY(database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "INSERT INTO module_signatures (key_id, counter, position, digest, r, answered_at) "
        "VALUES (?1, ?2, 0, ?3, ?4, ?5)",
        key_id_text(name), counter, base::Bytes(), base::ByteView(request.r_blinded.encode()),
        clock_.now());
  }));
  return answer;
}

base::Status JointKeys::close_blind(std::string_view device_id, const cosign::KeyName& name) {
  HEQI_TRY(const std::optional<sql::Row> own, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row("SELECT 1 FROM module_joint_keys WHERE key_id = ?1 AND device_id = ?2",
                       key_id_text(name), device_id);
  }));
  if (!own) return base::fail(base::Code::cosign_key_unknown);
  sessions_.close(name.key_id);
  return {};
}

}  // namespace heqi::keys
