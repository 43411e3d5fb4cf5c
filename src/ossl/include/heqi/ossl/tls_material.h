// heqi/ossl/tls_material.h: certificates for TLS on a machine that has none: a local root on P-256
// and server certificates below it. The TLS root signs TLS certificates only; it is never the root
// of document signatures.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/random.h>
#include <heqi/base/secret.h>
#include <heqi/x509/certificate.h>

namespace heqi::ossl {

// TlsRoot is a self-made root: browsers and clients are told to trust its certificate.
struct TlsRoot {
  std::string certificate_pem;
  base::SecretBytes key_pem;  // PKCS#8, in the clear
};

struct TlsRootOptions {
  std::string common_name = "Heqi local TLS root";
  std::chrono::days valid_for{3650};
};

// make_tls_root makes a key and a self-signed certificate, valid from an hour before clock's now.
base::Result<TlsRoot> make_tls_root(const TlsRootOptions& options, const base::Clock& clock,
                                    base::Random& random);

inline constexpr std::size_t kTlsNamesMax = 64;  // names of one server; docs/limits.md

// TlsServerOptions: every name that clients connect to; at least one. A name that reads as an IPv4
// or IPv6 address becomes an address entry, others become DNS entries.
struct TlsServerOptions {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  std::chrono::days valid_for{90};
};

// TlsServerMaterial is what a TLS server is configured with.
struct TlsServerMaterial {
  std::string certificate_chain_pem;  // server first, then the root
  base::SecretBytes key_pem;
  base::Time not_after;
};

// make_tls_server_material makes a new key and a certificate for it (serverAuth only). Fails with
// malformed for a name that is neither an address nor a DNS name, or a root that cannot be read.
base::Result<TlsServerMaterial> make_tls_server_material(const TlsRoot& root,
                                                         const TlsServerOptions& options,
                                                         const base::Clock& clock,
                                                         base::Random& random);

// needs_renewal tells whether less than a third of the period of the first certificate in pem is
// left, or one of names is missing from it. Fails with malformed.
base::Result<bool> needs_renewal(std::string_view certificate_chain_pem,
                                 const std::vector<std::string>& names, const base::Clock& clock);

}  // namespace heqi::ossl
