// heqi/api/authority.h: the desk of a certificate authority: applications and their review, the
// register, suspending and revoking, the kill switch, encryption keys and their recovery.
#pragma once
#include <heqi/api/api.h>
#include <heqi/services/ca/register.h>
#include <heqi/services/kmc/centre.h>
#include <heqi/services/kmc/served_authorities.h>
#include <heqi/services/mobile/certificate_flows.h>
#include <heqi/services/ra/desk.h>

namespace heqi::api {

// AuthorityParts live longer than the router.
struct AuthorityParts {
  services::ca::Authority& authority;
  services::ca::Register& books;
  services::ra::Desk& desk;
  services::kmc::EncryptionKeys& keys;  // of this authority: the centre's here, or elsewhere
  services::kmc::Centre& centre;
  services::kmc::ServedAuthorities& served;
  services::mobile::Connections& connections;
  services::mobile::Acceptances& acceptances;
  services::mobile::CertificateFlows& flows;
  std::function<base::Result<base::Bytes>(base::ByteView content)> keep_evidence;  // → its SM3
  // make_pair gives the second half of the pair of a signature certificate: GM/T 0092's answer.
  std::function<base::Result<base::Bytes>(base::ByteView signature_serial)> make_pair;
};

// add_authority_routes adds /api/v1/ca/…, with GB/T 38646 §8.3 under /api/v1/ca/mobile/…, where a
// mobile signature service is an application with signed requests. Operators and administrators
// apply, review, suspend, release and revoke; administrators alone end many at once, turn the kill
// switch, approve recoveries and say which other authorities the key management centre serves;
// auditors look. Everybody else is denied.
void add_authority_routes(http::Router& router, Services& services, AuthorityParts& parts);

}  // namespace heqi::api
