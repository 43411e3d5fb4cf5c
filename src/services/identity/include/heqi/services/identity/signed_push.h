// heqi/services/identity/signed_push.h: posts a signed request (signed_request.h) of the platform's
// own, under key "1" of the application that the platform is.
#pragma once
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/fetch.h>
#include <heqi/base/random.h>
#include <heqi/x509/signer.h>

namespace heqi::services::identity {

inline constexpr std::size_t kPushUrlSizeMax = 500;

// check_push_url takes https://…, and http:// to this host only: what is told does not cross a
// network unprotected. Fails with malformed.
base::Status check_push_url(std::string_view url);

// SignedPush signs and posts. The receiver checks the signature, drops a message whose id it has
// seen, and answers 2xx; what else it says is not read. Thread-safe.
class SignedPush {
 public:
  // signer has the platform's application key; own_id is its application id.
  SignedPush(x509::Signer& signer, std::string own_id, const base::Clock& clock,
             base::Random& random)
      : signer_(signer), own_id_(std::move(own_id)), clock_(clock), random_(random) {}

  // post sends request (URL, type, body, timeout) through fetch; receiver names it in errors. Fails
  // with unavailable, timeout, untrusted or limit_exceeded where it did not acknowledge (again
  // later), with denied where it answers 410: never again.
  base::Status post(base::Fetch& fetch, base::FetchRequest request, const std::string& receiver);

 private:
  x509::Signer& signer_;
  std::string own_id_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace heqi::services::identity
