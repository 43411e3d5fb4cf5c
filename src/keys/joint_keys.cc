#include <heqi/keys/joint_keys.h>

#include <algorithm>

#include <heqi/base/fault_hooks.h>
#include <heqi/base/text.h>
#include <heqi/cosign/codec.h>
#include <heqi/cosign/server_share.h>

#include "joint_record.h"

namespace heqi::keys {
namespace {

constexpr std::string_view kPending = "pending", kActive = "active", kRevoked = "revoked";

}  // namespace

std::string key_id_text(const cosign::KeyName& name) {
  return base::to_hex(name.key_id);
}

base::Result<cosign::KeyName> JointKeys::begin_key(std::string_view device_id) {
  cosign::KeyName name{.app_id = place_.app_id, .platform_id = place_.platform_id};
  HEQI_TRY(random_.fill(name.key_id));
  HEQI_TRY(const sql::Row device, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT tenant FROM module_devices WHERE device_id = ?1", device_id);
  }));
  const std::string tenant = device.text(0);
  HEQI_TRY(const std::uint32_t newest, masters_.newest(tenant));
  const base::Status stored = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    // A challenge whose answer was lost is forgotten: there is one at a time.
    HEQI_TRY(tx.execute("DELETE FROM module_joint_keys WHERE device_id = ?1 AND state = ?2",
                        device_id, kPending));
    HEQI_TRY(
        tx.execute("INSERT INTO module_joint_keys (key_id, device_id, app_id, platform_id, epoch, "
                   "master_version, state, failures, not_before, counter, created_at, tenant) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0, ?8, ?9)",
                   key_id_text(name), device_id, name.app_id, name.platform_id, name.epoch, newest,
                   kPending, clock_.now(), tenant));
    return {};
  });
  HEQI_TRY(stored);
  return name;
}

base::Result<cosign::KeyName> JointKeys::newest_key(std::string_view device_id) {
  HEQI_TRY(const std::optional<sql::Row> row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row(
        "SELECT key_id, app_id, platform_id, epoch FROM module_joint_keys "
        "WHERE device_id = ?1 "
        "ORDER BY CASE WHEN state = ?2 THEN 0 ELSE 1 END, created_at DESC, key_id",
        device_id, kPending);
  }));
  if (!row) return base::fail(base::Code::cosign_key_unknown);
  cosign::KeyName name{.app_id = row->text(1), .platform_id = row->text(2)};
  name.epoch = static_cast<std::uint32_t>(row->int64(3));
  HEQI_TRY(const base::Bytes id, base::parse_hex(row->text(0)));
  if (id.size() != name.key_id.size()) return base::fail(base::Code::internal, "stored key id");
  std::copy(id.begin(), id.end(), name.key_id.begin());
  return name;
}

base::Result<cosign::KeyInitAnswer> JointKeys::init_key(std::string_view device_id,
                                                        const cosign::KeyName& name,
                                                        const cosign::KeyInit& init) {
  const StackWipe wipe_at_end;
  const std::string key_id = key_id_text(name);
  HEQI_TRY(const sql::Row record, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row(
        "SELECT k.master_version, k.app_id, k.platform_id, k.epoch, d.channel_public_key, k.tenant "
        "FROM module_joint_keys k JOIN module_devices d ON d.device_id = k.device_id "
        "WHERE k.key_id = ?1 AND k.device_id = ?2",
        key_id, device_id);
  }));
  if (record.text(1) != name.app_id || record.text(2) != name.platform_id ||
      record.int64(3) != name.epoch)
    return base::fail(base::Code::cosign_key_unknown, "the key has another name");

  const auto master_version = static_cast<std::uint32_t>(record.int64(0));
  HEQI_TRY(const crypto::Sm4Key* master, masters_.find(record.text(5), master_version));
  HEQI_TRY(const crypto::SecretScalar d2,
           cosign::derive_server_share(*master, master_version, name));
  HEQI_TRY(const cosign::AgreedKey agreed,
           cosign::agree_on_key({name, record.bytes(4)}, init, d2, random_));

  const crypto::PointBytes p1 = agreed.p1.encode();
  HEQI_TRY(const base::Bytes p1_sealed,
           wrapping_.seal(p1_context(key_id, name.epoch), p1, random_));
  const crypto::PointBytes p = agreed.answer.p.encode();
  const base::Bytes answer = cosign::encode_key_init_answer(agreed.answer);
  HEQI_TRY(const sql::Row kept,
           database_.with_transaction([&](sql::Transaction& tx) -> base::Result<sql::Row> {
             HEQI_TRY(
                 tx.execute("UPDATE module_joint_keys SET state = ?2, public_key = ?3, "
                            "p1_sealed = ?4, answer = ?5 WHERE key_id = ?1 AND state = ?6",
                            key_id, kActive, base::ByteView(p), p1_sealed, answer, kPending));
             return tx.get_row("SELECT answer, public_key FROM module_joint_keys WHERE key_id = ?1",
                               key_id);
           }));
  // d2 is fixed for a KeyID, so the same P1 gives the same P; another P1 is a second key under one
  // name.
  if (!base::same_bytes(kept.bytes(1), p))
    return base::fail(base::Code::conflict, "this KeyID has a key already");
  return cosign::parse_key_init_answer(kept.bytes(0));
}

// read_record finds the key that a message is for, and refuses what needs no look at a proof.
base::Result<sql::Row> JointKeys::read_record(sql::Transaction& tx, std::string_view device_id,
                                              const cosign::KeyName& name, std::uint64_t counter) {
  auto row = tx.get_row(
      "SELECT state, failures, not_before, counter, public_key, p1_sealed, master_version, "
      "app_id, platform_id, epoch, next_epoch, next_p1_sealed, next_master_version, tenant "
      "FROM module_joint_keys WHERE key_id = ?1 AND device_id = ?2 {for_update}",
      key_id_text(name), device_id);
  if (!row || row->text(0) == kPending) return base::fail(base::Code::cosign_key_unknown);
  if (row->text(0) == kRevoked) return base::fail(base::Code::cosign_key_revoked);
  // A name of no epoch that is in force charges nobody's tries.
  if (name.epoch != row->int64(9) && name.epoch != row->optional_int64(10).value_or(0))
    return base::fail(base::Code::cosign_key_unknown, "of an epoch that is over");
  if (counter > INT64_MAX || static_cast<std::int64_t>(counter) <= row->int64(3))
    return base::fail(base::Code::cosign_replayed, "the counter was used before");
  return row;
}

base::Result<JointKeys::Charged> JointKeys::unseal(const sql::Row& record,
                                                   const cosign::KeyName& asked) {
  const bool is_next = asked.epoch != record.int64(9);
  HEQI_TRY(const base::SecretBytes p1, wrapping_.open(p1_context(key_id_text(asked), asked.epoch),
                                                      record.bytes(is_next ? 11 : 5)));
  HEQI_TRY(crypto::Point p1_point, crypto::Point::decode(p1.expose()));
  HEQI_TRY(crypto::PublicKey p, crypto::PublicKey::decode(record.bytes(4)));
  cosign::KeyName name = asked;
  name.app_id = record.text(7);
  name.platform_id = record.text(8);
  return Charged{.key = {.name = std::move(name),
                         .p1 = p1_point,
                         .p = std::move(p),
                         .last_counter = static_cast<std::uint64_t>(record.int64(3))},
                 .is_next = is_next,
                 .tenant = record.text(13),
                 .master_version = static_cast<std::uint32_t>(record.int64(is_next ? 12 : 6))};
}

base::Result<JointKeys::Charged> JointKeys::charge_try(std::string_view device_id,
                                                       const cosign::KeyName& name,
                                                       std::uint64_t counter) {
  HEQI_TRY(const sql::Row record, commits_.run([&](sql::Transaction& tx) -> base::Result<sql::Row> {
    HEQI_TRY(sql::Row row, read_record(tx, device_id, name, counter));
    HEQI_TRY(const Tries charged,
             charge({.failures = static_cast<int>(row.int64(1)), .not_before = row.time(2)},
                    clock_.now(), tries_before_lock_));
    HEQI_TRY(
        tx.execute("UPDATE module_joint_keys SET failures = ?2, not_before = ?3, "
                   "counter = ?4 WHERE key_id = ?1",
                   key_id_text(name), charged.failures, charged.not_before, counter));
    return row;
  }));
  return unseal(record, name);
}

base::Result<crypto::SecretScalar> JointKeys::server_share(const Charged& charged) {
  HEQI_TRY(const crypto::Sm4Key* master, masters_.find(charged.tenant, charged.master_version));
  return cosign::derive_server_share(*master, charged.master_version, charged.key.name);
}

base::Result<cosign::Answered> JointKeys::answer(const Charged& charged,
                                                 cosign::Opening&& opening) {
  const StackWipe wipe_at_end;
  HEQI_TRY(crypto::SecretScalar d2, server_share(charged));
  cosign::Server server(charged.key, std::move(d2), random_);
  return server.answer(std::move(opening));
}

base::Status JointKeys::record_answer(const Charged& charged, const cosign::Expected& expected) {
  const cosign::KeyName& name = charged.key.name;
  const std::string key_id = key_id_text(name);
  const Tries refunded = refund({});
  return commits_.run([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const std::int64_t rows,
             tx.execute("UPDATE module_joint_keys SET failures = ?2, not_before = ?3 "
                        "WHERE key_id = ?1 AND state = ?4",
                        key_id, refunded.failures, refunded.not_before, kActive));
    if (rows != 1) return base::fail(base::Code::cosign_key_revoked);
    // The proof of the new share ends the old one, in the same transaction as the record.
    if (charged.is_next) {
      HEQI_TRY(tx.execute(
          "UPDATE module_joint_keys SET epoch = next_epoch, master_version = next_master_version, "
          "p1_sealed = next_p1_sealed, next_epoch = NULL, next_master_version = NULL, "
          "next_p1_sealed = NULL WHERE key_id = ?1 AND next_epoch = ?2",
          key_id, name.epoch));
    }
    for (std::size_t i = 0; i < expected.digests.size(); ++i) {
      HEQI_TRY(
          tx.execute("INSERT INTO module_signatures (key_id, counter, position, digest, r, "
                     "r_point, answered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                     key_id, expected.counter, i, base::ByteView(expected.digests[i]),
                     base::ByteView(expected.r[i].encode()),
                     base::ByteView(expected.points[i].encode()), clock_.now()));
    }
    return {};
  });
}

base::Result<cosign::Answer> JointKeys::sign(std::string_view device_id,
                                             cosign::Opening&& opening) {
  HEQI_TRY(const Charged charged, charge_try(device_id, opening.name, opening.counter));
  const cosign::KeyName& name = charged.key.name;
  auto answered = answer(charged, std::move(opening));
  HEQI_STOP_AFTER("answered");
  if (!answered) {
    log_.warning("cosign.refused", {{"key", key_id_text(name)},
                                    {"code", base::error_text(answered.error().code).id}});
    return std::move(answered).error();
  }
  HEQI_TRY(record_answer(charged, answered->expected));
  log_.info("cosign.answered",
            {{"key", key_id_text(name)},
             {"signatures", static_cast<std::int64_t>(answered->answer.items.size())}});
  return std::move(answered->answer);
}

base::Result<JointKeys::Given> JointKeys::read_answer(std::string_view device_id,
                                                      std::uint64_t counter) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<Given> {
    HEQI_TRY(const std::optional<sql::Row> key,
             tx.find_row("SELECT k.key_id, k.public_key FROM module_joint_keys k "
                         "JOIN module_signatures s ON s.key_id = k.key_id "
                         "WHERE k.device_id = ?1 AND s.counter = ?2 "
                         "ORDER BY s.answered_at DESC",
                         device_id, counter));
    if (!key) return base::fail(base::Code::not_found, "no answer has this counter");
    HEQI_TRY(crypto::PublicKey p, crypto::PublicKey::decode(key->bytes(1)));
    Given given{.key_id = key->text(0), .p = std::move(p), .expected = {}};
    given.expected.counter = counter;
    HEQI_TRY(const std::vector<sql::Row> rows,
             tx.query("SELECT digest, r, r_point FROM module_signatures WHERE key_id = ?1 AND "
                      "counter = ?2 ORDER BY position",
                      given.key_id, counter));
    for (const sql::Row& row : rows) {
      crypto::Digest& digest = given.expected.digests.emplace_back();
      if (row.bytes(0).size() != digest.size()) return base::fail(base::Code::internal, "digest");
      std::copy(row.bytes(0).begin(), row.bytes(0).end(), digest.begin());
      HEQI_TRY(given.expected.r.emplace_back(), crypto::Scalar::decode(row.bytes(1)));
      // Answers of before the column was there have none.
      if (row.is_null(2)) continue;
      HEQI_TRY(given.expected.points.emplace_back(), crypto::Point::decode(row.bytes(2)));
    }
    return given;
  });
}

base::Status JointKeys::confirm(std::string_view device_id, const cosign::Confirm& confirmation) {
  HEQI_TRY(const Given given, read_answer(device_id, confirmation.counter));
  HEQI_TRY(cosign::confirm(given.p, given.expected, confirmation, random_));
  return commits_.run([&](sql::Transaction& tx) -> base::Status {
    for (std::size_t i = 0; i < confirmation.signatures.size(); ++i) {
      HEQI_TRY(
          tx.execute("UPDATE module_signatures SET s = ?4, confirmed_at = ?5 WHERE key_id = ?1 "
                     "AND counter = ?2 AND position = ?3 AND confirmed_at IS NULL",
                     given.key_id, confirmation.counter, i,
                     base::ByteView(confirmation.signatures[i].s.encode()), clock_.now()));
    }
    return {};
  });
}

base::Status JointKeys::revoke(const std::string& key_id) {
  HEQI_TRY(const std::int64_t rows, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE module_joint_keys SET state = ?2, p1_sealed = NULL, next_p1_sealed = NULL, "
        "released_sealed = NULL, "
        "revoked_at = COALESCE(revoked_at, ?3) WHERE key_id = ?1",
        key_id, kRevoked, clock_.now());
  }));
  if (rows == 0) return base::fail(base::Code::cosign_key_unknown);
  log_.info("cosign.share_revoked", {{"key", key_id}});
  return {};
}

base::Status JointKeys::revoke_of_device(std::string_view device_id) {
  HEQI_TRY(const std::int64_t rows, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE module_joint_keys SET state = ?2, p1_sealed = NULL, next_p1_sealed = NULL, "
        "released_sealed = NULL, "
        "revoked_at = ?3 WHERE device_id = ?1 AND state <> ?2",
        device_id, kRevoked, clock_.now());
  }));
  log_.info("cosign.shares_revoked", {{"device", device_id}, {"keys", rows}});
  return {};
}

base::Result<std::vector<EndedKey>> JointKeys::ended() {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([](sql::Transaction& tx) {
    return tx.query(
        "SELECT key_id, device_id, COALESCE(public_key, ?1) FROM module_joint_keys "
        "WHERE state = 'revoked' AND told_at IS NULL ORDER BY key_id LIMIT ?2",
        base::ByteView(), kEndedKeysMax);
  }));
  std::vector<EndedKey> out;
  for (const sql::Row& row : rows) out.push_back({row.text(0), row.text(1), row.bytes(2)});
  return out;
}

base::Status JointKeys::heard(const std::vector<std::string>& key_ids) {
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    for (const std::string& key_id : key_ids) {
      HEQI_TRY(
          tx.execute("UPDATE module_joint_keys SET told_at = ?2 WHERE key_id = ?1 AND state = ?3",
                     key_id, clock_.now(), kRevoked));
    }
    return {};
  });
}

base::Status JointKeys::unlock(const std::string& key_id) {
  const Tries released = refund({});
  HEQI_TRY(const std::int64_t rows, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE module_joint_keys SET failures = ?2, not_before = ?3 "
        "WHERE key_id = ?1 AND state = ?4",
        key_id, released.failures, released.not_before, kActive);
  }));
  if (rows == 0) {
    HEQI_TRY(status(key_id));
    return base::fail(base::Code::cosign_key_revoked);
  }
  log_.info("cosign.key_unlocked", {{"key", key_id}});
  return {};
}

base::Status JointKeys::takes_pins(std::string_view device_id, const cosign::KeyName& name) {
  HEQI_TRY(const std::optional<sql::Row> row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.find_row(
        "SELECT state, failures FROM module_joint_keys WHERE key_id = ?1 AND device_id = ?2",
        key_id_text(name), device_id);
  }));
  if (!row || row->text(0) == kPending) return base::fail(base::Code::cosign_key_unknown);
  if (row->text(0) == kRevoked) return base::fail(base::Code::cosign_key_revoked);
  if (row->int64(1) >= tries_before_lock_) return base::fail(base::Code::cosign_pin_locked);
  return {};
}

base::Status JointKeys::erase(const std::string& key_id) {
  const base::Status erased = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const std::optional<sql::Row> row,
             tx.find_row("SELECT state, told_at FROM module_joint_keys WHERE key_id = ?1 "
                         "{for_update}",
                         key_id));
    if (!row) return base::fail(base::Code::cosign_key_unknown);
    if (row->text(0) != kRevoked || row->is_null(1))
      return base::fail(base::Code::conflict,
                        "disable the key first, and wait until the platform has heard of its end");
    HEQI_TRY(tx.execute("INSERT INTO module_erased_keys (key_id, erased_at) VALUES (?1, ?2)",
                        key_id, clock_.now()));
    HEQI_TRY(tx.execute("DELETE FROM module_signatures WHERE key_id = ?1", key_id));
    HEQI_TRY(tx.execute("DELETE FROM module_joint_keys WHERE key_id = ?1", key_id));
    return {};
  });
  HEQI_TRY(erased);
  log_.info("cosign.key_erased", {{"key", key_id}});
  return {};
}

base::Result<std::vector<KeyLine>> JointKeys::list() {
  HEQI_TRY(const std::vector<sql::Row> rows, database_.with_snapshot([](sql::Transaction& tx) {
    return tx.query(
        "SELECT key_id, device_id, state, epoch, failures FROM module_joint_keys "
        "ORDER BY created_at DESC, key_id LIMIT 10000");
  }));
  std::vector<KeyLine> out;
  for (const sql::Row& row : rows)
    out.push_back({row.text(0), row.text(1), row.text(2), row.int64(3), row.int64(4)});
  return out;
}

base::Result<KeyStatus> JointKeys::status(const std::string& key_id) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<KeyStatus> {
    HEQI_TRY(const std::optional<sql::Row> row,
             tx.find_row("SELECT state, failures, not_before, epoch, counter "
                         "FROM module_joint_keys WHERE key_id = ?1",
                         key_id));
    if (!row) return base::fail(base::Code::cosign_key_unknown);
    const Tries tries{.failures = static_cast<int>(row->int64(1)), .not_before = row->time(2)};
    return KeyStatus{.state = row->text(0),
                     .tries_left = tries_left(tries, tries_before_lock_),
                     .not_before = row->int64(2),
                     .epoch = row->int64(3),
                     .counter = row->int64(4)};
  });
}

}  // namespace heqi::keys
