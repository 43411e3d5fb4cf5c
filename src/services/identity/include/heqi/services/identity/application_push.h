// heqi/services/identity/application_push.h: tells an application something at the address that it
// registered (GB/T 38646 §8.1.2), until it says that it has heard.
#pragma once
#include <heqi/services/identity/application.h>
#include <heqi/services/identity/signed_push.h>

namespace heqi::services::identity {

// ApplicationPush posts JSON as a signed request of the platform's own. Thread-safe.
class ApplicationPush {
 public:
  ApplicationPush(Applications& applications, base::Fetch& fetch, SignedPush& push)
      : applications_(applications), fetch_(fetch), push_(push) {}

  // deliver tells json to the application; one without an address, or cancelled, is not told: that
  // is success. Fails as SignedPush::post does; with unavailable while it is suspended.
  base::Status deliver(const std::string& application_id, base::ByteView json);

 private:
  Applications& applications_;
  base::Fetch& fetch_;
  SignedPush& push_;
};

}  // namespace heqi::services::identity
