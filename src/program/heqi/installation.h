// installation.h: what the first start makes and every start opens: service keys in the key centre,
// the certificates, TLS material.
#pragma once
#include <heqi/http/server.h>
#include <heqi/keys/module_client.h>
#include <heqi/services/ca/hierarchy.h>

#include "configuration.h"

namespace heqi::program {

// Installation is the fixed part of a running platform.
struct Installation {
  services::ca::Hierarchy hierarchy;
  std::unique_ptr<keys::ModuleSigner> issuing, status_responder, time_stamp_authority, application,
      service_channel;
  base::Bytes service_channel_key, key_centre_channel_key,
      key_centre_sealing_key;  // 04 || X || Y
  http::TlsIdentity tls;
  std::string tls_root_pem;  // empty where another authority vouches for the connections
};

struct InstallationParts {
  keys::ModuleClient& module;
  base::FileStore& files;  // the data folder
  const base::Clock& clock;
  base::Random& random;
  base::Log& log;
};

// open_installation holds the ceremony at first start; a start that dies half-way is begun anew by
// the next one. The root key's passphrase is printed to standard error once and kept nowhere.
base::Result<Installation> open_installation(const Configuration& configuration,
                                             const InstallationParts& parts);

// locations_of are the URLs that certificates name.
services::ca::Locations locations_of(const Configuration& configuration);

}  // namespace heqi::program
