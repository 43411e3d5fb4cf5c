// heqi/services/acme/jws.h: the signed requests of ACME (RFC 8555 §6.2): JSON Web Signatures in
// flattened form (RFC 7515 §7.2.2) with ES256, ES384 or RS256.
#pragma once
#include <optional>
#include <string>

#include <heqi/http/json.h>
#include <heqi/x509/signature_verifier.h>

namespace heqi::services::acme {

inline constexpr std::size_t kRequestSizeMax = 65'536;  // octets of JSON

// WebKey is a public key as a client states it (RFC 7517).
struct WebKey {
  x509::PublicKeyInfo public_key;
  std::string thumbprint;  // RFC 7638: Base64url of the SHA-256 of its members
};
// parse_web_key takes EC keys on P-256 and P-384, and RSA. Fails with malformed; unsupported
// (another kind, a private key).
base::Result<WebKey> parse_web_key(const http::Json& json);

// Jws is a request taken apart. Exactly one of key and account_url is set.
struct Jws {
  std::string algorithm, nonce, url;
  std::optional<WebKey> key;
  std::string account_url;
  base::Bytes payload;  // empty: POST-as-GET
  std::string signed_text;
  base::Bytes signature;  // as JOSE writes it
};
// parse_jws fails with malformed, limit_exceeded; unsupported (the algorithm, a critical header).
base::Result<Jws> parse_jws(base::ByteView body);
// verify_jws checks the signature under key. Fails with invalid_signature; unsupported where key
// and algorithm do not belong together.
base::Status verify_jws(const Jws& jws, const x509::PublicKeyInfo& key);

}  // namespace heqi::services::acme
