#include <heqi/cosign/server_share.h>
#include <heqi/keys/joint_keys.h>

#include "joint_record.h"

namespace heqi::keys {

namespace {

// Refreshed is what the server makes for the next epoch.
struct Refreshed {
  crypto::SecretScalar t;  // d2/d2'
  crypto::PointBytes p1;   // [t]P1, which is [d1']G
};

base::Result<Refreshed> make_next(const crypto::Point& p1, const crypto::SecretScalar& d2,
                                  const crypto::SecretScalar& next_d2) {
  Refreshed out;
  out.t = crypto::SecretScalar(d2.expose() * next_d2.expose().inverse());
  const crypto::Point next = crypto::mul(out.t.expose(), p1);
  if (next.is_infinity()) return base::fail(base::Code::internal, "refresh: P1 of the next epoch");
  out.p1 = next.encode();
  return out;
}

}  // namespace

base::Result<device::ShareFactor> JointKeys::refresh(std::string_view device_id,
                                                     cosign::Opening&& opening) {
  const StackWipe wipe_at_end;
  HEQI_TRY(const Charged charged, charge_try(device_id, opening.name, opening.counter));
  const cosign::KeyName& name = charged.key.name;
  // The halves are made and thrown away: what counts is that all proofs hold.
  HEQI_TRY(const cosign::Answered proven, answer(charged, std::move(opening)));
  HEQI_TRY(record_answer(
      charged, {.counter = proven.expected.counter, .digests = {}, .r = {}, .points = {}}));

  cosign::KeyName next = name;
  ++next.epoch;
  HEQI_TRY(const std::uint32_t newest, masters_.newest(charged.tenant));
  HEQI_TRY(const crypto::Sm4Key* old_master, masters_.find(charged.tenant, charged.master_version));
  HEQI_TRY(const crypto::Sm4Key* new_master, masters_.find(charged.tenant, newest));
  HEQI_TRY(const crypto::SecretScalar d2,
           cosign::derive_server_share(*old_master, charged.master_version, name));
  HEQI_TRY(const crypto::SecretScalar next_d2,
           cosign::derive_server_share(*new_master, newest, next));
  HEQI_TRY(Refreshed made, make_next(charged.key.p1, d2, next_d2));
  const std::string key_id = key_id_text(name);
  HEQI_TRY(const base::Bytes sealed,
           wrapping_.seal(p1_context(key_id, next.epoch), made.p1, random_));
  base::secure_wipe(made.p1.data(), made.p1.size());
  HEQI_TRY(const std::int64_t rows, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE module_joint_keys SET next_epoch = ?2, next_master_version = ?3, "
        "next_p1_sealed = ?4 WHERE key_id = ?1 AND epoch = ?5 AND state = 'active'",
        key_id, next.epoch, newest, sealed, name.epoch);
  }));
  if (rows != 1) return base::fail(base::Code::cosign_key_revoked);
  log_.info("cosign.refresh_prepared", {{"key", key_id}, {"epoch", next.epoch}});
  return device::ShareFactor{next.epoch, std::move(made.t)};
}

}  // namespace heqi::keys
