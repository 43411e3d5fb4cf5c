#include <heqi/testing/foreign_suites.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/ossl/signer.h>
#include <heqi/x509/oids.h>

namespace heqi::testing {
namespace {

// Root, issuing CA, time-stamp authority, OCSP responder, and parties.
constexpr std::size_t kRsaKeys = 12;

std::string pem_of(EVP_PKEY* key) {
  BIO* out = BIO_new(BIO_s_mem());
  HEQI_CHECK(key != nullptr &&
             PEM_write_bio_PKCS8PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  EVP_PKEY_free(key);
  return pem;
}

NewKey key_from(const std::string& pem) {
  auto pair = ossl::parse_private_key_pem(base::bytes_of(pem));
  HEQI_CHECK(pair.has_value());
  return {std::move(pair->signer), nullptr, std::move(pair->public_key)};
}

class ForeignSuite : public Suite {
 public:
  const asn1::Oid& digest_algorithm() const override { return x509::oids::sha256(); }
  pki::Algorithms algorithms() const override { return {*signatures_, digests_}; }

 private:
  std::unique_ptr<x509::SignatureVerifier> signatures_ = ossl::make_signature_verifier();
  pki::FunctionDigester digests_{ossl::digest, ossl::digest_parts};
};

class RsaSuite final : public ForeignSuite {
 public:
  std::string_view name() const override { return "rsa"; }
  NewKey make_key(SeededRandom&) const override {
    if (keys_.size() < kRsaKeys) {
      keys_.push_back(key_from(new_rsa_key_pem()));
      return keys_.back();
    }
    return keys_[next_++ % kRsaKeys];
  }

 private:
  mutable std::vector<NewKey> keys_;
  mutable std::size_t next_ = 0;
};

class EcdsaSuite final : public ForeignSuite {
 public:
  std::string_view name() const override { return "ecdsa"; }
  NewKey make_key(SeededRandom&) const override { return key_from(new_p256_key_pem()); }
};

}  // namespace

std::string new_rsa_key_pem() {
  return pem_of(EVP_RSA_gen(2048));
}
std::string new_p256_key_pem() {
  return pem_of(EVP_EC_gen("P-256"));
}

const Suite& rsa_suite() {
  static const RsaSuite suite;
  return suite;
}
const Suite& ecdsa_suite() {
  static const EcdsaSuite suite;
  return suite;
}

}  // namespace heqi::testing
