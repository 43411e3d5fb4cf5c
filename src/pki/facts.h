// facts.h: what path validation needs beside the getters of x509::Certificate: the constraints that
// CAs state about chains.
#pragma once
#include <optional>
#include <utility>
#include <vector>

#include <heqi/x509/certificate.h>

#include "name_constraints.h"

namespace heqi::pki {

inline constexpr std::size_t kPolicyMappingsMax = 64;  // of one certificate; docs/limits.md
// PolicyMappings are pairs of the issuer's policy and the subject's (RFC 5280 §4.2.1.5).
using PolicyMappings = std::vector<std::pair<asn1::Oid, asn1::Oid>>;

struct Facts {
  std::optional<NameConstraints> name_constraints;
  PolicyMappings policy_mappings;
  std::optional<std::int64_t> require_explicit_policy, inhibit_policy_mapping;
  std::optional<std::int64_t> inhibit_any_policy;
};

// read_facts fails with untrusted for a critical extension that is not known here, with malformed
// for one that it cannot read.
base::Result<Facts> read_facts(const x509::Certificate& certificate);

// serves: the certificate's extended key usage is absent, names purpose, or any purpose.
bool serves(const x509::Certificate& certificate, const asn1::Oid& purpose);

// states_revocation_source: it names a CRL distribution point or an OCSP responder.
bool states_revocation_source(const x509::Certificate& certificate);

}  // namespace heqi::pki
