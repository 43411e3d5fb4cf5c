// heqi/services/mobile/proofs.h: what an MSD proves to the certificate authority through the mobile
// signature service, so that nobody between them can exchange the request (GB/T 38646 §6.2.2 g,
// §6.2.3 f, §6.2.4 a).
#pragma once
#include <string_view>

#include <heqi/base/bytes.h>
#include <heqi/crypto/sm3.h>
#include <heqi/device/certificate_messages.h>

namespace heqi::services::mobile {

// code_key is SM3 of label, acceptance id and authorisation code: what the authority keeps of the
// code.
crypto::Digest code_key(std::string_view acceptance, std::string_view code);
// proof_of_code is HMAC-SM3 under code_key over the flow's id and SM3 of the request. The code
// itself never leaves the MSD.
crypto::Digest proof_of_code(base::ByteView code_key, std::string_view flow, base::ByteView csr);

// What the old key signs in an update, and a person's own key to end its certificate.
using device::revocation_statement;
using device::update_statement;

}  // namespace heqi::services::mobile
