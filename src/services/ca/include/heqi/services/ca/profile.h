// heqi/services/ca/profile.h: what certificates of each kind hold (GB/T 20518, RFC 5280).
#pragma once
#include <heqi/base/random.h>
#include <heqi/x509/certificate_builder.h>

namespace heqi::services::ca {

enum class Profile { root, issuing, status_responder, time_stamp_authority, application, person };

// Locations are where relying parties find status; written into every certificate below the root.
struct Locations {
  std::string crl, ocsp, issuer_certificate;  // http URLs; empty ones are left out
};

// Wanted is what a certificate is to say.
struct Wanted {
  Profile profile;
  x509::Name subject;
  x509::PublicKeyInfo public_key;
  base::Time not_before, not_after;
  std::vector<x509::Extension> identity;  // of persons: Chinese identity extensions, may be empty
};

// make_serial draws 16 octets with the highest bit clear and not zero.
base::Result<base::Bytes> make_serial(base::Random& random);

// make_body fills in the extensions of the profile. issuer is nullptr for a root. Fails with
// malformed where the validity is not inside the issuer's, or the key is not SM2.
base::Result<x509::CertificateBody> make_body(const Wanted& wanted, const x509::Certificate* issuer,
                                              const Locations& locations, base::Bytes serial);

}  // namespace heqi::services::ca
