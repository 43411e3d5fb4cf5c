#include "signing_key.h"

#include <algorithm>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

#include "device_key.h"
#include "held_key.h"
#include "key_process.h"
#include "pkcs11_key.h"
#include "sdf_key.h"

namespace heqi::program {

using base::Code;
using base::fail;
using base::Result;
using base::SecretBytes;

namespace {

constexpr std::size_t kCertificateFileSizeMax = std::size_t{1} << 20;
struct Opened {
  std::unique_ptr<x509::Signer> signer;
  x509::PublicKeyInfo public_key;
};

Result<std::vector<x509::Certificate>> read_certificates(const std::string& path) {
  HEQI_TRY(const base::Bytes content, base::read_file(path, kCertificateFileSizeMax));
  if (!content.empty() && content[0] == 0x30) {
    HEQI_TRY(x509::Certificate one, x509::parse_certificate(content));
    return std::vector<x509::Certificate>{std::move(one)};
  }
  HEQI_TRY(auto all, x509::parse_certificates_pem(base::text_of(content)));
  if (all.empty()) return fail(Code::not_found, path + ": no certificate");
  return all;
}

// same_key compares the public keys; SM2 keys may be named in two ways.
bool same_key(const x509::PublicKeyInfo& a, const x509::PublicKeyInfo& b) {
  return a == b || (a.is_sm2() && b.is_sm2() && a.key == b.key);
}

Result<SigningKey> complete(Opened opened, std::vector<x509::Certificate> certificates,
                            const std::string& path) {
  const auto own = std::find_if(
      certificates.begin(), certificates.end(),
      [&](const x509::Certificate& one) { return same_key(one.public_key(), opened.public_key); });
  if (own == certificates.end())
    return fail(Code::conflict, path + ": the certificate is not of this key");
  SigningKey out;
  out.signer = std::move(opened.signer);
  out.certificate = *own;
  for (x509::Certificate& one : certificates)
    if (!(one == out.certificate) && !(one.issuer() == one.subject()))
      out.chain.push_back(std::move(one));
  return out;
}

// open_token_key signs in a token for the first of certificates.
Result<Opened> open_token_key(const std::string& text, const SecretBytes& pin,
                              const std::vector<x509::Certificate>& certificates) {
  HEQI_TRY(const Pkcs11Uri uri, parse_pkcs11_uri(text));
  Opened out;
  out.public_key = certificates.front().public_key();
  HEQI_TRY(out.signer, open_pkcs11_key(uri, pin, certificates.front()));
  return out;
}

Result<KeyOfFile> open_file(const KeyFiles& files, const SecretBytes& password) {
  return open_key_elsewhere(files.key, password, {.program = files.program});
}

}  // namespace

bool is_key_file(const std::string& path) {
  return !is_pkcs11_uri(path) && !is_device_uri(path) && !is_sdf_uri(path);
}

bool asks_for_password(const std::string& path) {
  if (is_sdf_uri(path)) {
    const auto uri = parse_sdf_uri(path);
    return uri && uri->password_file.empty();
  }
  return !is_key_file(path) || is_pkcs12(path);
}

Result<SigningKey> open_signing_key(const KeyFiles& files, const SecretBytes& password) {
  std::vector<x509::Certificate> certificates;
  if (!files.certificate.empty()) {
    HEQI_TRY(certificates, read_certificates(files.certificate));
  }
  if (is_pkcs12(files.key)) {
    HEQI_TRY(KeyOfFile key, open_file(files, password));
    certificates = std::move(key.certificates);
    return complete({std::move(key.signer), std::move(key.public_key)}, std::move(certificates),
                    files.key);
  }
  if (certificates.empty())
    return fail(Code::not_found,
                files.key + ": a key without a certificate; --certificate names it");
  if (is_pkcs11_uri(files.key)) {
    HEQI_TRY(Opened opened, open_token_key(files.key, password, certificates));
    return complete(std::move(opened), std::move(certificates), files.certificate);
  }
  if (is_device_uri(files.key)) {
    HEQI_TRY(const DeviceUri uri, parse_device_uri(files.key));
    HEQI_TRY(DeviceKey key, open_device_key(uri, password));
    return complete({std::move(key.signer), std::move(key.public_key)}, std::move(certificates),
                    files.certificate);
  }
  if (is_sdf_uri(files.key)) {
    HEQI_TRY(const SdfUri uri, parse_sdf_uri(files.key));
    HEQI_TRY(SdfKey key, open_sdf_key(uri, password));
    return complete({std::move(key.signer), std::move(key.public_key)}, std::move(certificates),
                    files.certificate);
  }
  HEQI_TRY(KeyOfFile key, open_file(files, password));
  return complete({std::move(key.signer), std::move(key.public_key)}, std::move(certificates),
                  files.certificate);
}

}  // namespace heqi::program
