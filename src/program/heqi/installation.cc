#include "installation.h"

#include <cstdio>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/flow/flow.h>
#include <heqi/keys/device_desk.h>
#include <heqi/ossl/tls_material.h>

#include "tls_elsewhere.h"

namespace heqi::program {
namespace {

constexpr std::string_view kCeremonyFile = "ceremony-id", kHierarchyFolder = "certificates";

// Prefixed is a folder inside a FileStore.
class Prefixed final : public base::FileStore {
 public:
  Prefixed(base::FileStore& files, std::string_view folder) : files_(files), folder_(folder) {}
  base::Result<base::Bytes> read(std::string_view name, std::size_t size_max) const override {
    return files_.read(in(name), size_max);
  }
  base::Status write(std::string_view name, base::ByteView content) override {
    return files_.write(in(name), content);
  }
  base::Status create(std::string_view name, base::ByteView content) override {
    return files_.create(in(name), content);
  }
  base::Status append(std::string_view name, base::ByteView content) override {
    return files_.append(in(name), content);
  }
  base::Status remove(std::string_view name) override { return files_.remove(in(name)); }
  base::Result<std::vector<std::string>> list(std::string_view folder) const override {
    return files_.list(in(folder));
  }

 private:
  std::string in(std::string_view name) const { return folder_ + "/" + std::string(name); }

  base::FileStore& files_;
  std::string folder_;
};

struct ServiceKey {
  const char* name;
  keys::Purpose purpose;
};
constexpr ServiceKey kServiceKeys[] = {
    {"issuing", keys::Purpose::certificates},    {"ocsp", keys::Purpose::status_answers},
    {"tsa", keys::Purpose::time_stamps},         {"application", keys::Purpose::statements},
    {"service-channel", keys::Purpose::channel},
};

std::string key_name(std::string_view name, std::string_view ceremony) {
  return std::string(name) + "." + std::string(ceremony);
}

base::Result<x509::PublicKeyInfo> key_info(const base::Bytes& point) {
  HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(point));
  return x509::make_public_key_info(key);
}

void print_passphrase(const base::SecretBytes& passphrase) {
  const base::ByteView text = passphrase.expose();
  std::fprintf(
      stderr,
      "\nThe root key of this installation is sealed under a passphrase that is shown only now. "
      "Write it\n"
      "down and keep it apart: 本安装的根密钥口令仅显示一次，请抄录并妥善保管：\n\n    %.*s\n\n",
      static_cast<int>(text.size()), reinterpret_cast<const char*>(text.data()));
}

// hold_ceremony makes new keys under the id of this ceremony, the certificates, and last the file
// that makes them count.
base::Status hold_ceremony(const Configuration& configuration, const InstallationParts& parts) {
  HEQI_TRY(const std::string ceremony, flow::make_id(parts.random));
  HEQI_TRY(keys::MadeKey root,
           parts.module.make_key({key_name("root", ceremony), keys::Purpose::certificates,
                                  keys::Protection::passphrase}));
  for (const ServiceKey& key : kServiceKeys) {
    HEQI_TRY(parts.module.make_key(
        {key_name(key.name, ceremony), key.purpose, keys::Protection::wrapping_key}));
  }
  const auto signer = [&](std::string_view name, base::SecretBytes passphrase = {}) {
    return keys::ModuleSigner::make(parts.module, key_name(name, ceremony), std::move(passphrase));
  };
  HEQI_TRY(const auto root_signer, signer("root", root.passphrase.clone()));
  HEQI_TRY(const auto issuing_signer, signer("issuing"));
  const auto info = [&](std::string_view name) -> base::Result<x509::PublicKeyInfo> {
    HEQI_TRY(const base::Bytes point, parts.module.public_key(key_name(name, ceremony)));
    return key_info(point);
  };
  HEQI_TRY(const x509::PublicKeyInfo root_key, info("root"));
  HEQI_TRY(const x509::PublicKeyInfo issuing_key, info("issuing"));
  HEQI_TRY(const x509::PublicKeyInfo ocsp_key, info("ocsp"));
  HEQI_TRY(const x509::PublicKeyInfo tsa_key, info("tsa"));
  HEQI_TRY(const x509::PublicKeyInfo application_key, info("application"));
  HEQI_TRY(
      const services::ca::Hierarchy hierarchy,
      services::ca::hold_ceremony({.root = *root_signer,
                                   .issuing = *issuing_signer,
                                   .root_key = root_key,
                                   .issuing_key = issuing_key,
                                   .status_responder_key = ocsp_key,
                                   .time_stamp_authority_key = tsa_key,
                                   .application_key = application_key,
                                   .organization = configuration.organization,
                                   .locations = locations_of(configuration),
                                   .root_crl_url = configuration.pki_url + "/crl/root.crl",
                                   .application_name = configuration.organization + " Contracts"},
                                  parts.clock, parts.random));
  Prefixed folder(parts.files, kHierarchyFolder);
  HEQI_TRY(services::ca::save_hierarchy(folder, hierarchy));
  print_passphrase(root.passphrase);
  HEQI_TRY(parts.files.write(kCeremonyFile, base::bytes_of(ceremony)));
  parts.log.info("installation.ceremony_held", {{"ceremony", ceremony}});
  return {};
}

std::string host_of(const std::string& url) {
  const std::size_t start = url.find("://");
  if (start == std::string::npos) return "localhost";
  const std::size_t end = url.find_first_of(":/", start + 3);
  return url.substr(start + 3, end == std::string::npos ? end : end - start - 3);
}

// take_given_tls takes the certificate that somebody else's authority gave the platform.
base::Status take_given_tls(const Configuration& configuration, const InstallationParts& parts,
                            Installation& out) {
  const std::string& file = configuration.tls_certificate;
  HEQI_TRY(out.tls, open_tls_identity(file, configuration.tls_key, {parts.clock, parts.log}));
  HEQI_TRY(const auto certificates, x509::parse_certificates_pem(out.tls.certificate_chain_pem));
  if (certificates[0].not_after() < parts.clock.now())
    return base::fail(base::Code::expired, file + ": ask its authority for a new one");
  const std::vector<std::string> names = {host_of(configuration.public_url),
                                          host_of(configuration.signing_url)};
  HEQI_TRY(const bool renew,
           ossl::needs_renewal(out.tls.certificate_chain_pem, names, parts.clock));
  if (renew) parts.log.warning("installation.tls_to_renew", {{"file", std::string_view(file)}});
  return {};
}

// certify_tls_here has the platform's own TLS root certify its names.
base::Status certify_tls_here(const Configuration& configuration, const InstallationParts& parts,
                              Installation& out) {
  HEQI_TRY(LocalTls local,
           open_local_tls(configuration.data_folder + "/tls",
                          {"localhost", "127.0.0.1", host_of(configuration.public_url),
                           host_of(configuration.signing_url)},
                          {parts.clock, parts.log}));
  out.tls = std::move(local.identity);
  out.tls_root_pem = std::move(local.root_pem);
  return {};
}

}  // namespace

services::ca::Locations locations_of(const Configuration& configuration) {
  return {.crl = configuration.pki_url + "/crl/issuing.crl",
          .ocsp = configuration.pki_url + "/ocsp",
          .issuer_certificate = configuration.pki_url + "/certificates/issuing.cer"};
}

base::Result<Installation> open_installation(const Configuration& configuration,
                                             const InstallationParts& parts) {
  auto ceremony = parts.files.read(kCeremonyFile, 64);
  if (!ceremony && ceremony.error().code == base::Code::not_found) {
    HEQI_TRY(hold_ceremony(configuration, parts));
    ceremony = parts.files.read(kCeremonyFile, 64);
  }
  if (!ceremony) return std::move(ceremony).error();
  const std::string id(base::trim(base::text_of(*ceremony)));
  const auto signer = [&](std::string_view name) {
    return keys::ModuleSigner::make(parts.module, key_name(name, id));
  };
  Installation out;
  const Prefixed folder(parts.files, kHierarchyFolder);
  HEQI_TRY(out.hierarchy, services::ca::load_hierarchy(folder));
  HEQI_TRY(out.issuing, signer("issuing"));
  HEQI_TRY(out.status_responder, signer("ocsp"));
  HEQI_TRY(out.time_stamp_authority, signer("tsa"));
  HEQI_TRY(out.application, signer("application"));
  HEQI_TRY(out.service_channel, signer("service-channel"));
  out.service_channel_key = out.service_channel->public_key();
  HEQI_TRY(out.key_centre_channel_key, parts.module.public_key(keys::kChannelKey));
  HEQI_TRY(out.key_centre_sealing_key, parts.module.public_key(keys::kSealingKey));
  HEQI_TRY(configuration.tls_certificate.empty() ? certify_tls_here(configuration, parts, out)
                                                 : take_given_tls(configuration, parts, out));
  return out;
}

}  // namespace heqi::program
