// heqi/services/identity/signed_request.h: requests of applications, signed with SM2.
#pragma once
#include <string>

#include <heqi/base/fetch.h>
#include <heqi/crypto/sm2.h>
#include <heqi/http/request.h>
#include <heqi/x509/signer.h>

namespace heqi::services::identity {

// What is signed (SM2 with SM3, default signer id) is this text, lines ended by LF:
//   HEQI-SM2-1
//   application, key
//   method (upper case), path (as sent), query (as sent, without '?')
//   SM3 of the body, hexadecimal
//   time (seconds since 1970), nonce (16 to 64 characters of base64url)
// It travels in header fields; the signature is r‖s, 64 octets, in Base64.
inline constexpr std::string_view kApplicationField = "heqi-application";
inline constexpr std::string_view kKeyField = "heqi-key";
inline constexpr std::string_view kTimeField = "heqi-time";
inline constexpr std::string_view kNonceField = "heqi-nonce";
inline constexpr std::string_view kSignatureField = "heqi-signature";

struct SignedRequest {
  std::string application, key;
  std::string method, path, query;
  crypto::Digest body_digest{};
  std::int64_t time = 0;  // seconds since 1970
  std::string nonce;
  crypto::Signature signature;
};

// canonical_request is the text that is signed.
std::string canonical_request(const SignedRequest& request);

// read_signed_request takes the fields of an HTTP request. Fails with unauthenticated where one is
// missing or malformed.
base::Result<SignedRequest> read_signed_request(const http::Request& request);

// sign_request adds the fields to a request that is about to be sent.
base::Status sign_request(base::FetchRequest& request, const std::string& application,
                          const std::string& key_id, const crypto::PrivateKey& key, base::Time now,
                          base::Random& random);
// The same with an SM2 key that is kept elsewhere. Fails with what signer fails with.
base::Status sign_request(base::FetchRequest& request, const std::string& application,
                          const std::string& key_id, x509::Signer& signer, base::Time now,
                          base::Random& random);

}  // namespace heqi::services::identity
