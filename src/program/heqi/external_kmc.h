// external_kmc.h: the key management centre of another organisation, in place of one's own: its
// address and root are in a file (docs/authority.md).
#pragma once
#include <memory>
#include <string>

#include <heqi/base/fetch.h>
#include <heqi/base/random.h>
#include <heqi/http/client.h>
#include <heqi/http/json.h>
#include <heqi/services/kmc/encryption_keys.h>
#include <heqi/sql/database.h>
#include <heqi/x509/signer.h>

namespace heqi::program {

// ExternalKmcSettings is that file. A path in it is relative to its folder.
struct ExternalKmcSettings {
  std::string url;          // https://…, of heqi serve there
  std::string application;  // the id that the centre knows this authority by
  std::string key = "1";    // and the id of its key there
  std::string tls_root;     // PEM: who alone vouches for the connection
};

// read_external_kmc fails with malformed, not_found (a setting that is missing), naming the file.
base::Result<ExternalKmcSettings> read_external_kmc(const std::string& path);

// ExternalKmc asks that centre with requests that this authority signs, and writes down in its own
// transcript what was asked. All references outlive it.
class ExternalKmc final : public services::kmc::EncryptionKeys {
 public:
  struct World {
    x509::Signer& signer;  // SM2: of the application that the centre knows
    sql::Database& database;
    const base::Clock& clock;
    base::Random& random;
  };
  ExternalKmc(ExternalKmcSettings settings, base::Fetch& fetch, const World& world)
      : settings_(std::move(settings)), fetch_(fetch), world_(world) {}

  // Beside the port's: unavailable and timeout (no answer; nothing was issued, ask again),
  // untrusted (not the root of the settings, or an answer that does not fit), denied (the centre
  // does not know this authority, or does not serve it).
  base::Result<services::kmc::Delivery> make(const std::string& id, const std::string& holder,
                                             const crypto::PublicKey& receiver) override;
  base::Result<std::string> ask_recovery(const services::kmc::RecoveryRequest& request) override;
  base::Result<services::kmc::Delivery> recover(const std::string& recovery) override;

 private:
  base::Result<http::Json> ask(const std::string& path, std::string body);
  base::Error refused(const base::FetchAnswer& answer) const;
  base::Error unreached(const base::Error& error) const;
  base::Result<services::kmc::Delivery> delivery_in(const http::Json& answer, std::string_view name,
                                                    const std::string& id) const;
  base::Status write_down(std::string event, const std::string& subject, const std::string& who,
                          const std::string& detail);

  ExternalKmcSettings settings_;
  base::Fetch& fetch_;
  World world_;
};

// ConnectedKmc is one with its connection.
class ConnectedKmc {
 public:
  // open reads the settings and the root. Fails as read_external_kmc does.
  static base::Result<std::unique_ptr<ConnectedKmc>> open(const std::string& path,
                                                          const ExternalKmc::World& world);
  services::kmc::EncryptionKeys& keys() { return keys_; }

 private:
  ConnectedKmc(ExternalKmcSettings settings, std::string tls_root, const ExternalKmc::World& world)
      : fetch_({.trusted_pem = std::move(tls_root)}), keys_(std::move(settings), fetch_, world) {}
  http::CurlFetch fetch_;
  ExternalKmc keys_;
};

}  // namespace heqi::program
