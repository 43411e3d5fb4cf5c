// lint_groups.h: the lints by what they look at.
#pragma once
#include <heqi/services/ca/lint.h>
#include <heqi/x509/oids.h>

namespace heqi::services::ca {

std::span<const Lint> frame_lints();
std::span<const Lint> name_lints();
std::span<const Lint> key_lints();
std::span<const Lint> extension_lints();
std::span<const Lint> usage_lints();

// Family is the kind of algorithm of a key or a signature; an authority has one, and its holders
// have keys of that family (an RSA or ECDSA authority takes both of these).
enum class Family : std::uint8_t { sm2, international, unknown };
Family family_of(const x509::AlgorithmIdentifier& signature);
Family family_of(const x509::PublicKeyInfo& key);
// family_of_authority looks at the issuer's key; at a root's own.
inline Family family_of_authority(const Candidate& candidate) {
  return family_of(candidate.issuer == nullptr ? candidate.certificate.public_key()
                                               : candidate.issuer->public_key());
}

inline bool is_authority(Profile profile) {
  return profile == Profile::root || profile == Profile::issuing;
}

// has tells whether an extension is there with the criticality stated.
inline bool has(const x509::Certificate& certificate, const asn1::Oid& type, bool critical) {
  const x509::Extension* extension = certificate.find_extension(type);
  return extension != nullptr && extension->critical == critical;
}
inline bool is_absent(const x509::Certificate& certificate, const asn1::Oid& type) {
  return certificate.find_extension(type) == nullptr;
}

}  // namespace heqi::services::ca
