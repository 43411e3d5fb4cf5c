#include <heqi/services/ca/lint.h>

#include <heqi/ossl/signer.h>
#include <heqi/x509/certificate_builder.h>

#include "lint_groups.h"

namespace heqi::services::ca {

std::span<const Lint> lints() {
  static const std::vector<Lint> all = [] {
    std::vector<Lint> list;
    for (const auto group :
         {frame_lints(), name_lints(), key_lints(), extension_lints(), usage_lints()})
      list.insert(list.end(), group.begin(), group.end());
    return list;
  }();
  return all;
}

std::vector<const Lint*> find_faults(const Candidate& candidate) {
  std::vector<const Lint*> faults;
  for (const Lint& lint : lints())
    if (!lint.holds(candidate)) faults.push_back(&lint);
  return faults;
}

base::Result<Linter> Linter::make(const x509::AlgorithmIdentifier& algorithm,
                                  base::Random& random) {
  if (family_of(algorithm) == Family::sm2) {
    HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::generate(random));
    return Linter(std::make_unique<x509::SoftwareSm2Signer>(std::move(key), random));
  }
  HEQI_TRY(std::unique_ptr<x509::Signer> signer, ossl::make_throw_away_signer(algorithm));
  return Linter(std::move(signer));
}

base::Status Linter::check(base::ByteView tbs, const x509::Certificate* issuer, Profile profile,
                           base::Time now) {
  HEQI_TRY(const base::Bytes signature, signer_->sign(tbs));
  const base::Bytes der = x509::assemble_signed(tbs, signer_->algorithm(), signature);
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(der));
  std::string names;
  for (const Lint* lint : find_faults({certificate, issuer, profile, now}))
    names += (names.empty() ? "" : ", ") + std::string(lint->name);
  if (names.empty()) return {};
  return base::fail(base::Code::ca_lint, "the certificate would break: " + names);
}

}  // namespace heqi::services::ca
