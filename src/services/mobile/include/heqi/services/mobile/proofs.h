// heqi/services/mobile/proofs.h: what an MSD proves to the certificate authority through the mobile
// signature service, so that nobody between them can exchange the request (GB/T 38646 §6.2.2 g,
// §6.2.3 f, §6.2.4 a).
#pragma once
#include <string_view>

#include <heqi/base/bytes.h>
#include <heqi/crypto/sm3.h>

namespace heqi::services::mobile {

// code_key is SM3 of label, acceptance id and authorisation code: what the authority keeps of the
// code.
crypto::Digest code_key(std::string_view acceptance, std::string_view code);
// proof_of_code is HMAC-SM3 under code_key over the flow's id and SM3 of the request. The code
// itself never leaves the MSD.
crypto::Digest proof_of_code(base::ByteView code_key, std::string_view flow, base::ByteView csr);

// update_statement is what the old key signs in an update: DER SEQUENCE { UTF8String "heqi update",
// UTF8String flow, OCTET STRING nonce, OCTET STRING SM3(csr) }. The seed signs the nonce alone;
// with the request inside, the nonce's signature cannot be put beside another request.
base::Bytes update_statement(std::string_view flow, base::ByteView nonce, base::ByteView csr);
// revocation_statement is what a person's own key signs to end its certificate: DER SEQUENCE {
// UTF8String "heqi revoke", OCTET STRING serial, INTEGER reason }.
base::Bytes revocation_statement(base::ByteView serial, std::int64_t reason);

}  // namespace heqi::services::mobile
