// certificate_desk.h: the registration authority's and the ACME server's ports, answered by an
// authority.
#pragma once
#include <heqi/base/file_store.h>
#include <heqi/services/acme/server.h>
#include <heqi/services/ca/register.h>
#include <heqi/services/ra/desk.h>

namespace heqi::program {

// RegisteredIssuer certifies what the desk approved. The evidence of events stands in the
// certificate by its hash.
class RegisteredIssuer final : public services::ra::Issuer {
 public:
  explicit RegisteredIssuer(services::ca::Authority& authority) : authority_(authority) {}
  base::Result<base::Bytes> issue(const services::ra::Application& application,
                                  base::ByteView csr) override;

 private:
  services::ca::Authority& authority_;
};

// KeptEvidence is evidence in a folder, each piece under the SM3 of its octets: it is hashed again
// at every check.
class KeptEvidence final : public services::ra::EvidenceCheck {
 public:
  explicit KeptEvidence(base::FileStore& files) : files_(files) {}
  // keep stores a piece and gives its digest.
  base::Result<base::Bytes> keep(base::ByteView content);
  base::Status check(const services::ra::Application& application) override;

 private:
  base::FileStore& files_;
};

// policies_of asks the profiles of an authority who reviews. Profiles of authorities and services
// are not applied for (denied).
services::ra::Policies policies_of(const services::ca::Profiles& profiles);

// ServerIssuer certifies the names that an ACME client proved.
class ServerIssuer final : public services::acme::Issuer {
 public:
  // chain is what stands above a certificate: the issuing CA's, without the root.
  ServerIssuer(services::ca::Authority& authority, services::ca::Register& books,
               std::vector<x509::Certificate> chain)
      : authority_(authority), books_(books), chain_(std::move(chain)) {}
  base::Result<Issued> issue(const std::string& order, const std::string& account,
                             const std::vector<std::string>& names, base::ByteView csr) override;
  base::Result<std::string> chain_of(base::ByteView serial) override;
  base::Status revoke(base::ByteView serial, std::int64_t reason) override;

 private:
  services::ca::Authority& authority_;
  services::ca::Register& books_;
  std::vector<x509::Certificate> chain_;
};

}  // namespace heqi::program
