// ca_office.h: an authority in a folder, as the commands of `heqi ca` open it.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include <heqi/services/ca/authority.h>
#include <heqi/services/ca/hierarchy.h>

#include "arguments.h"
#include "office_keys.h"
#include "software_key.h"

namespace heqi::program {

inline constexpr Option kPassphraseFile{"--passphrase-file", "FILE", "the passphrase of the keys",
                                        "密钥口令文件"};
inline constexpr Option kPassphraseStdin{"--passphrase-stdin", "", "read it from standard input",
                                         "从标准输入读取口令"};
inline constexpr Option kJson{"--json", "", "answer in JSON", "以 JSON 输出"};

base::Result<base::SecretBytes> read_ca_passphrase(const Arguments& arguments);
// choose_ca_passphrase asks twice at the keyboard, and refuses a short one.
base::Result<base::SecretBytes> choose_ca_passphrase(const Arguments& arguments);

// Office is an authority in a folder, opened. The hierarchy and the signer are pointed to. keys are
// there where it was opened to sign: the issuing authority's first.
struct Office {
  std::unique_ptr<Randomness> randomness;
  std::unique_ptr<base::FileStore> files;
  services::ca::Hierarchy hierarchy;
  services::ca::Profiles profiles = services::ca::Profiles::built_in();
  std::optional<OfficeKeys> keys;
  std::unique_ptr<x509::Signer> resting;  // in place of the keys
  std::unique_ptr<sql::Database> database;
  base::NullLog log;
  std::optional<services::ca::Authority> authority;
};

// open_office opens the authority of a folder to look and to change what needs no key;
// open_office_to_sign asks for the passphrase first and opens the issuing key, open_office_to_serve
// those of its services too. Fail with not_found, denied (the passphrase).
base::Result<std::unique_ptr<Office>> open_office(const std::string& folder);
base::Result<std::unique_ptr<Office>> open_office_to_sign(const Arguments& arguments);
base::Result<std::unique_ptr<Office>> open_office_to_serve(const Arguments& arguments);
// open_office_for_pairs opens the issuing key and, where another organisation's key management
// centre is set (kmc_settings_path), the application's, which that centre knows.
base::Result<std::unique_ptr<Office>> open_office_for_pairs(const Arguments& arguments);

// kmc_settings_path is DIR/kmc.toml (external_kmc.h); empty where the centre is one's own.
std::string kmc_settings_path(const std::string& folder);

// make_register makes the empty register of a new authority.
base::Status make_register(const std::string& folder);

// locations_at are the URLs that certificates name, below url; none where it is empty.
services::ca::Locations locations_at(const std::string& url);
base::Result<std::string> read_url(const base::FileStore& files);
base::Status write_url(base::FileStore& files, const std::string& url);

// read_der reads DER, or the one block of a PEM file.
base::Result<base::Bytes> read_der(const std::string& path, std::size_t size_max);

std::string_view text_of(const services::ca::Standing& standing);
void print_certificate(const Arguments& arguments, const x509::Certificate& certificate,
                       std::string_view standing);

// CaCommand is one command of `heqi ca`.
struct CaCommand {
  std::string_view name;
  Syntax syntax;
  base::Result<int> (*run)(const Arguments&);
};
std::span<const CaCommand> ca_making_commands();    // init, ceremony, issue, inspect
std::span<const CaCommand> ca_standing_commands();  // suspend, release, revoke, crl, find, …
std::span<const CaCommand> ca_desk_commands();      // apply, review, code, serve
std::span<const CaCommand> ca_pair_commands();      // pair, recover, transcript
std::span<const CaCommand> ca_enrol_commands();     // enrol

}  // namespace heqi::program
