#include "ca_office.h"

#include <cstdio>
#include <filesystem>

#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/services/acme/schema.h>
#include <heqi/services/ca/schema.h>
#include <heqi/services/kmc/schema.h>
#include <heqi/services/ra/schema.h>

#include "pin_entry.h"

namespace heqi::program {

using base::Code;
using base::Result;
using base::SecretBytes;

namespace {

constexpr std::size_t kLocationsSizeMax = 4'096;
constexpr std::size_t kPassphraseSizeMin = 8;
constexpr std::string_view kLocationsFile = "locations";
constexpr std::string_view kProfilesFolder = "profiles";

// RestingSigner stands where nothing is signed.
class RestingSigner final : public x509::Signer {
 public:
  x509::AlgorithmIdentifier algorithm() const override { return x509::sm2_with_sm3_algorithm(); }
  Result<base::Bytes> sign(base::ByteView) override {
    return base::fail(Code::denied, "the authority's key was not opened");
  }
};

std::string register_path(const std::string& folder) {
  return folder + "/ca.db";
}

base::Status open_register(Office& office, const std::string& folder) {
  HEQI_TRY(office.database, sql::Database::open({.url = "sqlite:" + register_path(folder)}));
  const sql::Component components[] = {services::ca::schema(), services::ra::schema(),
                                       services::acme::schema(), services::kmc::schema()};
  return sql::apply_migrations(*office.database, components, office.randomness->clock);
}

// load_profiles reads the installation's own profile files where it has some.
Result<services::ca::Profiles> load_profiles(const std::string& folder) {
  const std::string own = folder + "/" + std::string(kProfilesFolder);
  std::error_code none;
  if (!std::filesystem::is_directory(own, none)) return services::ca::Profiles::built_in();
  HEQI_TRY(const auto files, base::open_folder(own));
  return services::ca::Profiles::load(*files);
}

// WishedKeys are those that an office is opened with; the issuing authority's is the first.
struct WishedKeys {
  SecretBytes passphrase;
  std::vector<std::string> names;
};
Result<std::unique_ptr<Office>> open_office_with(const std::string& folder, WishedKeys keys) {
  std::error_code none;
  if (!std::filesystem::is_directory(folder, none)) return base::fail(Code::not_found, folder);
  auto office = std::make_unique<Office>();
  HEQI_TRY(office->randomness, make_randomness());
  HEQI_TRY(office->files, base::open_folder(folder));
  auto hierarchy = services::ca::load_hierarchy(*office->files);
  if (!hierarchy && hierarchy.error().code == Code::not_found)
    return base::fail(Code::not_found, folder + ": no authority; heqi ca init makes one");
  HEQI_TRY(office->hierarchy, std::move(hierarchy));
  // An empty register in place of a lost one would list nothing as revoked.
  if (!std::filesystem::is_regular_file(register_path(folder), none))
    return base::fail(Code::storage, register_path(folder) +
                                         " is lost: put its backup there; without it nothing is "
                                         "signed, since nobody knows what was revoked");
  office->resting = std::make_unique<RestingSigner>();
  if (!keys.names.empty()) {
    HEQI_TRY(office->keys, OfficeKeys::open(folder, keys.passphrase, std::move(keys.names)));
  }
  x509::Signer& signer = office->keys ? office->keys->signer(0) : *office->resting;
  HEQI_TRY(const std::string url, read_url(*office->files));
  HEQI_TRY(office->profiles, load_profiles(folder));
  HEQI_TRY(open_register(*office, folder));
  services::ca::AuthorityOptions options{.locations = locations_at(url)};
  options.profiles = office->profiles;
  office->authority.emplace(*office->database, office->hierarchy.issuing, signer,
                            std::move(options), office->randomness->clock,
                            *office->randomness->generator, office->log);
  return office;
}

void write_certificate(base::JsonWriter& json, const x509::Certificate& certificate) {
  json.field("subject", certificate.subject().text())
      .field("issuer", certificate.issuer().text())
      .field("serial", base::to_hex(certificate.serial()))
      .field("not_before", base::to_rfc3339(certificate.not_before()))
      .field("not_after", base::to_rfc3339(certificate.not_after()))
      .field("sm3", base::to_hex(certificate.fingerprint()));
}

}  // namespace

Result<SecretBytes> read_ca_passphrase(const Arguments& arguments) {
  if (const auto path = arguments.find("--passphrase-file")) return read_secret_file(*path);
  if (arguments.has("--passphrase-stdin")) return read_secret_stdin();
  return ask_secret("Passphrase of the keys / 密钥口令: ");
}

Result<SecretBytes> choose_ca_passphrase(const Arguments& arguments) {
  HEQI_TRY(SecretBytes chosen, read_ca_passphrase(arguments));
  if (chosen.size() < kPassphraseSizeMin)
    return base::fail(Code::malformed, "a passphrase of less than 8 octets");
  if (arguments.has("--passphrase-file") || arguments.has("--passphrase-stdin")) return chosen;
  HEQI_TRY(const SecretBytes again, ask_secret("Again / 再次输入: "));
  if (!same_secret(chosen, again))
    return base::fail(Code::malformed, "the two passphrases differ / 两次输入不一致");
  return chosen;
}

services::ca::Locations locations_at(const std::string& url) {
  if (url.empty()) return {};
  return {.crl = url + "/crl/issuing.crl",
          .ocsp = url + "/ocsp",
          .issuer_certificate = url + "/certificates/issuing.cer"};
}

base::Status make_register(const std::string& folder) {
  Office office;
  HEQI_TRY(office.randomness, make_randomness());
  return open_register(office, folder);
}

Result<std::string> read_url(const base::FileStore& files) {
  HEQI_TRY(const base::Bytes url, files.read(kLocationsFile, kLocationsSizeMax));
  return std::string(base::text_of(url));
}

base::Status write_url(base::FileStore& files, const std::string& url) {
  return files.write(kLocationsFile, base::bytes_of(url));
}

Result<std::unique_ptr<Office>> open_office(const std::string& folder) {
  return open_office_with(folder, {});
}

Result<std::unique_ptr<Office>> open_office_to_sign(const Arguments& arguments) {
  HEQI_TRY(SecretBytes passphrase, read_ca_passphrase(arguments));
  return open_office_with(arguments.operands()[0], {std::move(passphrase), {"issuing"}});
}

Result<std::unique_ptr<Office>> open_office_to_serve(const Arguments& arguments) {
  HEQI_TRY(SecretBytes passphrase, read_ca_passphrase(arguments));
  return open_office_with(arguments.operands()[0],
                          {std::move(passphrase), {"issuing", "ocsp", "tsa"}});
}

std::string kmc_settings_path(const std::string& folder) {
  const std::string path = folder + "/kmc.toml";
  std::error_code none;
  return std::filesystem::exists(path, none) ? path : "";
}

Result<std::unique_ptr<Office>> open_office_for_pairs(const Arguments& arguments) {
  HEQI_TRY(SecretBytes passphrase, read_ca_passphrase(arguments));
  const std::string& folder = arguments.operands()[0];
  std::vector<std::string> names{"issuing"};
  if (!kmc_settings_path(folder).empty()) names.emplace_back("application");
  return open_office_with(folder, {std::move(passphrase), std::move(names)});
}

Result<base::Bytes> read_der(const std::string& path, std::size_t size_max) {
  HEQI_TRY(base::Bytes content, base::read_file(path, size_max));
  if (!content.empty() && content[0] == 0x30) return content;
  HEQI_TRY(auto blocks, base::parse_pem(base::text_of(content)));
  if (blocks.size() != 1) return base::fail(Code::malformed, path + ": not one PEM block");
  return std::move(blocks[0].der);
}

std::string_view text_of(const services::ca::Standing& standing) {
  switch (standing.state) {
    case services::ca::Standing::State::good:
      return "good";
    case services::ca::Standing::State::revoked:
      return standing.reason == pki::RevocationReason::certificate_hold ? "suspended" : "revoked";
    case services::ca::Standing::State::unknown:
      return "unknown";
  }
  return "unknown";
}

void print_certificate(const Arguments& arguments, const x509::Certificate& certificate,
                       std::string_view standing) {
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object();
    write_certificate(json, certificate);
    if (!standing.empty()) json.field("standing", standing);
    json.end_object();
    std::printf("%s\n", json.str().c_str());
    return;
  }
  std::printf("%s\n  issuer / 颁发者   %s\n  serial / 序列号   %s\n  valid / 有效期    %s … %s\n",
              certificate.subject().text().c_str(), certificate.issuer().text().c_str(),
              base::to_hex(certificate.serial()).c_str(),
              base::to_rfc3339(certificate.not_before()).c_str(),
              base::to_rfc3339(certificate.not_after()).c_str());
  if (!standing.empty())
    std::printf("  standing / 状态   %.*s\n", static_cast<int>(standing.size()), standing.data());
}

}  // namespace heqi::program
