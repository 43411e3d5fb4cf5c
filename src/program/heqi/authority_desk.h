// authority_desk.h: how certificates are come by under a served authority: the registration desk
// with EST and ACME, and the key management centre.
#pragma once
#include <heqi/api/enrolment.h>
#include <heqi/http/client.h>
#include <heqi/keys/module_client.h>
#include <heqi/services/ca/hierarchy.h>
#include <heqi/services/kmc/centre.h>
#include <heqi/services/mobile/certificate_flows.h>

#include "certificate_desk.h"
#include "external_authorities.h"

namespace heqi::program {

// ModuleVault has the key management centre's keys made and wrapped by heqi-module.
class ModuleVault final : public services::kmc::Vault {
 public:
  explicit ModuleVault(keys::ModuleClient& module) : module_(module) {}
  base::Result<keys::EncryptionKey> make(std::string_view name) override;
  base::Result<services::kmc::Delivery> envelop(std::string_view name, base::ByteView sealed,
                                                const crypto::PublicKey& receiver) override;

 private:
  keys::ModuleClient& module_;
};

// make_key_pair makes the encryption key and certificate that go with a signature certificate, and
// gives the answer after GM/T 0092. A repeat gives the same pair. Fails with not_found, revoked,
// conflict, and as issuing does.
base::Result<base::Bytes> make_key_pair(services::ca::Authority& authority,
                                        services::ca::Register& books,
                                        services::kmc::EncryptionKeys& keys,
                                        base::ByteView signature_serial);

// MobileIssuer certifies for mobile signature services (GB/T 38646 §8.3).
class MobileIssuer final : public services::mobile::Issuer {
 public:
  MobileIssuer(services::ca::Authority& authority, services::ca::Register& books,
               const services::ca::Hierarchy& hierarchy, const base::Clock& clock)
      : authority_(authority), books_(books), hierarchy_(hierarchy), clock_(clock) {}
  base::Result<Issued> issue(const std::string& request_id, const std::string& holder,
                             base::ByteView subject, base::ByteView csr) override;
  base::Status publish(base::ByteView serial) override;
  base::Status supersede(base::ByteView old_serial, base::ByteView fresh_serial) override;
  base::Status withdraw(const std::string& request_id) override;
  base::Status revoke(base::ByteView serial, pki::RevocationReason reason) override;
  base::Result<base::Bytes> certificate(base::ByteView serial) override;
  base::Status check_in_force(base::ByteView serial) override;

 private:
  services::ca::Authority& authority_;
  services::ca::Register& books_;
  const services::ca::Hierarchy& hierarchy_;
  const base::Clock& clock_;
};

// AuthorityWorld is what the desk of an authority stands on.
struct AuthorityWorld {
  sql::Database& database;
  services::ca::Authority& authority;
  const services::ca::Hierarchy& hierarchy;
  const services::ca::Profiles& profiles;
  ExternalAuthorities& external;
  base::FileStore& evidence_files;
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
};

// ChallengeOptions say where ACME looks for the answers to its challenges (http-01). Whoever may
// order could else have this server ask its own network.
struct ChallengeOptions {
  std::uint16_t port = 80;
  http::Addresses addresses = http::Addresses::public_only;
};
base::Result<http::Addresses> parse_challenge_addresses(std::string_view text);  // "public", "any"

// EnrolmentOffice holds the register, the desk, and the EST and ACME servers over it.
class EnrolmentOffice {
 public:
  // public_url is that of the TLS origin: https://…
  EnrolmentOffice(const AuthorityWorld& world, const std::string& public_url,
                  const ChallengeOptions& challenges);

  // add_routes adds /.well-known/est/… and /acme/… of a TLS origin.
  void add_routes(http::Router& router);
  services::ca::Register& books() { return books_; }
  services::ra::Desk& desk() { return desk_; }
  KeptEvidence& evidence() { return evidence_; }

 private:
  services::ca::Register books_;
  RegisteredIssuer own_issuer_;
  RoutedIssuer issuer_;
  KeptEvidence evidence_;
  services::ra::Desk desk_;
  ServerIssuer server_issuer_;
  http::CurlFetch challenge_fetch_;
  services::acme::Server acme_;
  api::EstParts est_;
};

}  // namespace heqi::program
