#include "held_tls_key.h"

#include <heqi/base/file_store.h>
#include <heqi/ossl/tls_key.h>
#include <heqi/ossl/tls_material.h>

#include "software_key.h"

namespace heqi::program {

using base::Bytes;
using base::Code;
using base::fail;
using base::FileStore;
using base::Result;
using base::SecretBytes;

namespace {

constexpr const char *kRootKeyFile = "root-key.pem", *kServerFile = "server.pem";
constexpr std::size_t kCertificatesSizeMax = 64 * 1024;

Result<HeldTlsKey> hold(base::ByteView key_pem) {
  HeldTlsKey out;
  HEQI_TRY(out.key, ossl::parse_tls_key(key_pem));
  HEQI_TRY(out.public_key, x509::parse_public_key_info(out.key->public_key()));
  return out;
}

// read_key is the content of a key file, nothing where it is not there.
Result<SecretBytes> read_key(const FileStore& files, const char* name) {
  WipedOctets content;
  HEQI_TRY(content.octets, files.read(name, kKeyFileSizeMax));
  return SecretBytes::copy_of(content.octets);
}

Result<ossl::TlsRoot> open_root(FileStore& files, const base::Clock& clock, base::Random& random) {
  const auto certificate = files.read(kTlsRootFile, kCertificatesSizeMax);
  auto key = read_key(files, kRootKeyFile);
  if (certificate && key)
    return ossl::TlsRoot{std::string(base::text_of(*certificate)), *std::move(key)};
  if (!certificate && certificate.error().code != Code::not_found) return certificate.error();
  if (!key && key.error().code != Code::not_found) return key.error();
  HEQI_TRY(ossl::TlsRoot made, ossl::make_tls_root({}, clock, random));
  HEQI_TRY(files.write(kRootKeyFile, made.key_pem.expose()));
  HEQI_TRY(files.write(kTlsRootFile, base::bytes_of(made.certificate_pem)));
  return made;
}

// find_server is the key with its chain, as long as both are good for these names below this root.
Result<std::optional<HeldTlsKey>> find_server(const FileStore& files,
                                              const std::vector<std::string>& names,
                                              const base::Clock& clock) {
  const auto chain = files.read(kServerFile, kCertificatesSizeMax),
             root = files.read(kTlsRootFile, kCertificatesSizeMax);
  const auto key = read_key(files, kTlsServerKeyFile);
  if (!chain || !root || !key || !base::text_of(*chain).ends_with(base::text_of(*root)))
    return std::optional<HeldTlsKey>();
  HEQI_TRY(const bool renew, ossl::needs_renewal(base::text_of(*chain), names, clock));
  if (renew) return std::optional<HeldTlsKey>();
  HEQI_TRY(HeldTlsKey out, hold(key->expose()));
  HEQI_TRY(out.certificates, x509::parse_certificates_pem(base::text_of(*chain)));
  // A start that was broken off between the two files left a new key beside the old certificate.
  if (!(out.certificates[0].public_key() == out.public_key)) return std::optional<HeldTlsKey>();
  return std::optional<HeldTlsKey>(std::move(out));
}

Result<HeldTlsKey> make_server(FileStore& files, const std::vector<std::string>& names,
                               const base::Clock& clock, base::Random& random) {
  HEQI_TRY(const ossl::TlsRoot root, open_root(files, clock, random));
  HEQI_TRY(const ossl::TlsServerMaterial made,
           ossl::make_tls_server_material(root, {.names = names}, clock, random));
  HEQI_TRY(files.write(kTlsServerKeyFile, made.key_pem.expose()));
  HEQI_TRY(files.write(kServerFile, base::bytes_of(made.certificate_chain_pem)));
  HEQI_TRY(HeldTlsKey out, hold(made.key_pem.expose()));
  HEQI_TRY(out.certificates, x509::parse_certificates_pem(made.certificate_chain_pem));
  return out;
}

}  // namespace

Result<HeldTlsKey> open_tls_key_file(const std::string& path) {
  WipedOctets file;
  HEQI_TRY(file.octets, base::read_file(path, kKeyFileSizeMax));
  auto out = hold(file.octets);
  if (!out) return fail(out.error().code, path + ": " + out.error().detail);
  return out;
}

Result<HeldTlsKey> open_tls_folder(const std::string& path, const std::vector<std::string>& names,
                                   const base::Clock& clock, base::Random& random) {
  HEQI_TRY(const auto files, base::open_folder(path));
  HEQI_TRY(auto found, find_server(*files, names, clock));
  if (found) return *std::move(found);
  return make_server(*files, names, clock, random);
}

}  // namespace heqi::program
