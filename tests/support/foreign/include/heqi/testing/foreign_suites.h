// heqi/testing/foreign_suites.h: the suites of the rest of the world, for the Authority of
// heqi/testing/authority.h: RSA of 2048 bits with SHA-256, ECDSA on P-256 with SHA-256.
#pragma once
#include <heqi/testing/authority.h>

namespace heqi::testing {

// Keys are drawn from OpenSSL's random source, so runs differ. RSA keys are made once for each
// program and given out again in turn: an authority with its parties needs fewer than there are.
const Suite& rsa_suite();
const Suite& ecdsa_suite();

// new_rsa_key_pem is a key of its own, in the clear, for programs that read files.
std::string new_rsa_key_pem();
std::string new_p256_key_pem();

}  // namespace heqi::testing
