// heqi/services/ca/lint.h: what must hold of every certificate before the real key signs it. A body
// is signed with a throw-away key first, parsed like a relying party would, and asked by every lint
// (GB/T 20518, RFC 5280).
#pragma once
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <heqi/services/ca/profile.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::services::ca {

// Candidate is a certificate that was signed with a throw-away key, and where it would stand.
struct Candidate {
  const x509::Certificate& certificate;
  const x509::Certificate* issuer;  // nullptr for a root
  Profile profile;
  base::Time now;
};

// Lint is one rule. name is stable: reports and tests use it.
struct Lint {
  std::string_view name, clause, fault;
  bool (*holds)(const Candidate& candidate);
};

// lints is the whole list.
std::span<const Lint> lints();

// find_faults gives the lints that do not hold.
std::vector<const Lint*> find_faults(const Candidate& candidate);

// Linter checks bodies with one throw-away key. Safe for use by several threads where random is.
class Linter {
 public:
  // make draws a key that signs with algorithm (SM2, RSA or ECDSA). random outlives the object.
  static base::Result<Linter> make(const x509::AlgorithmIdentifier& algorithm,
                                   base::Random& random);
  // check fails with ca_lint, and names every lint that does not hold.
  base::Status check(base::ByteView tbs, const x509::Certificate* issuer, Profile profile,
                     base::Time now);

 private:
  explicit Linter(std::unique_ptr<x509::Signer> signer) : signer_(std::move(signer)) {}
  std::unique_ptr<x509::Signer> signer_;
};

}  // namespace heqi::services::ca
