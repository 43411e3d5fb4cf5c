// heqi/x509/signer.h: whoever can sign: a software key, the key centre, a token.
#pragma once
#include <string>

#include <heqi/crypto/sm2.h>
#include <heqi/x509/algorithm.h>

namespace heqi::x509 {

// Signer signs messages with one key.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual AlgorithmIdentifier algorithm() const = 0;
  // sign returns the signature octets as they go on the wire (of SM2: DER).
  virtual base::Result<base::Bytes> sign(base::ByteView message) = 0;
};

// SoftwareSm2Signer signs with an SM2 key in memory under the default id. random outlives it.
class SoftwareSm2Signer final : public Signer {
 public:
  SoftwareSm2Signer(crypto::PrivateKey key, base::Random& random)
      : key_(std::move(key)), random_(random) {}
  AlgorithmIdentifier algorithm() const override;
  base::Result<base::Bytes> sign(base::ByteView message) override;
  const crypto::PublicKey& public_key() const { return key_.public_key(); }

 private:
  crypto::PrivateKey key_;
  base::Random& random_;
};

}  // namespace heqi::x509
