// trust_page.h: /trust, where a phone or a computer gets the certificate behind the platform's own
// TLS.
#pragma once
#include <string>

#include <heqi/http/router.h>

namespace heqi::program {

// add_trust_page adds /trust, its style sheet and /trust/heqi-tls-root.crt (DER). It is the root of
// the connection only, and not that of signatures.
void add_trust_page(http::Router& router, const std::string& tls_root_pem);

// tls_fingerprint is the root's SHA-256 as browsers show it: "1A:2B:…"; "" where the PEM is none.
std::string tls_fingerprint(std::string_view tls_root_pem);

}  // namespace heqi::program
