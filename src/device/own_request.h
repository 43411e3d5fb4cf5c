// own_request.h: a certificate request for the joint key itself, told from everything else: with it
// the person applies at any certificate authority, and both halves have signed it.
#pragma once
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>
#include <heqi/crypto/sm2.h>

namespace heqi::device {

// read_own_request gives the subject, for the person to see. Fails with unsupported where octets
// are no CertificationRequestInfo, or one that says more than subject and key, which would not be
// shown; with denied where the key is another one.
base::Result<std::string> read_own_request(base::ByteView octets, const crypto::PublicKey& own);

}  // namespace heqi::device
