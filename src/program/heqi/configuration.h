// configuration.h: the file that `heqi serve --config` reads.
#pragma once
#include <cstdint>
#include <string>

#include <heqi/base/clock.h>
#include <heqi/base/settings.h>
#include <heqi/services/mss/revocations.h>

namespace heqi::program {

struct Configuration {
  std::string address = "127.0.0.1";  // of the TLS interface
  std::int64_t port = 8443;
  std::int64_t signing_port = 0;          // of the signing site, on the same address; 0: port + 1
  std::string pki_address = "127.0.0.1";  // of the plain interface: OCSP, CRL, time-stamps
  std::int64_t pki_port = 8080;
  std::string public_url;     // how people reach the TLS interface: https://…
  std::string signing_url;    // how people reach the signing site; empty: public_url, other port
  std::string pki_url;        // what certificates name: http://…
  std::string web_folder;     // of the pages; empty: beside the program, or in the build folder
  std::string database;       // sqlite:/… or postgres://…
  std::string data_folder;    // blobs, notices, certificates, TLS material
  std::string module_socket;  // of heqi-module
  std::string tenant = "default";  // of the key centre, whose master keys this platform's keys have
  std::string organization = "Heqi";
  std::string time_source = "kernel";  // see open_time_source
  std::string push_roots;  // PEM file: who vouches for applications' addresses; empty: the system's
  std::string external_authorities;  // folder of NAME.toml (docs/authority.md); empty: none
  std::string tls_certificate,
      tls_key;                 // PEM files, of an authority of your choice (docs/authority.md);
                               // empty: the platform certifies its connections itself
  std::string kmc;             // kmc.toml of another organisation (docs/authority.md); empty: own
  std::string legal_services;  // folder of NAME.toml (docs/legal-services.md); empty: none
  std::int64_t challenge_port = 80;            // where ACME looks for challenges (http-01)
  std::string challenge_addresses = "public";  // or "any": ACME may ask servers in private networks
  // Before their ends certificates in use are asked about, by the authority and by the service.
  std::int64_t update_lead_days = 30;
  std::string revocation_policy = "identity";  // or "none": what the service asks for of itself
  std::string smtp_host;                       // empty: notices are files only
  std::int64_t smtp_port = 25;
};

// read_configuration fails with malformed or not_found, naming the setting.
base::Result<Configuration> read_configuration(const std::string& path);
base::Duration update_lead(const Configuration& configuration);
services::mss::RevocationPolicy revocation_policy(const Configuration& configuration);
// complete_signing_site fills in signing_port and signing_url where they were left to us: the port
// after the platform's, on the same host.
void complete_signing_site(Configuration& configuration);
// encode_configuration writes what read_configuration reads.
std::string encode_configuration(const Configuration& configuration);

}  // namespace heqi::program
