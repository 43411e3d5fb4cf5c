// lint_groups.h: the lints by what they look at.
#pragma once
#include <heqi/services/ca/lint.h>

namespace heqi::services::ca {

std::span<const Lint> frame_lints();
std::span<const Lint> name_lints();
std::span<const Lint> key_lints();
std::span<const Lint> extension_lints();
std::span<const Lint> usage_lints();

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
