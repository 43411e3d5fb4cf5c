// issuers.h: the simple questions between a certificate and its issuer that lists, status answers
// and paths share.
#pragma once
#include <heqi/pki/algorithms.h>
#include <heqi/x509/certificate.h>

namespace heqi::pki {

// key_identifier_fits: where both sides state an identifier, they are equal.
bool key_identifier_fits(base::ByteView authority_key_identifier, const x509::Certificate& issuer);
// verify_issued checks the name chain and the signature, nothing else.
base::Status verify_issued(const x509::Certificate& certificate, const x509::Certificate& issuer,
                           const Algorithms& algorithms);

}  // namespace heqi::pki
