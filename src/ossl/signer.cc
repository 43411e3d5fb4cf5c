#include <heqi/ossl/signer.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <heqi/x509/oids.h>

#include "openssl_types.h"
#include "private_key.h"

namespace heqi::ossl {
namespace {

namespace oids = x509::oids;

constexpr int kPssSaltSize = 32;

// pss_algorithm is RSASSA-PSS with SHA-256, MGF1 with SHA-256, a salt of 32 octets.
x509::AlgorithmIdentifier pss_algorithm() {
  const x509::AlgorithmIdentifier hash{oids::sha256(), asn1::Writer().null().take()};
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.explicit_tag(0, [&](asn1::Writer& tagged) { x509::write_algorithm(tagged, hash); });
    w.explicit_tag(1, [&](asn1::Writer& tagged) {
      x509::write_algorithm(tagged, {oids::mgf1(), x509::encode_algorithm(hash)});
    });
    w.explicit_tag(2, [](asn1::Writer& tagged) { tagged.integer(kPssSaltSize); });
  });
  return {oids::rsa_pss(), out.take()};
}

class OpenSslSigner final : public x509::Signer {
 public:
  OpenSslSigner(Pkey key, x509::AlgorithmIdentifier algorithm, HashAndPadding how)
      : key_(std::move(key)), algorithm_(std::move(algorithm)), how_(how) {}

  x509::AlgorithmIdentifier algorithm() const override { return algorithm_; }

  base::Result<base::Bytes> sign(base::ByteView message) override {
    const DigestContext context(EVP_MD_CTX_new());
    HEQI_TRY(start(context.get(), EVP_DigestSignInit, key_.get(), how_));
    std::size_t size = 0;
    if (EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) != 1)
      return openssl_failed(base::Code::internal, "signing failed");
    base::Bytes out(size);
    if (EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1)
      return openssl_failed(base::Code::internal, "signing failed");
    out.resize(size);
    return out;
  }

 private:
  Pkey key_;
  x509::AlgorithmIdentifier algorithm_;
  HashAndPadding how_;
};

// choose says how key signs.
base::Status choose(const EVP_PKEY* key, const SignerOptions& options,
                    x509::AlgorithmIdentifier& algorithm, HashAndPadding& how) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    HEQI_TRY(check_rsa_size(key));
    how.hash = how.mask_hash = EVP_sha256();
    how.is_pss = options.rsa_padding == RsaPadding::pss;
    how.salt_size = kPssSaltSize;
    algorithm = how.is_pss ? pss_algorithm()
                           : x509::AlgorithmIdentifier{oids::rsa_with_sha256(),
                                                       asn1::Writer().null().take()};
    return {};
  }
  switch (curve_of(key)) {
    case NID_X9_62_prime256v1:
      how.hash = EVP_sha256();
      algorithm.oid = oids::ecdsa_with_sha256();
      return {};
    case NID_secp384r1:
      how.hash = EVP_sha384();
      algorithm.oid = oids::ecdsa_with_sha384();
      return {};
    case NID_secp521r1:
      how.hash = EVP_sha512();
      algorithm.oid = oids::ecdsa_with_sha512();
      return {};
    default:
      return base::fail(base::Code::unsupported, "kind of private key");
  }
}

EVP_PKEY* make_key(KeyKind kind) {
  switch (kind) {
    case KeyKind::p256:
      return EVP_EC_gen("P-256");
    case KeyKind::p384:
      return EVP_EC_gen("P-384");
    case KeyKind::p521:
      return EVP_EC_gen("P-521");
    case KeyKind::rsa2048:
      return EVP_RSA_gen(2048);
    case KeyKind::rsa3072:
      return EVP_RSA_gen(3072);
    case KeyKind::rsa4096:
      return EVP_RSA_gen(4096);
  }
  return nullptr;
}

}  // namespace

base::Result<KeyPair> parse_private_key_pem(base::ByteView pem, const SignerOptions& options) {
  HEQI_TRY(Pkey key, read_private_key(pem));
  x509::AlgorithmIdentifier algorithm;
  HashAndPadding how;
  HEQI_TRY(choose(key.get(), options, algorithm, how));
  HEQI_TRY(const base::Bytes der, write_public_key(key.get()));
  KeyPair out;
  HEQI_TRY(out.public_key, x509::parse_public_key_info(der));
  out.signer = std::make_unique<OpenSslSigner>(std::move(key), std::move(algorithm), how);
  return out;
}

base::Result<base::SecretBytes> make_p256_key_pem() {
  return make_key_pem(KeyKind::p256);
}

base::Result<std::unique_ptr<x509::Signer>> make_throw_away_signer(
    const x509::AlgorithmIdentifier& algorithm) {
  SignerOptions options;
  if (algorithm.oid == oids::rsa_pss()) options.rsa_padding = RsaPadding::pss;
  for (const KeyKind kind : {KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa2048}) {
    const bool is_rsa =
        algorithm.oid == oids::rsa_with_sha256() || algorithm.oid == oids::rsa_pss();
    if (is_rsa != (kind == KeyKind::rsa2048)) continue;
    HEQI_TRY(const base::SecretBytes pem, make_key_pem(kind));
    HEQI_TRY(KeyPair pair, parse_private_key_pem(pem.expose(), options));
    if (pair.signer->algorithm() == algorithm) return std::move(pair.signer);
  }
  return base::fail(base::Code::unsupported, "signature algorithm " + algorithm.oid.dotted());
}

base::Result<base::SecretBytes> make_key_pem(KeyKind kind) {
  const Pkey key(make_key(kind));
  const Bio output(BIO_new(BIO_s_secmem()));
  if (!key || !output ||
      PEM_write_bio_PKCS8PrivateKey(output.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1)
    return openssl_failed(base::Code::crypto_random_failed, "no key could be made");
  char* text = nullptr;
  const long size = BIO_get_mem_data(output.get(), &text);
  if (size <= 0) return openssl_failed(base::Code::internal, "the key cannot be written");
  const auto octets = static_cast<std::size_t>(size);
  base::SecretBytes out =
      base::SecretBytes::copy_of(base::bytes_of(std::string_view(text, octets)));
  OPENSSL_cleanse(text, octets);
  return out;
}

}  // namespace heqi::ossl
