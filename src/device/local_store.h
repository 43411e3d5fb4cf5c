// local_store.h: the file of the local keys, and the services with one of them.
#pragma once
#include <heqi/base/file_store.h>
#include <heqi/device/local_services.h>

#include "state.h"

namespace heqi::device {

// LocalKey is one entry: d stands sealed, under the key that the two secrets make.
struct LocalKey {
  std::string name;
  base::Bytes public_key, sealed;
};

base::Result<std::vector<LocalKey>> load_local_keys(const base::FileStore& files);
base::Status erase_local_keys(base::FileStore& files);

// serve_local does request with the key centre's part of the secret. Fails with conflict (a name
// that is taken), not_found (a key, or an agreement that was begun), limit_exceeded,
// invalid_signature (another secret, or a changed file; a ciphertext that is not for this key; a
// signature or a confirmation that does not fit), crypto_not_on_curve.
base::Result<base::SecretBytes> serve_local(base::FileStore& files, const WrapKeys& keys,
                                            base::ByteView released, const LocalRequest& request,
                                            std::optional<BegunAgreement>& begun,
                                            base::Random& random);

}  // namespace heqi::device
