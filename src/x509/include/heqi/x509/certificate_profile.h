// heqi/x509/certificate_profile.h: does a certificate keep to GB/T 20518 with SM2 keys (and to RFC
// 5280, on which it stands)? Asked by an authority before it issues, and by tests; verification of
// foreign certificates is the path's subject and more tolerant.
#pragma once
#include <string>
#include <vector>

#include <heqi/x509/certificate.h>

namespace heqi::x509 {

// ProfileRole says what the certificate is for.
enum class ProfileRole : std::uint8_t { root, authority, end_entity };

// find_profile_faults names every deviation in English; empty: none. It looks at version, serial,
// algorithms, names, times, key, the presence, criticality and coherence of the standard
// extensions, and that the signed octets are the one DER form of what they say.
std::vector<std::string> find_profile_faults(const Certificate& certificate, ProfileRole role);

}  // namespace heqi::x509
