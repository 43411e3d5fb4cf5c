// heqi/services/identity/application_push.h: tells an application something at the address that it
// registered (GB/T 38646 §8.1.2), until it says that it has heard.
#pragma once
#include <heqi/base/fetch.h>
#include <heqi/services/identity/application.h>
#include <heqi/x509/signer.h>

namespace heqi::services::identity {

// ApplicationPush posts JSON as a signed request (signed_request.h) of the platform's own: key "1"
// of the application that the platform is. The receiver checks the signature, drops a message whose
// id it has seen, and answers 2xx. Thread-safe.
class ApplicationPush {
 public:
  // signer has the platform's application key; own_id is its application id.
  ApplicationPush(Applications& applications, base::Fetch& fetch, x509::Signer& signer,
                  std::string own_id, const base::Clock& clock, base::Random& random)
      : applications_(applications),
        fetch_(fetch),
        signer_(signer),
        own_id_(std::move(own_id)),
        clock_(clock),
        random_(random) {}

  // deliver tells json to the application; one without an address, or cancelled, is not told: that
  // is success. Fails with unavailable, timeout, untrusted or limit_exceeded where it did not
  // acknowledge (again later), with denied where it answers 410: never again.
  base::Status deliver(const std::string& application_id, base::ByteView json);

 private:
  Applications& applications_;
  base::Fetch& fetch_;
  x509::Signer& signer_;
  std::string own_id_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace heqi::services::identity
