// heqi/crypto/sm2_batch.h: many SM2 operations at once, for those who have many: each is a multiple
// faster than one by one where the processor works in lanes (dispatch.h, primitive "sm2_batch"),
// and somewhat faster everywhere. Results are those of sm2.h, item by item. Constant time in keys,
// nonces and shared secrets; the number of items and the lengths show.
#pragma once
#include <span>
#include <vector>

#include <heqi/crypto/sm2.h>

namespace heqi::crypto {

// BatchMessage is one message to sign. key and id outlive the call, message too.
struct BatchMessage {
  const PrivateKey* key;
  base::ByteView message;
  std::string_view id = kDefaultSignerId;
};
// BatchDigest is the same for e computed by message_digest.
struct BatchDigest {
  const PrivateKey* key;
  Digest e;
};

// sign_batch signs each message with its key and a nonce of its own, as sign does; Z_A is hashed
// once for each key and id that follow each other. All or nothing: fails with crypto_random_failed,
// or with internal where a check of the results finds a fault.
base::Result<std::vector<Signature>> sign_batch(std::span<const BatchMessage> messages,
                                                base::Random& random);
base::Result<std::vector<Signature>> sign_digest_batch(std::span<const BatchDigest> digests,
                                                       base::Random& random);

// BatchSignature is one signature to verify over the digest e.
struct BatchSignature {
  const PublicKey* key;
  Digest e;
  Signature signature;
};
// verify_batch gives the verdict of verify_digest on each one: every signature is verified by
// itself, so that a wrong one neither hides nor spoils another.
std::vector<base::Status> verify_batch(std::span<const BatchSignature> signatures);

// BatchPlain is one message to encrypt.
struct BatchPlain {
  const PublicKey* key;
  base::ByteView plain;
};
// encrypt_batch is encrypt for each; all or nothing.
base::Result<std::vector<Ciphertext>> encrypt_batch(std::span<const BatchPlain> messages,
                                                    base::Random& random);
// decrypt_batch is decrypt for each, each with its own result.
std::vector<base::Result<base::SecretBytes>> decrypt_batch(const PrivateKey& key,
                                                           std::span<const Ciphertext> ciphertexts);

}  // namespace heqi::crypto
