// heqi/x509/identity.h: who somebody is, in a certificate or in a request for one (GB/T 20518).
#pragma once
#include <heqi/x509/extension.h>

namespace heqi::x509 {

// identities_in gives the Chinese identity extensions among extensions, in their order.
std::vector<IdentityExtension> identities_in(const std::vector<Extension>& extensions);

}  // namespace heqi::x509
