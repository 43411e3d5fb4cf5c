// heqi/services/kmc/encryption_keys.h: where an authority has encryption keys made and given again:
// at its own centre (centre.h), or at another organisation's.
#pragma once
#include <heqi/base/result.h>
#include <heqi/crypto/sm2.h>
#include <heqi/x509/public_key_info.h>

namespace heqi::services::kmc {

// Delivery is an encryption key pair on its way: only the holder of the signature key opens it.
struct Delivery {
  x509::PublicKeyInfo public_key;
  base::Bytes enveloped_key;  // SM2EnvelopedKey (GB/T 35276 §7.4)
};

// RecoveryRequest asks for a key again. receiver is the signature key of the new device.
struct RecoveryRequest {
  std::string key_id, asked_by, reason;
  crypto::PublicKey receiver;
};

// EncryptionKeys is what an authority asks for. That a case is approved is the centre's own matter.
class EncryptionKeys {
 public:
  virtual ~EncryptionKeys() = default;

  // make makes the pair of id for a holder whose signature key is receiver; a repeat gives the same
  // pair again to the same receiver only. The wrapped backup is durable before the delivery leaves.
  // Fails with conflict (the id is another holder's or receiver's); unavailable, untrusted, denied
  // where the centre is another organisation's.
  virtual base::Result<Delivery> make(const std::string& id, const std::string& holder,
                                      const crypto::PublicKey& receiver) = 0;
  // ask_recovery opens a case and gives its id. not_found, malformed (nobody, no reason); denied
  // where the receiver's key is the encryption key itself.
  virtual base::Result<std::string> ask_recovery(const RecoveryRequest& request) = 0;
  // recover gives the key to the receiver that the case names, once per case; the same again gives
  // it to the same receiver until the case expires. Fails with denied (approvals missing), expired,
  // not_found.
  virtual base::Result<Delivery> recover(const std::string& recovery) = 0;
};

}  // namespace heqi::services::kmc
