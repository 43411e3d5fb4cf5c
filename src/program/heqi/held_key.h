// held_key.h: a key with its octets, as only the process that holds keys has it (key_holder.h).
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/random.h>
#include <heqi/base/secret.h>
#include <heqi/crypto/sm2.h>
#include <heqi/keys/module_protocol.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::program {

// HeldKey is an SM2 key, or another that signs by itself.
struct HeldKey {
  std::optional<crypto::PrivateKey> sm2 = std::nullopt;
  std::unique_ptr<x509::Signer> other = nullptr;
  x509::PublicKeyInfo public_key;
  std::vector<x509::Certificate> certificates = {};     // of PKCS#12, the key's own first
  std::optional<keys::Purpose> purpose = std::nullopt;  // what alone it signs

  x509::AlgorithmIdentifier algorithm() const;
};
HeldKey hold_sm2(crypto::PrivateKey key);

// open_key_file takes PKCS#12 (.p12, .pfx) with password, PEM, and of SM2 also DER. Fails with
// not_found, malformed, denied (password), unsupported (an encrypted PEM key, or another kind of
// key than SM2, RSA and ECDSA).
base::Result<HeldKey> open_key_file(const std::string& path, const base::SecretBytes& password);
// make_key_file makes an SM2 key in a file that only this user may read; conflict where the file is
// there.
base::Result<HeldKey> make_key_file(const std::string& path, base::Random& random);

// is_pkcs12 tells it by the file's name.
bool is_pkcs12(const std::string& path);

}  // namespace heqi::program
