// heqi/cosign/key_agreement.h: how device and key centre make the key d = d1·d2 − 1 that neither
// holds: P1 = [d1]G, P = [d2]P1 − G (GM/Y 5013 §5.3.3.2.2 3), with proofs on both sides.
#pragma once
#include <heqi/cosign/key_name.h>
#include <heqi/crypto/proofs.h>
#include <heqi/crypto/sm2.h>

namespace heqi::cosign {

// KeyContext is what both proofs are bound to. name.key_id is the key centre's fresh random
// challenge; device_key is the encoded public key (65 octets) with which the device signs its
// messages.
struct KeyContext {
  KeyName name;
  base::Bytes device_key;
};

// KeyInit is the device's message: P1 and the proof that it knows d1.
struct KeyInit {
  crypto::Point p1;
  crypto::SchnorrProof proof;  // of d1: P1 = [d1]G
};

// KeyInitAnswer is the key centre's message: P and the proof that it knows the d2 behind it.
struct KeyInitAnswer {
  crypto::PublicKey p;
  crypto::SchnorrProof proof;  // of d2: P + G = [d2]P1
};

// DeviceKey is what the device holds of a key. P1 and P2 are not kept: together with the encrypted
// d1 they would tell a right PIN from a wrong one.
struct DeviceKey {
  KeyName name;
  crypto::PublicKey p;
  crypto::SecretScalar d1;
};

// DeviceKeyAgreement is the device's side, between its message and the answer.
class DeviceKeyAgreement {
 public:
  // begin draws d1 and makes the message. Fails as check_key_name, and with crypto_random_failed.
  static base::Result<DeviceKeyAgreement> begin(KeyContext context, base::Random& random);
  // resume goes on with a d1 that was stored before the message left.
  static base::Result<DeviceKeyAgreement> resume(KeyContext context, crypto::SecretScalar d1,
                                                 base::Random& random);
  const KeyInit& message() const { return message_; }
  const crypto::SecretScalar& d1() const { return d1_; }
  // finish checks the answer: crypto_proof_invalid where the key centre does not show its share.
  // The key is not to be used before a first signature of it has verified (the CSR is that).
  base::Result<DeviceKey> finish(const KeyInitAnswer& answer) &&;

 private:
  DeviceKeyAgreement(KeyContext context, crypto::SecretScalar d1, KeyInit message)
      : context_(std::move(context)), d1_(std::move(d1)), message_(std::move(message)) {}
  KeyContext context_;
  crypto::SecretScalar d1_;
  KeyInit message_;
};

// AgreedKey is what the key centre keeps: P1 only encrypted, P in the open.
struct AgreedKey {
  crypto::Point p1;
  KeyInitAnswer answer;
};

// agree_on_key is the key centre's side. Fails with crypto_proof_invalid for a P1 whose d1 the
// device does not show for exactly this context, with crypto_not_on_curve for P = O.
base::Result<AgreedKey> agree_on_key(const KeyContext& context, const KeyInit& init,
                                     const crypto::SecretScalar& d2, base::Random& random);

}  // namespace heqi::cosign
