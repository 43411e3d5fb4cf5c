// heqi/keys/service_keys.h: the keys of the services (CA, OCSP, TSA, application, channels). They
// are made here, sealed in the module's database, and sign only what their purpose names.
#pragma once
#include <map>
#include <mutex>

#include <heqi/base/clock.h>
#include <heqi/crypto/sm2.h>
#include <heqi/keys/module_protocol.h>
#include <heqi/keys/sealing.h>
#include <heqi/sql/database.h>

namespace heqi::keys {

// check_purpose refuses with denied a message that a key of this purpose may not sign: the module
// parses the outer form, so that no caller can have one key sign another kind of object.
base::Status check_purpose(Purpose purpose, base::ByteView message);
// check_application_data refuses with denied what certificate authority, OCSP and time-stamp
// service sign, for keys of applications.
base::Status check_application_data(base::ByteView message);

class ServiceKeys {
 public:
  ServiceKeys(sql::Database& database, const WrappingKey& wrapping, base::Random& random,
              const base::Clock& clock)
      : database_(database), wrapping_(wrapping), random_(random), clock_(clock) {}

  // make draws a key and stores it sealed. Fails with conflict where the name is taken.
  base::Result<MadeKey> make(const MakeKeyRequest& request);
  base::Result<base::Bytes> public_key(std::string_view name);
  // sign returns the DER SM2Signature. Fails with not_found, denied (purpose, wrong passphrase).
  base::Result<base::Bytes> sign(const SignRequest& request);
  // mac is HMAC-SM3(key of this name, message); the key is made at first use. NAME/LABEL is a key
  // of its own, HMAC-SM3(key of NAME, LABEL). Fails with denied for a NAME whose MACs are keys
  // (kIdentityMac).
  base::Result<base::Bytes> mac(const NamedOctets& request);
  base::Result<base::Bytes> seal(const NamedOctets& request);
  base::Result<base::SecretBytes> open(const NamedOctets& request);
  // make_encryption_key draws a key and seals it as seal does; envelop gives it to a receiver
  // alone, and fails as open does.
  base::Result<EncryptionKey> make_encryption_key(const std::string& name);
  base::Result<EncryptionKey> envelop(const EnvelopRequest& request);
  // open_key opens a key of this purpose that the wrapping key protects. Fails with not_found,
  // denied (of another purpose).
  base::Result<crypto::PrivateKey> open_key(const std::string& name, Purpose purpose);
  // remove erases such a key; fails as open_key does.
  base::Status remove(const std::string& name, Purpose purpose);
  // private_key serves what the module itself does with a key: its channel and its sealing key.
  base::Result<const crypto::PrivateKey*> private_key(const std::string& name);

 private:
  struct Opened {
    Purpose purpose;
    crypto::PrivateKey key;
  };
  base::Result<const Opened*> open_cached(const std::string& name);
  base::Result<base::SecretBytes> mac_key(const std::string& name);

  sql::Database& database_;
  const WrappingKey& wrapping_;
  base::Random& random_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Opened, std::less<>> opened_;  // keys that the wrapping key protects
};

}  // namespace heqi::keys
