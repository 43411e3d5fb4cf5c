// heqi/keys/application_keys.h: keys of applications on the server, by the same services that a
// terminal's module offers (device/local_keys.h): generation, export of the public key, signature,
// decryption, key agreement; they never leave the module. Who may connect to the module may use
// them: the lock is its socket, there is no PIN.
#pragma once
#include <map>
#include <mutex>

#include <heqi/device/local_services.h>
#include <heqi/keys/service_keys.h>

namespace heqi::keys {

class ApplicationKeys {
 public:
  ApplicationKeys(ServiceKeys& keys, base::Random& random) : keys_(keys), random_(random) {}

  // serve does one service; its result may be secret (a plain text, an agreed key). A key has one
  // agreement begun at a time, in memory. Fails as device::serve_with_key, and with conflict (a
  // name that is taken), not_found, denied (a key of another purpose; data that only an authority
  // signs), unsupported (seals: they take a joint key).
  base::Result<base::SecretBytes> serve(const device::LocalRequest& request);

 private:
  base::Result<base::SecretBytes> use(const device::LocalRequest& request);
  std::optional<device::BegunAgreement> take_begun(const std::string& name);
  void keep_begun(device::BegunAgreement begun);

  ServiceKeys& keys_;
  base::Random& random_;
  std::mutex mutex_;
  std::map<std::string, device::BegunAgreement> begun_;  // by the key's name
};

}  // namespace heqi::keys
