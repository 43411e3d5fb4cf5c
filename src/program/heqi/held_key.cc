#include "held_key.h"

#include <heqi/base/file_store.h>
#include <heqi/ossl/pkcs12.h>
#include <heqi/ossl/signer.h>

#include "software_key.h"

namespace heqi::program {

using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

namespace {

// parse_key takes an SM2 key by own code and every other, which is in PEM, by OpenSSL.
Result<HeldKey> parse_key(base::ByteView file) {
  auto sm2 = parse_software_key(file);
  if (sm2) return hold_sm2(*std::move(sm2));
  if (!file.empty() && file[0] == 0x30) return sm2.error();
  auto pair = ossl::parse_private_key_pem(file);
  if (!pair) return sm2.error().code == Code::unsupported ? sm2.error() : pair.error();
  return HeldKey{.other = std::move(pair->signer), .public_key = std::move(pair->public_key)};
}

Result<HeldKey> open_pkcs12(const std::string& path, const base::SecretBytes& password) {
  HEQI_TRY(const Bytes der, base::read_file(path, ossl::kPkcs12SizeMax));
  HEQI_TRY(ossl::KeyWithCertificates in, ossl::parse_pkcs12(der, password));
  HEQI_TRY(HeldKey key, parse_key(in.key_pem.expose()));
  key.certificates.push_back(std::move(in.certificate));
  for (x509::Certificate& one : in.others) key.certificates.push_back(std::move(one));
  return key;
}

}  // namespace

x509::AlgorithmIdentifier HeldKey::algorithm() const {
  return sm2 ? x509::sm2_with_sm3_algorithm() : other->algorithm();
}

HeldKey hold_sm2(crypto::PrivateKey key) {
  HeldKey out{.public_key = x509::make_public_key_info(key.public_key())};
  out.sm2 = std::move(key);
  return out;
}

Result<HeldKey> open_key_file(const std::string& path, const base::SecretBytes& password) {
  if (is_pkcs12(path)) return open_pkcs12(path, password);
  WipedOctets file;
  HEQI_TRY(file.octets, base::read_file(path, kKeyFileSizeMax));
  return parse_key(file.octets);
}

Result<HeldKey> make_key_file(const std::string& path, base::Random& random) {
  HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::generate(random));
  HEQI_TRY(write_software_key(path, key));
  return hold_sm2(std::move(key));
}

bool is_pkcs12(const std::string& path) {
  return path.ends_with(".p12") || path.ends_with(".pfx") || path.ends_with(".P12") ||
         path.ends_with(".PFX");
}

}  // namespace heqi::program
