// office_keys.h: the keys of an authority's folder, by name: keys/NAME.sealed, in a process of
// their own (key_process.h), or in a device that the URI in keys/NAME.uri names (sdf_key.h).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "key_process.h"
#include "sdf_key.h"

namespace heqi::program {

class OfficeKeys {
 public:
  // open fails with denied for a wrong passphrase, not_found for a key that is not there, and as
  // open_sdf_key does.
  static base::Result<OfficeKeys> open(const std::string& folder,
                                       const base::SecretBytes& passphrase,
                                       const std::vector<std::string>& names);
  // make makes sealed keys where neither is there, of kind (nullopt: SM2).
  static base::Result<OfficeKeys> make(const std::string& folder,
                                       const base::SecretBytes& passphrase,
                                       const std::vector<std::string>& names,
                                       std::optional<ossl::KeyKind> kind);

  // signer and public_key are those of the key of this place among the names.
  x509::Signer& signer(std::size_t place) const { return *keys_[place].signer; }
  const x509::PublicKeyInfo& public_key(std::size_t place) const {
    return *keys_[place].public_key;
  }
  // vault keeps encryption keys under the same passphrase.
  services::kmc::Vault& vault() const { return sealed_->vault(); }
  // is_running tells whether the process of the sealed keys is still there.
  bool is_running() const { return sealed_->is_running(); }

 private:
  struct Key {
    x509::Signer* signer;
    const x509::PublicKeyInfo* public_key;
  };
  base::Status open_devices(const std::string& folder, const std::vector<std::string>& names);
  std::vector<std::string> sealed_names(const std::vector<std::string>& names) const;
  void line_up();

  std::vector<std::unique_ptr<SdfKey>> devices_;  // null: sealed
  std::unique_ptr<FolderKeys> sealed_;
  std::vector<Key> keys_;
};

}  // namespace heqi::program
