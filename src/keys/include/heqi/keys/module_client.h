// heqi/keys/module_client.h: the key centre as its callers see it: a process behind a local socket.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include <heqi/base/local_socket.h>
#include <heqi/device/local_keys.h>
#include <heqi/keys/administration.h>
#include <heqi/keys/module_protocol.h>
#include <heqi/x509/signer.h>

namespace heqi::keys {

// ModuleClient keeps connections to heqi-module and may be used from any thread.
class ModuleClient {
 public:
  explicit ModuleClient(std::string socket_path) : path_(std::move(socket_path)) {}

  base::Result<ModuleStatus> status();
  base::Result<ModuleStatus> self_test();
  // administer does an act of the administrator and gives its answer; sign_in gives the token.
  base::Result<base::Bytes> administer(const Administration& asked);
  base::Result<base::SecretBytes> sign_in(base::ByteView password);
  // make_key makes a service key. Fails with conflict where the name is taken.
  base::Result<MadeKey> make_key(const MakeKeyRequest& request);
  base::Result<base::Bytes> public_key(std::string_view name);  // 04 || X || Y
  // use_application_key does one service with a key of an application: ApplicationKeys::serve.
  base::Result<base::SecretBytes> use_application_key(const device::LocalRequest& request);
  base::Result<base::Bytes> sign(const SignRequest& request);
  // mac is HMAC-SM3 under a key that never leaves the module.
  base::Result<base::Bytes> mac(std::string_view name, base::ByteView message);
  // seal and open_sealed keep short secrets of the service that must not stand in its database.
  base::Result<base::Bytes> seal(std::string_view name, base::ByteView secret);
  base::Result<base::SecretBytes> open_sealed(std::string_view name, base::ByteView blob);
  // make_encryption_key and envelop: those of ServiceKeys; receiver is 04 || X || Y.
  base::Result<EncryptionKey> make_encryption_key(std::string_view name);
  base::Result<EncryptionKey> envelop(const EnvelopRequest& request);
  base::Result<KeyCentreEnds> bind_device(const DeviceBinding& binding);
  // device_message relays one envelope of a device to the key centre, unread, and brings the
  // answer.
  base::Result<base::Bytes> device_message(base::ByteView envelope);
  base::Status revoke_share(std::string_view key_id);
  // end_key ends the share of one key of a device; not_found where it has no such key.
  base::Status end_key(std::string_view device_id, base::ByteView public_key);
  // order_wipe ends the shares of a lost device and has it erase its own when it comes back.
  base::Status order_wipe(std::string_view device_id);
  base::Result<KeyStatus> key_status(std::string_view key_id);
  // ended_keys and heard_ended: JointKeys::ended and heard.
  base::Result<std::vector<EndedKey>> ended_keys();
  base::Status heard_ended(const std::vector<std::string>& key_ids);

 private:
  base::Result<base::Bytes> call(Operation operation, base::Bytes body);
  enum class AfterLoss { fails, again };  // where the module died after it had the request
  base::Result<base::Bytes> exchange(base::ByteView request, AfterLoss after_loss);
  base::Result<base::LocalConnection> take_connection();

  std::string path_;
  std::mutex mutex_;
  std::vector<base::LocalConnection> idle_;
};

// ModuleSigner signs with one service key of the module. client outlives it.
class ModuleSigner final : public x509::Signer {
 public:
  // make fetches the public key. passphrase is for keys that one protects.
  static base::Result<std::unique_ptr<ModuleSigner>> make(ModuleClient& client, std::string name,
                                                          base::SecretBytes passphrase = {});
  x509::AlgorithmIdentifier algorithm() const override;
  base::Result<base::Bytes> sign(base::ByteView message) override;
  const base::Bytes& public_key() const { return public_key_; }

 private:
  ModuleSigner(ModuleClient& client, std::string name, base::SecretBytes passphrase,
               base::Bytes public_key)
      : client_(client),
        name_(std::move(name)),
        passphrase_(std::move(passphrase)),
        public_key_(std::move(public_key)) {}

  ModuleClient& client_;
  std::string name_;
  base::SecretBytes passphrase_;
  base::Bytes public_key_;
};

}  // namespace heqi::keys
