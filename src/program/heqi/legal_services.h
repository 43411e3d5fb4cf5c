// legal_services.h: the legal services that the operator has set: a folder with one file NAME.toml
// for each (docs/legal-services.md).
#pragma once
#include <memory>

#include <heqi/http/client.h>
#include <heqi/services/contract/ports.h>
#include <heqi/services/identity/signed_push.h>

namespace heqi::program {

// LegalSettings is one such file. Paths in it are relative to its folder.
struct LegalSettings {
  services::contract::LegalService service;
  std::string trusted_pem;  // who vouches for the connection; empty: the system's
};

// parse_legal_settings reads such a file's text and the file that it names. Fails with malformed,
// not_found, naming the file and the setting.
base::Result<LegalSettings> parse_legal_settings(const std::string& folder, const std::string& file,
                                                 std::string_view text);

// read_legal_settings reads every NAME.toml of folder, in the order of the names; none where the
// folder's name is empty.
base::Result<std::vector<LegalSettings>> read_legal_settings(const std::string& folder);

// LegalPosts hands parcels over as signed requests: a form with the parts statement (JSON),
// statement_time (a time-stamp token, DER) and package (ZIP).
class LegalPosts final : public services::contract::LegalServices {
 public:
  // push outlives the object.
  LegalPosts(std::vector<LegalSettings> settings, services::identity::SignedPush& push);
  std::vector<services::contract::LegalService> list() const override;
  base::Status hand(const std::string& name,
                    const services::contract::LegalParcel& parcel) override;

 private:
  struct Way {
    services::contract::LegalService service;
    std::unique_ptr<http::CurlFetch> fetch;
  };
  std::vector<Way> ways_;
  services::identity::SignedPush& push_;
};

}  // namespace heqi::program
