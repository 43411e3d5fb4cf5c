// component.h: the seal component behind the OES functions: the seals of a folder, one key, and
// what is needed to verify.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/base/result.h>
#include <heqi/documents/seal/verify.h>

namespace heqi::oes {

// Settings are paths; README.md. Without key nothing is sealed. program is the heqi whose process
// opens a key in a file; empty: the one that lies beside this library.
struct Settings {
  std::string seals, trust, evidence, key, certificate, password_file, program = {};
};
// read_settings reads the configuration. Fails with not_found, malformed.
base::Result<Settings> read_settings(const std::string& path);
// settings_path is where the configuration lies.
std::string settings_path();

// SealWish is what a reader wants sealed.
struct SealWish {
  std::string seal;      // its ID or its name
  std::string property;  // the path of Signature.xml
  base::Bytes digest;    // SM3 of Signature.xml
  base::Time time;
};

// SealClaim is what a reader wants verified. What is empty was not given.
struct SealClaim {
  base::Bytes seal, sealed_signature, digest;
  std::string property;
  std::optional<base::Time> time;
};

class Component {
 public:
  explicit Component(Settings settings) : settings_(std::move(settings)) {}

  // seals are those of the folder that can be read, by name of file.
  base::Result<std::vector<documents::seal::Seal>> seals() const;
  // find_seal fails with not_found, conflict (two seals of this name).
  base::Result<documents::seal::Seal> find_seal(const std::string& id_or_name) const;

  // size_of_sealed is at least the size of what seal gives, without a key.
  base::Result<std::size_t> size_of_sealed(const SealWish& wish) const;
  // seal fails with unsupported (no key, or none of SM2), seal_unusable, as open_signing_key
  // (not_found: no heqi whose process could open the key), and as the key.
  base::Result<base::Bytes> seal(const SealWish& wish) const;

  // verify fails with invalid_signature and the steps that did not pass in the detail.
  base::Status verify(const SealClaim& claim) const;

 private:
  base::Result<documents::seal::SealCheck> make_check(
      const documents::seal::Seal& seal, std::vector<documents::seal::SealStatusList>& lists) const;
  Settings settings_;
};

}  // namespace heqi::oes
