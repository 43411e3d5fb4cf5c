// heqi/services/kmc/centre.h: encryption key pairs: made, kept wrapped, and given again to a holder
// who lost the device, under dual control.
#pragma once
#include <heqi/base/log.h>
#include <heqi/keys/module_protocol.h>
#include <heqi/keys/sealing.h>
#include <heqi/services/kmc/encryption_keys.h>
#include <heqi/services/kmc/transcript.h>
#include <heqi/sql/database.h>

namespace heqi::services::kmc {

inline constexpr std::size_t kApprovalsNeeded = 2;
inline constexpr base::Duration kRecoveryLifetime = std::chrono::hours(24);  // docs/limits.md

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

class Centre final : public EncryptionKeys {
 public:
  Centre(sql::Database& database, Vault& vault, const base::Clock& clock, base::Random& random,
         base::Log& log)
      : database_(database), vault_(vault), clock_(clock), random_(random), log_(log) {}

  // Of this installation's own authority.
  base::Result<Delivery> make(const std::string& id, const std::string& holder,
                              const crypto::PublicKey& receiver) override {
    return make_for({}, id, holder, receiver);
  }
  base::Result<std::string> ask_recovery(const RecoveryRequest& request) override {
    return ask_recovery_for({}, request);
  }
  base::Result<Delivery> recover(const std::string& recovery) override {
    return recover_for({}, recovery);
  }

  // The same for an authority of another organisation: its ids, holders and cases are its own. Fail
  // with denied where it is not served (served_authorities.h), malformed (the id is none of
  // [A-Za-z0-9._:-], or longer than kServedKeyIdSizeMax), limit_exceeded (more keys than agreed).
  base::Result<Delivery> make_for(const std::string& authority, const std::string& id,
                                  const std::string& holder, const crypto::PublicKey& receiver);
  base::Result<std::string> ask_recovery_for(const std::string& authority,
                                             const RecoveryRequest& request);
  base::Result<Delivery> recover_for(const std::string& authority, const std::string& recovery);

  // approve is one officer's word. Two different officers are needed, and whoever asked is none of
  // them. Fails with denied, conflict (twice the same), expired, not_found.
  base::Status approve(const std::string& recovery, const std::string& officer);

 private:
  base::Result<Delivery> deliver(const std::string& name, const crypto::PublicKey& receiver);

  sql::Database& database_;
  Vault& vault_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
};

}  // namespace heqi::services::kmc
