// tls_elsewhere.h: what a server's TLS connections need, their key in a process of its own
// (key_holder.h): who serves has none of its octets.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/log.h>
#include <heqi/http/server.h>

namespace heqi::program {

// Where a process of keys ends, or does not answer for a while, the key of an identity starts
// another at the next handshake, one each second; until one opens the same key handshakes fail.
// The log is told.
struct TlsSurroundings {  // outlive the identity
  const base::Clock& clock;
  base::Log& log;
};

// open_tls_identity takes a certificate with its chain and its key from PEM files. Fails as
// open_tls_key_file (held_tls_key.h), and with conflict where the key is not the certificate's.
base::Result<http::TlsIdentity> open_tls_identity(const std::string& certificate_file,
                                                  const std::string& key_file,
                                                  const TlsSurroundings& around);

// LocalTls is certified on this machine.
struct LocalTls {
  http::TlsIdentity identity;
  std::string root_pem;
};

// open_local_tls opens the folder, or has made what is missing in it. Fails as open_tls_folder
// (held_tls_key.h).
base::Result<LocalTls> open_local_tls(const std::string& folder,
                                      const std::vector<std::string>& names,
                                      const TlsSurroundings& around);

}  // namespace heqi::program
