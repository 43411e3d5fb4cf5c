// form_rules.h: what RFC 5280 §4 says of how a certificate is written, besides what path
// validation (§6.1) looks at.
#pragma once
#include <heqi/pki/path.h>

namespace heqi::pki {

// check_form fails with untrusted and words that go on after "the certificate …".
base::Status check_form(const x509::Certificate& certificate, CertificateForm form);

}  // namespace heqi::pki
