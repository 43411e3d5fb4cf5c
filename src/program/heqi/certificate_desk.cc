#include "certificate_desk.h"

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/x509/oids.h>

namespace heqi::program {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t kEvidenceSizeMax = std::size_t{64} << 20;

Result<x509::EvidenceKind> kind_of(const std::string& name) {
  using x509::EvidenceKind;
  for (const EvidenceKind kind :
       {EvidenceKind::picture, EvidenceKind::handwritten_signature, EvidenceKind::identity_document,
        EvidenceKind::voice, EvidenceKind::clip, EvidenceKind::fingerprint})
    if (x509::name_of(kind) == name) return kind;
  return base::fail(Code::malformed, "kind of evidence: " + name);
}

}  // namespace

Result<base::Bytes> RegisteredIssuer::issue(const services::ra::Application& application,
                                            base::ByteView csr) {
  HEQI_TRY(x509::Name subject, x509::Name::parse(application.subject));
  services::ca::Application asked{.request_id = "ra:" + application.id,
                                  .holder = application.holder,
                                  .subject = std::move(subject),
                                  .csr = base::to_bytes(csr)};
  HEQI_TRY(asked.profile, services::ca::parse_profile_name(application.profile));
  for (const std::string& name : application.names)
    asked.alternative_names.push_back(x509::dns_name(name));
  for (const services::ra::Evidence& one : application.evidence) {
    HEQI_TRY(const x509::EvidenceKind kind, kind_of(one.kind));
    asked.evidence.push_back({kind, x509::oids::sm3(), one.digest});
  }
  HEQI_TRY(const x509::Certificate certificate, authority_.issue(asked));
  HEQI_TRY(authority_.publish(certificate.serial()));
  return base::to_bytes(certificate.der());
}

Result<base::Bytes> KeptEvidence::keep(base::ByteView content) {
  const crypto::Digest digest = crypto::sm3(content);
  HEQI_TRY(files_.write(base::to_hex(digest), content));
  return base::Bytes(digest.begin(), digest.end());
}

base::Status KeptEvidence::check(const services::ra::Application& application) {
  if (application.profile == services::ca::name_of(services::ca::Profile::event) &&
      application.evidence.empty())
    return base::fail(Code::denied, "an event certificate needs evidence");
  for (const services::ra::Evidence& one : application.evidence) {
    HEQI_TRY(kind_of(one.kind));
    const auto content = files_.read(base::to_hex(one.digest), kEvidenceSizeMax);
    if (!content || !base::same_bytes(crypto::sm3(*content), one.digest))
      return base::fail(Code::denied,
                        "the evidence " + base::to_hex(one.digest) + " is not kept, or changed");
  }
  return {};
}

services::ra::Policies policies_of(const services::ca::Profiles& profiles) {
  return [profiles](std::string_view name) -> Result<services::ra::Policy> {
    HEQI_TRY(const services::ca::Profile profile, services::ca::parse_profile_name(name));
    if (profile < services::ca::Profile::person || profile == services::ca::Profile::encryption)
      return base::fail(Code::denied,
                        "certificates of profile " + std::string(name) + " are not applied for");
    services::ra::Policy policy;
    policy.review = static_cast<services::ra::Review>(profiles.of(profile).review);
    return policy;
  };
}

Result<services::acme::Issuer::Issued> ServerIssuer::issue(const std::string& order,
                                                           const std::string& account,
                                                           const std::vector<std::string>& names,
                                                           base::ByteView csr) {
  HEQI_TRY(const x509::Csr parsed, x509::parse_csr(csr));
  // Clients send an empty subject, or the first name; certified is what was proved. A possession
  // proof covers the request as it came, so the subject goes with the application.
  services::ca::Application asked{.request_id = "acme:" + order,
                                  .holder = "acme:" + account,
                                  .subject = parsed.body.subject,
                                  .csr = base::to_bytes(csr)};
  asked.profile = services::ca::Profile::server;
  HEQI_TRY(asked.certified_subject, x509::Name::make({{x509::oids::country(), "CN"},
                                                      {x509::oids::common_name(), names.front()}}));
  for (const std::string& name : names) asked.alternative_names.push_back(x509::dns_name(name));
  HEQI_TRY(const x509::Certificate certificate, authority_.issue(asked));
  HEQI_TRY(authority_.publish(certificate.serial()));
  HEQI_TRY(std::string pem, chain_of(certificate.serial()));
  return Issued{certificate.serial(), std::move(pem)};
}

Result<std::string> ServerIssuer::chain_of(base::ByteView serial) {
  HEQI_TRY(const base::Bytes der, books_.certificate(serial));
  std::string pem = base::to_pem("CERTIFICATE", der);
  for (const x509::Certificate& above : chain_) pem += x509::to_pem(above);
  return pem;
}

base::Status ServerIssuer::revoke(base::ByteView serial, std::int64_t reason) {
  HEQI_TRY(const services::ca::Standing standing, authority_.standing(serial));
  if (standing.state == services::ca::Standing::State::revoked)
    return base::fail(Code::revoked, "the certificate is revoked already");
  HEQI_TRY(const pki::RevocationReason known, pki::parse_reason(reason));
  return authority_.revoke(serial, known);
}

}  // namespace heqi::program
