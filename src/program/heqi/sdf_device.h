// sdf_device.h: a maker's library of GM/T 0018, loaded, with one session. Not thread-safe.
#pragma once
#include <memory>
#include <string>

#include <heqi/base/secret.h>
#include <heqi/crypto/sm2.h>

#include "sdf_interface.h"

namespace heqi::program {

class SdfDevice {
 public:
  // load fails with not_found (no such library), malformed (a function is missing), unavailable
  // (the device).
  static base::Result<std::unique_ptr<SdfDevice>> load(const std::string& library);
  ~SdfDevice();
  SdfDevice(const SdfDevice&) = delete;
  SdfDevice& operator=(const SdfDevice&) = delete;

  // open_session begins anew, with the right to use the key. Fails with not_found, denied,
  // unavailable.
  base::Status open_session(unsigned int key, const base::SecretBytes& password);
  base::Result<crypto::PublicKey> public_key(unsigned int key);
  // sign gives what the device gives: whether it holds is for the caller to see.
  base::Result<crypto::Signature> sign(unsigned int key, const crypto::Digest& e);

 private:
  SdfDevice() = default;
  base::Status find_functions(const std::string& library);
  void close_session();

  void *library_ = nullptr, *device_ = nullptr, *session_ = nullptr;
  SdfFunctions functions_{};
};

}  // namespace heqi::program
