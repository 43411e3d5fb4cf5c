// name_constraints.h: which names a CA may certify (RFC 5280 §4.2.1.10).
#pragma once
#include <vector>

#include <heqi/x509/certificate.h>

namespace heqi::pki {

inline constexpr std::size_t kNameConstraintsMax = 1'024;

struct NameConstraints {
  std::vector<x509::GeneralName> permitted, excluded;
};
base::Result<NameConstraints> parse_name_constraints(base::ByteView der);

// constrained_names are the subject (where not empty), the alternative names and the subject's
// e-mail addresses of certificate.
std::vector<x509::GeneralName> constrained_names(const x509::Certificate& certificate);

// check_name fails with untrusted where constraints forbid name, or where they speak of its kind in
// a form that is not supported.
base::Status check_name(const NameConstraints& constraints, const x509::GeneralName& name);

}  // namespace heqi::pki
