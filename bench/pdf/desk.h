// desk.h: files to sign and the keys to do it with. Figures are of whole signatures: prepare, the
// key, finish.
#pragma once
#include <memory>
#include <string>

#include <heqi/documents/sign/pending.h>
#include <heqi/testing/authority.h>

namespace heqi::bench {

// Desk is one signer with a certificate, RSA of 2048 bits or SM2.
class Desk {
 public:
  enum class Kind { rsa, sm2 };
  explicit Desk(Kind kind);

  // sign is what is appended to a file with the empty field "bench".
  base::Result<base::Bytes> sign(base::ByteView file) const;
  // sign_octets is the digest of the octets and the key's operation alone: no signer can do less.
  base::Result<base::Bytes> sign_octets(base::ByteView octets) const {
    return signer_->sign(octets);
  }
  const x509::Certificate& certificate() const { return certificate_; }
  const base::Bytes& key_der() const { return key_der_; }  // PKCS#8, of RSA only
  pki::Algorithms algorithms() const { return {*signatures_, digests_}; }

 private:
  std::unique_ptr<x509::Signer> signer_;
  x509::Certificate certificate_;
  base::Bytes key_der_;
  std::unique_ptr<x509::SignatureVerifier> signatures_;
  pki::FunctionDigester digests_;
  mutable testing::SeededRandom random_{1};
};

// with_image is a file of one page with a picture of so many octets, and an empty field.
base::Bytes with_image(std::size_t octets);
// with_objects is a file of so many objects, and an empty field.
base::Bytes with_objects(std::size_t count);

}  // namespace heqi::bench
