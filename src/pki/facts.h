// facts.h: what path validation needs beside the getters of x509::Certificate: the constraints that
// CAs state about chains.
#pragma once
#include <optional>

#include <heqi/x509/certificate.h>

#include "name_constraints.h"

namespace heqi::pki {

struct Facts {
  std::optional<NameConstraints> name_constraints;
  bool maps_policies = false;
  std::optional<std::int64_t> require_explicit_policy;
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
