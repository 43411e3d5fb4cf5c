#include "authority_desk.h"

#include <heqi/base/text.h>
#include <heqi/pki/certificate_response.h>
#include <heqi/services/mss/ports.h>

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

// sealed_name keeps the centre's names apart from others' that the module seals for this process.
std::string sealed_name(std::string_view name) {
  return "kmc:" + std::string(name);
}

// holder_at_authority is under whose name a certificate is registered: persons of this
// installation's own service stand there by their own id (EmbeddedAuthority).
std::string holder_at_authority(const std::string& holder) {
  const std::string own = "mobile:" + std::string(services::mss::kServiceId) + ":";
  return holder.starts_with(own) ? holder.substr(own.size()) : holder;
}

}  // namespace

Result<keys::EncryptionKey> ModuleVault::make(std::string_view name) {
  return module_.make_encryption_key(sealed_name(name));
}

Result<services::kmc::Delivery> ModuleVault::envelop(std::string_view name, base::ByteView sealed,
                                                     const crypto::PublicKey& receiver) {
  HEQI_TRY(keys::EncryptionKey key, module_.envelop({sealed_name(name), base::to_bytes(sealed),
                                                     base::to_bytes(receiver.encode())}));
  return services::kmc::delivery_of(std::move(key));
}

Result<base::Bytes> make_key_pair(services::ca::Authority& authority, services::ca::Register& books,
                                  services::kmc::EncryptionKeys& keys,
                                  base::ByteView signature_serial) {
  HEQI_TRY(const base::Bytes der, books.certificate(signature_serial));
  HEQI_TRY(const x509::Certificate signature, x509::parse_certificate(der));
  HEQI_TRY(const crypto::PublicKey receiver, signature.public_key().sm2_key());
  const std::string holder = base::to_hex(signature.serial()), id = "pair-" + holder;
  HEQI_TRY(const services::kmc::Delivery delivery, keys.make(id, holder, receiver));
  HEQI_TRY(const x509::Certificate encryption,
           authority.issue_encryption({.request_id = id,
                                       .signature_serial = signature.serial(),
                                       .public_key = delivery.public_key}));
  HEQI_TRY(authority.publish(encryption.serial()));
  return pki::encode_certificate_response({.signature = {signature},
                                           .enveloped_key = delivery.enveloped_key,
                                           .encryption = {encryption}});
}

Result<services::mobile::Issuer::Issued> MobileIssuer::issue(const std::string& request_id,
                                                             const std::string& holder,
                                                             base::ByteView subject,
                                                             base::ByteView csr) {
  HEQI_TRY(x509::Name name, x509::Name::parse(subject));
  HEQI_TRY(const x509::Certificate certificate,
           authority_.issue({.request_id = request_id,
                             .holder = holder_at_authority(holder),
                             .subject = std::move(name),
                             .csr = base::to_bytes(csr)}));
  return Issued{
      .serial = certificate.serial(),
      .certificate = base::to_bytes(certificate.der()),
      .chain = {base::to_bytes(hierarchy_.issuing.der()), base::to_bytes(hierarchy_.root.der())}};
}

base::Status MobileIssuer::publish(base::ByteView serial) {
  return authority_.publish(serial);
}

base::Status MobileIssuer::supersede(base::ByteView old_serial, base::ByteView fresh_serial) {
  return authority_.supersede(old_serial, fresh_serial);
}

base::Status MobileIssuer::withdraw(const std::string& request_id) {
  return authority_.withdraw(request_id);
}

base::Status MobileIssuer::revoke(base::ByteView serial, pki::RevocationReason reason) {
  return authority_.revoke(serial, reason);
}

Result<base::Bytes> MobileIssuer::certificate(base::ByteView serial) {
  return books_.certificate(serial);
}

base::Status MobileIssuer::check_in_force(base::ByteView serial) {
  using State = services::ca::Standing::State;
  HEQI_TRY(const services::ca::Standing standing, authority_.standing(serial));
  if (standing.state == State::revoked) return base::fail(Code::revoked);
  if (standing.state == State::unknown) return base::fail(Code::not_found, base::to_hex(serial));
  HEQI_TRY(const base::Bytes der, books_.certificate(serial));
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  if (clock_.now() > certificate.not_after()) return base::fail(Code::expired);
  return {};
}

Result<http::Addresses> parse_challenge_addresses(std::string_view text) {
  if (text == "public") return http::Addresses::public_only;
  if (text == "any") return http::Addresses::any;
  return base::fail(Code::malformed, "addresses of challenges are \"public\" or \"any\"");
}

EnrolmentOffice::EnrolmentOffice(const AuthorityWorld& world, const std::string& public_url,
                                 const ChallengeOptions& challenges)
    : books_(world.database, world.authority, world.clock, world.log),
      own_issuer_(world.authority),
      issuer_(own_issuer_, world.external, world.database, world.clock),
      evidence_(world.evidence_files),
      desk_(world.database, issuer_, evidence_, policies_of(world.profiles), world.clock,
            world.random, world.log),
      server_issuer_(world.authority, books_, {world.hierarchy.issuing}),
      challenge_fetch_({.addresses = challenges.addresses, .allows_plain = true}),
      acme_(world.database, server_issuer_, challenge_fetch_,
            {.base_url = public_url + "/acme", .challenge_port = challenges.port}, world.clock,
            world.random, world.log),
      est_{desk_, {world.hierarchy.issuing, world.hierarchy.root}} {}

void EnrolmentOffice::add_routes(http::Router& router) {
  api::add_est_routes(router, est_);
  api::add_acme_routes(router, acme_);
}

}  // namespace heqi::program
