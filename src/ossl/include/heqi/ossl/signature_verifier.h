// heqi/ossl/signature_verifier.h: signatures of foreign certificates and time-stamps.
#pragma once
#include <memory>

#include <heqi/x509/signature_verifier.h>

namespace heqi::ossl {

// Keys that are looked at; docs/limits.md.
inline constexpr int kRsaBitsMin = 2048, kRsaBitsMax = 8192;

// make_signature_verifier knows SM2 with SM3 (by own code, see x509), RSA with PKCS#1 v1.5 and PSS,
// and ECDSA on P-256, P-384 and P-521, each with SHA-256, SHA-384 and SHA-512 (RFC 4055, RFC 5758).
// SHA-1, explicit curve parameters and RSA keys outside 2048…8192 bits fail with unsupported. Safe
// for use by several threads.
std::unique_ptr<x509::SignatureVerifier> make_signature_verifier();

}  // namespace heqi::ossl
