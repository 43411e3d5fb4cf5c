#include <heqi/ossl/signature_verifier.h>

#include <openssl/obj_mac.h>
#include <openssl/x509.h>

#include <map>
#include <mutex>

#include <heqi/x509/oids.h>

#include "openssl_types.h"

namespace heqi::ossl {
namespace {

namespace oids = x509::oids;

constexpr std::int64_t kSaltSizeMax = 512;
constexpr std::size_t kKeysKept = 64;

enum class Family : std::uint8_t { rsa, ecdsa };

struct Scheme {
  Family family = Family::rsa;
  HashAndPadding how;
};

base::Error unknown(const asn1::Oid& oid) {
  return base::fail(base::Code::unsupported, "signature algorithm " + oid.dotted());
}

const EVP_MD* hash_of(const asn1::Oid& oid) {
  if (oid == oids::sha256()) return EVP_sha256();
  if (oid == oids::sha384()) return EVP_sha384();
  if (oid == oids::sha512()) return EVP_sha512();
  return nullptr;
}

// parse_pss reads RSASSA-PSS-params (RFC 4055 §3.1). The defaults all mean SHA-1 and are refused.
base::Result<Scheme> parse_pss(const x509::AlgorithmIdentifier& algorithm) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(algorithm.parameters));
  HEQI_TRY(asn1::Reader parameters, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(auto hash, parameters.explicit_tag(0));
  HEQI_TRY(auto mask, parameters.explicit_tag(1));
  if (!hash || !mask) return base::fail(base::Code::unsupported, "RSA-PSS with SHA-1");
  HEQI_TRY(const x509::AlgorithmIdentifier hash_algorithm, x509::parse_algorithm(*hash));
  HEQI_TRY(hash->finish());
  HEQI_TRY(const x509::AlgorithmIdentifier mask_algorithm, x509::parse_algorithm(*mask));
  HEQI_TRY(mask->finish());
  if (!(mask_algorithm.oid == oids::mgf1())) return unknown(mask_algorithm.oid);
  HEQI_TRY(asn1::Reader mask_outer, asn1::Reader::over(mask_algorithm.parameters));
  HEQI_TRY(const x509::AlgorithmIdentifier mask_hash, x509::parse_algorithm(mask_outer));
  HEQI_TRY(mask_outer.finish());
  std::int64_t salt_size = 20;
  HEQI_TRY(auto salt, parameters.explicit_tag(2));
  if (salt) {
    HEQI_TRY(salt_size, salt->small_integer());
    HEQI_TRY(salt->finish());
  }
  HEQI_TRY(auto trailer, parameters.explicit_tag(3));
  if (trailer) {
    HEQI_TRY(const std::int64_t field, trailer->small_integer());
    if (field != 1) return base::fail(base::Code::malformed, "RSA-PSS with a bad trailer field");
    HEQI_TRY(trailer->finish());
  }
  HEQI_TRY(parameters.finish());
  if (salt_size < 0 || salt_size > kSaltSizeMax)
    return base::fail(base::Code::malformed, "RSA-PSS with a bad salt length");
  Scheme out;
  out.how.is_pss = true;
  out.how.hash = hash_of(hash_algorithm.oid);
  out.how.mask_hash = hash_of(mask_hash.oid);
  out.how.salt_size = static_cast<int>(salt_size);
  if (out.how.hash == nullptr) return unknown(hash_algorithm.oid);
  if (out.how.mask_hash == nullptr) return unknown(mask_hash.oid);
  return out;
}

base::Result<Scheme> scheme_of(const x509::AlgorithmIdentifier& algorithm) {
  const asn1::Oid& oid = algorithm.oid;
  if (oid == oids::rsa_pss()) return parse_pss(algorithm);
  Scheme out;
  if (oid == oids::rsa_with_sha256()) out.how.hash = EVP_sha256();
  if (oid == oids::rsa_with_sha384()) out.how.hash = EVP_sha384();
  if (oid == oids::rsa_with_sha512()) out.how.hash = EVP_sha512();
  if (out.how.hash == nullptr) {
    out.family = Family::ecdsa;
    if (oid == oids::ecdsa_with_sha256()) out.how.hash = EVP_sha256();
    if (oid == oids::ecdsa_with_sha384()) out.how.hash = EVP_sha384();
    if (oid == oids::ecdsa_with_sha512()) out.how.hash = EVP_sha512();
  }
  if (out.how.hash == nullptr) return unknown(oid);
  if (!algorithm.has_no_parameters())
    return base::fail(base::Code::malformed, "parameters with " + oid.dotted());
  return out;
}

base::Result<Pkey> parse_key(const x509::PublicKeyInfo& info, Family family) {
  const bool is_ec = info.algorithm.oid == oids::ec_public_key();
  const bool is_rsa =
      info.algorithm.oid == oids::rsa_encryption() || info.algorithm.oid == oids::rsa_pss();
  if (!is_ec && !is_rsa)
    return base::fail(base::Code::unsupported,
                      "public key algorithm " + info.algorithm.oid.dotted());
  if (is_ec != (family == Family::ecdsa))
    return base::fail(base::Code::malformed, "signature algorithm and key do not belong together");
  const unsigned char* at = info.der.data();
  Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(info.der.size())));
  if (!key || at != info.der.data() + info.der.size())
    return openssl_failed(base::Code::malformed, "the public key cannot be read");
  if (is_ec) {
    const int curve = curve_of(key.get());
    if (curve != NID_X9_62_prime256v1 && curve != NID_secp384r1 && curve != NID_secp521r1)
      return base::fail(base::Code::unsupported, "curve of the public key");
  } else {
    const int bits = EVP_PKEY_get_bits(key.get());
    if (bits < kRsaBitsMin || bits > kRsaBitsMax)
      return base::fail(base::Code::unsupported, "RSA key of " + std::to_string(bits) + " bits");
  }
  return key;
}

class OpenSslVerifier final : public x509::SignatureVerifier {
 public:
  base::Status verify(const x509::AlgorithmIdentifier& algorithm, const x509::PublicKeyInfo& key,
                      base::ByteView message, base::ByteView signature) const override {
    if (algorithm.oid == oids::sm2_with_sm3() || algorithm.oid == oids::sm2_sign())
      return sm2_.verify(algorithm, key, message, signature);
    HEQI_TRY(const Scheme scheme, scheme_of(algorithm));
    HEQI_TRY(const SharedKey pkey, find_key(key, scheme.family));
    const DigestContext context(EVP_MD_CTX_new());
    HEQI_TRY(start(context.get(), EVP_DigestVerifyInit, pkey.get(), scheme.how));
    if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                         message.size()) == 1)
      return {};
    return openssl_failed(base::Code::invalid_signature, "the signature does not verify");
  }

 private:
  using SharedKey = std::shared_ptr<EVP_PKEY>;

  // find_key reads a key once: OpenSSL 3 takes longer to read an RSA key than to verify with it.
  base::Result<SharedKey> find_key(const x509::PublicKeyInfo& info, Family family) const {
    const std::pair<bool, base::Bytes> name(family == Family::ecdsa, info.der);
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = keys_.find(name); known != keys_.end()) return known->second;
    }
    HEQI_TRY(Pkey parsed, parse_key(info, family));
    SharedKey key(parsed.release(), Deleter<EVP_PKEY_free>());
    const std::lock_guard lock(mutex_);
    if (keys_.size() >= kKeysKept) keys_.clear();
    keys_.emplace(name, key);
    return key;
  }

  x509::Sm2SignatureVerifier sm2_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<bool, base::Bytes>, SharedKey> keys_;
};

}  // namespace

std::unique_ptr<x509::SignatureVerifier> make_signature_verifier() {
  return std::make_unique<OpenSslVerifier>();
}

}  // namespace heqi::ossl
