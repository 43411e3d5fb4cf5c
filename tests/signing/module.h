// module.h: the key centre without its socket: a real keys::Module, asked in its own protocol.
#pragma once
#include <heqi/keys/module.h>
#include <heqi/services/kmc/centre.h>
#include <heqi/services/mss/ports.h>
#include <heqi/x509/signer.h>

namespace heqi::testing {

// LocalModule speaks to a module in this process.
class LocalModule final : public services::mss::KeyCentre {
 public:
  explicit LocalModule(std::unique_ptr<keys::Module> module) : module_(std::move(module)) {}

  base::Result<base::Bytes> call(keys::Operation operation, base::Bytes body);
  base::Result<keys::MadeKey> make_key(std::string_view name, keys::Purpose purpose);
  base::Result<base::Bytes> public_key(std::string_view name);
  base::Result<keys::KeyStatus> key_status(std::string_view key_id);

  base::Result<services::mss::KeyCentreEnds> bind_device(const std::string& device_id,
                                                         base::ByteView channel_public_key,
                                                         base::ByteView channel_id) override;
  base::Result<base::SecretBytes> mac(std::string_view name, base::ByteView message) override;
  base::Result<std::vector<services::mss::EndedKey>> ended_keys() override;
  base::Status heard_ended(const std::vector<std::string>& key_ids) override;
  base::Status order_wipe(const std::string& device_id) override;
  base::Status end_key(const std::string& device_id, base::ByteView public_key) override;

 private:
  std::unique_ptr<keys::Module> module_;
};

// LocalVault has the key management centre's keys made and wrapped by the module.
class LocalVault final : public services::kmc::Vault {
 public:
  explicit LocalVault(LocalModule& module) : module_(module) {}
  base::Result<keys::EncryptionKey> make(std::string_view name) override;
  base::Result<services::kmc::Delivery> envelop(std::string_view name, base::ByteView sealed,
                                                const crypto::PublicKey& receiver) override;

 private:
  LocalModule& module_;
};

// LocalSigner signs with one service key of the module.
class LocalSigner final : public x509::Signer {
 public:
  LocalSigner(LocalModule& module, std::string name) : module_(module), name_(std::move(name)) {}
  x509::AlgorithmIdentifier algorithm() const override;
  base::Result<base::Bytes> sign(base::ByteView message) override;

 private:
  LocalModule& module_;
  std::string name_;
};

}  // namespace heqi::testing
