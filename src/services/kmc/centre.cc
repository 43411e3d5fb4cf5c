#include <heqi/services/kmc/centre.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/services/kmc/served_authorities.h>
#include <heqi/x509/enveloped_key.h>

namespace heqi::services::kmc {

using base::Code;
using base::Result;

namespace {

keys::SealContext context_of(std::string_view name) {
  return {.purpose = "kmc-key", .name = name, .version = 1};
}

// receiver_text names a receiver in the transcript: SM3 of the public key.
std::string receiver_text(const crypto::PublicKey& receiver) {
  return "to " + base::to_hex(crypto::sm3(receiver.encode()));
}

Result<std::string> make_case_id(base::Random& random) {
  HEQI_TRY(const base::Bytes octets, base::random_bytes(random, 16));
  return base::to_hex(octets);
}

// name_of and whose keep what is another organisation's apart: no id of one's own has a slash.
std::string name_of(const std::string& authority, const std::string& id) {
  return authority.empty() ? id : authority + "/" + id;
}

std::string whose(const std::string& authority, const std::string& who) {
  return authority.empty() ? who : "authority:" + authority + "/" + who;
}

base::Status check_served_key(const std::string& id, const std::string& holder) {
  const bool fits = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  });
  if (id.empty() || id.size() > kServedKeyIdSizeMax || !fits)
    return base::fail(
        Code::malformed,
        "the id of a key is 1 to " + std::to_string(kServedKeyIdSizeMax) + " of [A-Za-z0-9._:-]");
  if (holder.size() > kServedHolderSizeMax)
    return base::fail(Code::malformed,
                      "a holder has up to " + std::to_string(kServedHolderSizeMax) + " octets");
  return {};
}

// get_public_key finds keys of this authority only; not_found for those of others.
Result<base::Bytes> get_public_key(sql::Transaction& tx, const std::string& authority,
                                   const std::string& name) {
  HEQI_TRY(const sql::Row key,
           tx.get_row("SELECT public_key FROM kmc_keys WHERE id = ?1 AND authority = ?2", name,
                      authority));
  return key.bytes(0);
}

// Case is a row of kmc_recoveries.
struct Case {
  std::string key_id, asked_by;
  base::Bytes receiver;
  bool delivered = false;
};

Result<Case> get_open_case(sql::Transaction& tx, const std::string& id, base::Time now) {
  HEQI_TRY(const sql::Row row,
           tx.get_row("SELECT key_id, asked_by, receiver, expires_at, delivered_at "
                      "FROM kmc_recoveries WHERE id = ?1 {for_update}",
                      id));
  if (now >= row.time(3)) return base::fail(Code::expired, "the recovery was not finished in time");
  return Case{row.text(0), row.text(1), row.bytes(2), !row.is_null(4)};
}

}  // namespace

Result<Delivery> delivery_of(keys::EncryptionKey enveloped) {
  HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(enveloped.public_key));
  return Delivery{x509::make_public_key_info(key), std::move(enveloped.blob)};
}

Result<keys::EncryptionKey> WrappingVault::make(std::string_view name) {
  HEQI_TRY(const crypto::PrivateKey key, crypto::PrivateKey::generate(random_));
  const auto octets = key.encode();
  HEQI_TRY(base::Bytes sealed, key_.seal(context_of(name), octets.expose(), random_));
  return keys::EncryptionKey{base::to_bytes(key.public_key().encode()), std::move(sealed)};
}

Result<Delivery> WrappingVault::envelop(std::string_view name, base::ByteView sealed,
                                        const crypto::PublicKey& receiver) {
  HEQI_TRY(const base::SecretBytes octets, key_.open(context_of(name), sealed));
  HEQI_TRY(const crypto::PrivateKey key, crypto::PrivateKey::decode(octets.expose()));
  HEQI_TRY(base::Bytes enveloped, x509::seal_enveloped_key(key, receiver, random_));
  return Delivery{x509::make_public_key_info(key.public_key()), std::move(enveloped)};
}

Result<Delivery> Centre::deliver(const std::string& name, const crypto::PublicKey& receiver) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT sealed, public_key FROM kmc_keys WHERE id = ?1", name);
  }));
  HEQI_TRY(Delivery delivery, vault_.envelop(name, row.bytes(0), receiver));
  if (!base::same_bytes(delivery.public_key.key, row.bytes(1)))
    return base::fail(Code::internal, "the wrapped key is not that of its public key");
  return delivery;
}

Result<Delivery> Centre::make_for(const std::string& authority, const std::string& id,
                                  const std::string& holder, const crypto::PublicKey& receiver) {
  if (id.empty() || holder.empty()) return base::fail(Code::malformed, "no id, or no holder");
  const bool is_served = !authority.empty();
  if (is_served) HEQI_TRY(check_served_key(id, holder));
  const std::string name = name_of(authority, id), who = whose(authority, holder);
  HEQI_TRY(const keys::EncryptionKey key, vault_.make(name));
  const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    if (is_served) HEQI_TRY(check_served(tx, authority));
    HEQI_TRY(const std::int64_t made,
             tx.execute("INSERT INTO kmc_keys (id, holder, public_key, sealed, made_at, authority) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING",
                        name, who, key.public_key, key.blob, clock_.now(), authority));
    if (made == 1) {
      if (is_served) HEQI_TRY(count_served_key(tx, authority));
      return append(tx, {.at = clock_.now(),
                         .event = "made",
                         .subject = name,
                         .who = who,
                         .detail = receiver_text(receiver),
                         .digest = {}});
    }
    HEQI_TRY(const sql::Row earlier, tx.get_row("SELECT who, detail FROM kmc_transcript "
                                                "WHERE event = 'made' AND subject = ?1",
                                                name));
    if (earlier.text(0) != who || earlier.text(1) != receiver_text(receiver))
      return base::fail(Code::conflict, "this id is of another holder or signature key");
    return {};
  });
  HEQI_TRY(kept);
  log_.info("kmc.made", {{"key", name}});
  return deliver(name, receiver);
}

Result<std::string> Centre::ask_recovery_for(const std::string& authority,
                                             const RecoveryRequest& request) {
  if (base::trim(request.asked_by).empty() || base::trim(request.reason).empty())
    return base::fail(Code::malformed, "who asks, and why, has to be said");
  const std::string name = name_of(authority, request.key_id);
  const std::string who = whose(authority, request.asked_by);
  HEQI_TRY(const std::string id, make_case_id(random_));
  const base::Time now = clock_.now();
  const base::Status opened = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    if (!authority.empty()) HEQI_TRY(check_served(tx, authority));
    HEQI_TRY(const base::Bytes public_key, get_public_key(tx, authority, name));
    if (base::same_bytes(public_key, request.receiver.encode()))
      return base::fail(Code::denied, "the encryption key cannot receive itself");
    HEQI_TRY(tx.execute(
        "INSERT INTO kmc_recoveries (id, key_id, asked_by, reason, receiver, asked_at, expires_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        id, name, who, request.reason, base::ByteView(request.receiver.encode()), now,
        now + kRecoveryLifetime));
    return append(tx, {.at = now,
                       .event = "recovery_asked",
                       .subject = name,
                       .who = who,
                       .detail = id + " " + receiver_text(request.receiver) + ": " + request.reason,
                       .digest = {}});
  });
  HEQI_TRY(opened);
  log_.warning("kmc.recovery_asked", {{"key", name}, {"by", who}});
  return id;
}

base::Status Centre::approve(const std::string& recovery, const std::string& officer) {
  if (base::trim(officer).empty()) return base::fail(Code::malformed, "no officer");
  return database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(const Case open, get_open_case(tx, recovery, clock_.now()));
    if (officer == open.asked_by)
      return base::fail(Code::denied, "whoever asked for the key cannot approve it");
    HEQI_TRY(const std::int64_t noted,
             tx.execute("INSERT INTO kmc_approvals (recovery, officer, at) VALUES (?1, ?2, ?3) "
                        "ON CONFLICT (recovery, officer) DO NOTHING",
                        recovery, officer, clock_.now()));
    if (noted == 0) return base::fail(Code::conflict, "this officer approved already");
    return append(tx, {.at = clock_.now(),
                       .event = "recovery_approved",
                       .subject = open.key_id,
                       .who = officer,
                       .detail = recovery,
                       .digest = {}});
  });
}

Result<Delivery> Centre::recover_for(const std::string& authority, const std::string& recovery) {
  HEQI_TRY(const Case open, database_.with_transaction([&](sql::Transaction& tx) -> Result<Case> {
    if (!authority.empty()) HEQI_TRY(check_served(tx, authority));
    HEQI_TRY(Case found, get_open_case(tx, recovery, clock_.now()));
    HEQI_TRY(get_public_key(tx, authority, found.key_id));
    HEQI_TRY(const sql::Row count,
             tx.get_row("SELECT COUNT(*) FROM kmc_approvals WHERE recovery = ?1 "
                        "AND officer <> ?2",
                        recovery, found.asked_by));
    if (count.int64(0) < static_cast<std::int64_t>(kApprovalsNeeded))
      return base::fail(Code::denied, "two officers have to approve first");
    if (found.delivered) return found;
    // The transcript tells of the delivery before it leaves.
    HEQI_TRY(tx.execute("UPDATE kmc_recoveries SET delivered_at = ?2 WHERE id = ?1", recovery,
                        clock_.now()));
    HEQI_TRY(append(tx, {.at = clock_.now(),
                         .event = "recovered",
                         .subject = found.key_id,
                         .who = found.asked_by,
                         .detail = recovery,
                         .digest = {}}));
    return found;
  }));
  HEQI_TRY(const crypto::PublicKey receiver, crypto::PublicKey::decode(open.receiver));
  log_.warning("kmc.recovered", {{"key", open.key_id}, {"recovery", recovery}});
  return deliver(open.key_id, receiver);
}

}  // namespace heqi::services::kmc
