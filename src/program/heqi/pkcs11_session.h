// pkcs11_session.h: a token's library, and a session on one token. Private to the key.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <p11-kit/pkcs11.h>

#include <heqi/base/secret.h>

#include "pkcs11_uri.h"

namespace heqi::program {

// Pkcs11Session is signed in from open until its end; the library is initialised as long.
class Pkcs11Session {
 public:
  // open fails with not_found (library, token), conflict (several tokens match), denied (PIN),
  // unavailable.
  static base::Result<std::unique_ptr<Pkcs11Session>> open(const Pkcs11Uri& uri,
                                                           const base::SecretBytes& pin);
  ~Pkcs11Session();
  Pkcs11Session(const Pkcs11Session&) = delete;
  Pkcs11Session& operator=(const Pkcs11Session&) = delete;

  // find_key is the private key that uri names. Fails with not_found, conflict.
  base::Result<CK_OBJECT_HANDLE> find_key(const Pkcs11Uri& uri);
  // sign is C_Sign of data under mechanism. Fails with unavailable.
  base::Result<base::Bytes> sign(CK_OBJECT_HANDLE key, CK_MECHANISM_TYPE mechanism,
                                 base::ByteView data);

 private:
  Pkcs11Session() = default;
  base::Status load(const std::string& path);
  base::Result<CK_SLOT_ID> find_token(const Pkcs11Uri& uri);
  base::Status sign_in(CK_SLOT_ID slot, const base::SecretBytes& pin);

  void* library_ = nullptr;
  CK_FUNCTION_LIST_PTR functions_ = nullptr;  // once initialised
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
};

}  // namespace heqi::program
