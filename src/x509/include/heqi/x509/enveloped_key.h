// heqi/x509/enveloped_key.h: SM2EnvelopedKey (GB/T 35276 §7.4): an encryption key pair that the
// key management centre made, on its way to the one who holds the signature key.
#pragma once
#include <heqi/x509/sm2_encoding.h>

namespace heqi::x509 {

inline constexpr std::size_t kEnvelopedKeySizeMax = 4'096;  // octets of DER

// seal_enveloped_key encrypts key for receiver: a fresh SM4 key encrypts d in ECB mode (two blocks,
// the standard leaves padding open, so none), and receiver's SM2 key encrypts the SM4 key. Fails
// with crypto_random_failed.
base::Result<base::Bytes> seal_enveloped_key(const crypto::PrivateKey& key,
                                             const crypto::PublicKey& receiver,
                                             base::Random& random);

// open_enveloped_key is what the receiver does. Fails with malformed, limit_exceeded,
// crypto_not_on_curve; unsupported (another symmetric algorithm); invalid_signature where it was
// made for another receiver or changed: the public key that is stated must be that of the key
// found.
base::Result<crypto::PrivateKey> open_enveloped_key(base::ByteView der,
                                                    const crypto::PrivateKey& receiver);

// stated_public_key is whose private key is said to be inside: what one in between can see,
// unproven. Fails with malformed, limit_exceeded, crypto_not_on_curve.
base::Result<crypto::PublicKey> stated_public_key(base::ByteView der);

}  // namespace heqi::x509
