// sm2_shared_point.h: what both sides of SM2 encryption (GB/T 32918.4 §6.1 A5 to A7, §7.1 B4 to B7)
// make of the point that they share, one by one or in batches. Names are the standard's.
#pragma once
#include <heqi/crypto/sm2.h>

namespace heqi::crypto::internal {

using SharedCoordinates = base::SecretArray<64>;  // x2 || y2

// SharedSecret is x2 || y2 and the key stream t derived from it.
struct SharedSecret {
  SharedCoordinates coordinates;
  base::SecretBytes stream;
};
SharedSecret derive(SharedCoordinates coordinates, std::size_t size);

// is_usable: t is not all zero, which the standard asks for and branches on.
bool is_usable(const SharedSecret& shared);

// encrypt_with_shared puts C2 and C3 beside C1; the stream is as long as plain.
void encrypt_with_shared(Ciphertext& out, const SharedSecret& shared, base::ByteView plain);

// check_form fails with crypto_not_on_curve where C1 is infinity, malformed where C2 is empty.
base::Status check_form(const Ciphertext& ciphertext);

// decrypt_with_shared fails with invalid_signature where C3 does not fit or t is all zero.
base::Result<base::SecretBytes> decrypt_with_shared(const Ciphertext& ciphertext,
                                                    const SharedSecret& shared);

}  // namespace heqi::crypto::internal
