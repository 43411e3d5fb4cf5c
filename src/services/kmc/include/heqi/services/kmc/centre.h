// heqi/services/kmc/centre.h: encryption key pairs: made, kept wrapped, and given again to a holder
// who lost the device, under dual control.
#pragma once
#include <heqi/base/log.h>
#include <heqi/keys/module_protocol.h>
#include <heqi/keys/sealing.h>
#include <heqi/services/kmc/transcript.h>
#include <heqi/sql/database.h>
#include <heqi/x509/public_key_info.h>

namespace heqi::services::kmc {

inline constexpr std::size_t kApprovalsNeeded = 2;
inline constexpr base::Duration kRecoveryLifetime = std::chrono::hours(24);  // docs/limits.md

// Delivery is an encryption key pair on its way: only the holder of the signature key opens it.
struct Delivery {
  x509::PublicKeyInfo public_key;
  base::Bytes enveloped_key;  // SM2EnvelopedKey (GB/T 35276 §7.4)
};

// delivery_of is what a key centre's answer says. Fails with crypto_not_on_curve.
base::Result<Delivery> delivery_of(keys::EncryptionKey enveloped);

// Vault makes private keys and wraps them for the database (a port: the key centre, or the process
// of an authority's keys). None leaves it but for its receiver.
class Vault {
 public:
  virtual ~Vault() = default;
  virtual base::Result<keys::EncryptionKey> make(std::string_view name) = 0;
  // envelop fails with invalid_signature for a blob of another name or vault.
  virtual base::Result<Delivery> envelop(std::string_view name, base::ByteView sealed,
                                         const crypto::PublicKey& receiver) = 0;
};

// WrappingVault wraps under a key that this process holds. Both outlive it.
class WrappingVault final : public Vault {
 public:
  WrappingVault(const keys::WrappingKey& key, base::Random& random) : key_(key), random_(random) {}
  base::Result<keys::EncryptionKey> make(std::string_view name) override;
  base::Result<Delivery> envelop(std::string_view name, base::ByteView sealed,
                                 const crypto::PublicKey& receiver) override;

 private:
  const keys::WrappingKey& key_;
  base::Random& random_;
};

// RecoveryRequest asks for a key again. receiver is the signature key of the new device.
struct RecoveryRequest {
  std::string key_id, asked_by, reason;
  crypto::PublicKey receiver;
};

class Centre {
 public:
  Centre(sql::Database& database, Vault& vault, const base::Clock& clock, base::Random& random,
         base::Log& log)
      : database_(database), vault_(vault), clock_(clock), random_(random), log_(log) {}

  // make makes the pair of id for a holder whose signature key is receiver; a repeat gives the same
  // pair again to the same receiver only. The wrapped backup is durable before the delivery leaves.
  // Fails with conflict (the id is another holder's or receiver's).
  base::Result<Delivery> make(const std::string& id, const std::string& holder,
                              const crypto::PublicKey& receiver);

  // ask_recovery opens a case and gives its id. not_found, malformed (nobody, no reason); denied
  // where the receiver's key is the encryption key itself.
  base::Result<std::string> ask_recovery(const RecoveryRequest& request);
  // approve is one officer's word. Two different officers are needed, and whoever asked is none of
  // them. Fails with denied, conflict (twice the same), expired, not_found.
  base::Status approve(const std::string& recovery, const std::string& officer);
  // recover gives the key to the receiver that the case names, once per case; the same again gives
  // it to the same receiver until the case expires. Fails with denied (approvals missing), expired,
  // not_found.
  base::Result<Delivery> recover(const std::string& recovery);

 private:
  base::Result<Delivery> deliver(const std::string& id, const crypto::PublicKey& receiver);

  sql::Database& database_;
  Vault& vault_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
};

}  // namespace heqi::services::kmc
