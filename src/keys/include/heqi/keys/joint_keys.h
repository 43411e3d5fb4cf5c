// heqi/keys/joint_keys.h: the server's half of the keys that devices hold the other half of. The
// exchange itself is cosign's; here are the record, the charge before the check, and what is kept
// of each signature.
#pragma once
#include <heqi/base/log.h>
#include <heqi/cosign/blind.h>
#include <heqi/cosign/joint.h>
#include <heqi/device/messages.h>
#include <heqi/keys/administration.h>
#include <heqi/keys/master_keys.h>
#include <heqi/keys/module_protocol.h>
#include <heqi/keys/tries.h>
#include <heqi/sql/group_commit.h>

namespace heqi::keys {

// Place names the installation in every key: AppID and PlatformID of GM/Y 5013 §5.3.3.2.2.
struct Place {
  std::string app_id = "heqi";
  std::string platform_id = "mssp";
};

class JointKeys {
 public:
  // tries_before_lock wrong PINs lock a key, at most kTriesBeforeLock.
  JointKeys(sql::Database& database, const WrappingKey& wrapping, const MasterKeys& masters,
            base::Random& random, const base::Clock& clock, base::Log& log, Place place,
            int tries_before_lock = kTriesBeforeLock)
      : database_(database),
        wrapping_(wrapping),
        masters_(masters),
        random_(random),
        clock_(clock),
        log_(log),
        place_(std::move(place)),
        tries_before_lock_(tries_before_lock) {}

  // bind_device records a device's channel key. The same binding again is success; another key for
  // the same device is a conflict.
  base::Status bind_device(const DeviceBinding& binding);

  // begin_key draws the KeyID for a new key of the device; the device proves d1 over it.
  base::Result<cosign::KeyName> begin_key(std::string_view device_id);
  // newest_key names the key that the device began last; cosign_key_unknown where it began none.
  base::Result<cosign::KeyName> newest_key(std::string_view device_id);
  // init_key makes P from the device's P1, once for each KeyID: a repeat of the same message gets
  // the first answer, another P1 is a conflict (COS-pub-1).
  base::Result<cosign::KeyInitAnswer> init_key(std::string_view device_id,
                                               const cosign::KeyName& name,
                                               const cosign::KeyInit& init);

  // sign is step 2 of the joint exchange: the try is charged durably, then the proofs are checked,
  // then the answer is computed, recorded, and only then returned. d2 and the nonces live inside
  // this call only.
  base::Result<cosign::Answer> sign(std::string_view device_id, cosign::Opening&& opening);
  // confirm records the finished signatures of the device's answer with the confirmation's counter.
  base::Status confirm(std::string_view device_id, const cosign::Confirm& confirmation);

  // open_blind, answer_blind and close_blind are the key centre's part of the blind exchange
  // (cosign/blind.h), over the same keys, counters and tries: one open session for each key
  // (cosign_session_open), which is spent before the try is charged, and charged before the proof
  // is looked at. Of a signature made so the record has r' and no digest.
  base::Result<cosign::BlindCommitment> open_blind(std::string_view device_id,
                                                   const cosign::KeyName& name,
                                                   std::uint64_t counter);
  base::Result<cosign::BlindAnswer> answer_blind(std::string_view device_id,
                                                 const cosign::KeyName& name,
                                                 const cosign::BlindRequest& request);
  // close_blind ends the session of a key of this device; cosign_key_unknown for another's.
  base::Status close_blind(std::string_view device_id, const cosign::KeyName& name);

  // refresh proves the PIN as sign does, then prepares the shares of the next epoch, made from the
  // newest master key: d2' of the new name, and t = d2/d2' for the device, so that
  // d1·t·d2' = d1·d2 and the public key stays. Both epochs are taken until an exchange of the next
  // one has succeeded; from then on the old one is unknown (docs/security/two-party-sm2.md).
  base::Result<device::ShareFactor> refresh(std::string_view device_id, cosign::Opening&& opening);

  // release proves the PIN as sign does, and gives out the secret of the device's local keys, which
  // is drawn at the first release and erased with the key's revocation.
  base::Result<base::SecretBytes> release(std::string_view device_id, cosign::Opening&& opening);

  // revoke_of_device ends the shares of all keys of a device.
  base::Status revoke_of_device(std::string_view device_id);
  // revoke ends the server's share; from then on no call signs with it.
  base::Status revoke(const std::string& key_id);
  // end_key revokes the key of a device that has this public key, and no other of its keys, which
  // get the secret of the local keys first (inherit_secret). A repeat changes nothing; not_found.
  base::Status end_key(std::string_view device_id, base::ByteView public_key);
  // erase removes what is kept of a revoked key whose end was heard; only its id stays, so that no
  // backup brings it back. cosign_key_unknown; conflict for a key that is in use or not yet heard.
  base::Status erase(const std::string& key_id);
  base::Result<KeyStatus> status(const std::string& key_id);
  // ended lists keys whose end was not heard yet, at most kEndedKeysMax; heard takes them off the
  // list. Who asks acts first and says heard after it, so no end is lost.
  base::Result<std::vector<EndedKey>> ended();
  base::Status heard(const std::vector<std::string>& key_ids);
  // unlock gives back the tries of a key that wrong PINs delayed or locked. The caller has a fresh
  // proof of identity. cosign_key_unknown, cosign_key_revoked.
  base::Status unlock(const std::string& key_id);
  // takes_pins is success where a key of this device takes PINs, at once or after a delay;
  // cosign_pin_locked, cosign_key_revoked, and cosign_key_unknown for another device's.
  base::Status takes_pins(std::string_view device_id, const cosign::KeyName& name);
  // commits is where every transaction of a signature goes.
  sql::GroupCommit& commits() { return commits_; }
  // list names the keys, newest first, as far as one answer goes.
  base::Result<std::vector<KeyLine>> list();

 private:
  struct Charged {
    cosign::ServerKey key;
    bool is_next;  // of the epoch that its first proof puts in force
    std::string tenant;
    std::uint32_t master_version;
  };
  base::Result<sql::Row> read_record(sql::Transaction& tx, std::string_view device_id,
                                     const cosign::KeyName& name, std::uint64_t counter);
  base::Result<Charged> unseal(const sql::Row& record, const cosign::KeyName& asked);
  // inherit_secret gives a key without a secret of the local keys that of another active key of the
  // device: an update of the certificate leaves the local keys as they are.
  base::Status inherit_secret(sql::Transaction& tx, std::string_view device_id,
                              const std::string& key_id);
  base::Result<Charged> charge_try(std::string_view device_id, const cosign::KeyName& name,
                                   std::uint64_t counter);
  base::Result<crypto::SecretScalar> server_share(const Charged& charged);
  base::Status record_answer(const Charged& charged, const cosign::Expected& expected);
  base::Result<cosign::Answered> answer(const Charged& charged, cosign::Opening&& opening);
  // Given is an answer that was recorded, and the key that it was for.
  struct Given {
    std::string key_id;
    crypto::PublicKey p;
    cosign::Expected expected;
  };
  base::Result<Given> read_answer(std::string_view device_id, std::uint64_t counter);

  sql::Database& database_;
  const WrappingKey& wrapping_;
  const MasterKeys& masters_;
  base::Random& random_;
  const base::Clock& clock_;
  base::Log& log_;
  Place place_;
  int tries_before_lock_;
  cosign::OpenSessions sessions_;
  sql::GroupCommit commits_{database_};
};

// key_id_text is the KeyID in hexadecimal, as databases and logs name a key.
std::string key_id_text(const cosign::KeyName& name);

}  // namespace heqi::keys
