// heqi/base/tls_key.h: the private key of a TLS server is injected: who serves need not have it.
#pragma once
#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::base {

// TlsSignature is a form of what a handshake has signed (RFC 8446 §4.2.3, RFC 5246 §7.4.3).
enum class TlsSignature : std::uint8_t {
  ecdsa = 1,      // of a digest of SHA-256, SHA-384 or SHA-512, which its size tells
  rsa_pkcs1 = 2,  // the same, RSASSA-PKCS1-v1_5
  rsa_pss = 3,    // of a block as long as the modulus, padded already (EMSA-PSS)
};

// TlsKey signs the handshakes of a server. Thread-safe.
class TlsKey {
 public:
  virtual ~TlsKey() = default;
  // public_key is a SubjectPublicKeyInfo, DER.
  virtual Bytes public_key() const = 0;
  // sign fails with unsupported (a form that is not of this key), malformed (the size of content),
  // and, where the key is in another process, with unavailable and timeout.
  virtual Result<Bytes> sign(TlsSignature form, ByteView content) = 0;
};

}  // namespace heqi::base
