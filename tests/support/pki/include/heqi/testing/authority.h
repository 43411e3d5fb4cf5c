// heqi/testing/authority.h: a whole public key infrastructure in memory: a root, an issuing CA, and
// what they certify, with SM2 software keys from a fixed seed (or with the keys of another Suite).
// For tests of every layer from pki up.
//   Authority authority;                                     // valid 2026-01-01 … 2046
//   Credential alice = authority.make_person("Alice");
//   TrustStore trust = authority.trust();
//   Bytes token = authority.make_time_stamp(data, at("2026-06-01T12:00:00Z"));
#pragma once
#include <memory>
#include <string>

#include <heqi/crypto/sm2.h>
#include <heqi/pki/cms.h>
#include <heqi/pki/path.h>
#include <heqi/pki/tsp.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/signer.h>

namespace heqi::testing {

// at reads a literal time; aborts on a bad one.
base::Time at(std::string_view rfc3339);

// SoftwareSigner signs with one SM2 key in memory.
class SoftwareSigner final : public x509::Signer {
 public:
  SoftwareSigner(crypto::PrivateKey key, std::uint64_t seed)
      : key_(std::move(key)), random_(seed) {}
  x509::AlgorithmIdentifier algorithm() const override;
  base::Result<base::Bytes> sign(base::ByteView message) override;
  const crypto::PrivateKey& key() const { return key_; }

 private:
  crypto::PrivateKey key_;
  SeededRandom random_;
};

// NewKey is a key with its public part.
struct NewKey {
  std::shared_ptr<x509::Signer> signer;
  std::shared_ptr<SoftwareSigner> sm2;  // the same one, where it is an SM2 key
  x509::PublicKeyInfo public_key;
};

// Suite is with what an authority signs, and everyone whom it certifies.
class Suite {
 public:
  virtual ~Suite() = default;
  virtual std::string_view name() const = 0;
  virtual NewKey make_key(SeededRandom& random) const = 0;
  virtual const asn1::Oid& digest_algorithm() const = 0;
  virtual pki::Algorithms algorithms() const = 0;
};
// sm2_suite is SM2 with SM3; those with RSA and ECDSA are in heqi/testing/foreign_suites.h.
const Suite& sm2_suite();

// Credential is a certificate with its key.
struct Credential {
  x509::Certificate certificate;
  std::shared_ptr<x509::Signer> signer;
  std::shared_ptr<SoftwareSigner> sm2;  // nullptr for keys of other suites
};

// CertificateWish says how a certificate shall look; the defaults make a person's.
struct CertificateWish {
  std::string common_name = "Test Person";
  std::optional<x509::Name> subject;  // default: C=CN, O=Heqi Test, and common_name
  bool key_identifiers = true;
  base::Time not_before, not_after;  // default: the authority's
  std::optional<bool> ca;            // basicConstraints; nullopt: extension left out
  std::optional<unsigned> path_length;
  std::vector<pki::KeyUsageBit> usage = {pki::KeyUsageBit::digital_signature,
                                         pki::KeyUsageBit::non_repudiation};  // empty: left out
  std::vector<asn1::Oid> purposes;  // extended key usage; empty: left out
  bool purposes_critical = false;
  bool crl_and_ocsp_urls = false;           // http://ca.test/issuing.crl and http://ca.test/ocsp
  std::vector<x509::Extension> extensions;  // further ones, written as given
  base::Bytes serial;                       // default: the next number
};

class Authority {
 public:
  explicit Authority(std::uint64_t seed = 1, const Suite& suite = sm2_suite());

  const Credential& root() const { return root_; }
  const Credential& issuing() const { return issuing_; }
  const Credential& tsa() const { return tsa_; }    // timeStamping, critical, only
  const Credential& ocsp() const { return ocsp_; }  // OCSPSigning
  const Suite& suite() const { return suite_; }
  base::Time not_before() const { return not_before_; }
  base::Time not_after() const { return not_after_; }

  // trust holds the root.
  pki::TrustStore trust() const;
  // chain is {issuing}: what a message carries besides the signer's certificate.
  std::vector<x509::Certificate> chain() const { return {issuing_.certificate}; }

  Credential make_person(std::string common_name);
  // make certifies a new key as wished, under issuer.
  Credential make(const CertificateWish& wish, const Credential& issuer);
  Credential make(const CertificateWish& wish) { return make(wish, issuing_); }
  Credential make_self_signed(const CertificateWish& wish);

  // revoke notes a revocation that the following CRLs and OCSP answers tell.
  void revoke(const x509::Certificate& certificate, base::Time when,
              std::optional<pki::RevocationReason> reason = std::nullopt);
  // make_crl is the issuing CA's (or the root's) list of this_update, valid for seven days.
  base::Bytes make_crl(base::Time this_update);
  base::Bytes make_root_crl(base::Time this_update);
  // make_ocsp_answer answers about certificate from the delegated responder, valid for one day.
  base::Bytes make_ocsp_answer(const x509::Certificate& certificate, base::Time this_update,
                               base::ByteView nonce = {});
  // make_time_stamp is a token over the suite's hash of data.
  base::Bytes make_time_stamp(base::ByteView data, base::Time time, base::ByteView nonce = {},
                              pki::Profile profile = pki::Profile::international);
  // sign_message is a detached message over content with the attributes that the device makes.
  base::Bytes sign_message(const Credential& signer, base::ByteView content, base::Time time,
                           pki::Profile profile = pki::Profile::international);

  // AnswerFetch serves make_crl, make_root_crl and make_ocsp_answer as of now under the URLs that
  // certificates with crl_and_ocsp_urls name, and time-stamps under http://ca.test/tsa.
  std::unique_ptr<base::Fetch> make_fetch(const base::Clock& clock);

 private:
  friend class AnswerFetch;
  base::Bytes list_of(const Credential& issuer, base::Time this_update);

  base::Bytes make_token(pki::TstInfo info, pki::Profile profile);
  base::Bytes digest_of(base::ByteView data) const;
  x509::CertificateReference reference_to(const x509::Certificate& certificate) const;

  const Suite& suite_;
  SeededRandom random_;
  std::uint64_t next_serial_ = 1000;
  base::Time not_before_, not_after_;
  Credential root_, issuing_, tsa_, ocsp_;
  struct Revocation {
    base::Bytes issuer, serial;
    base::Time when;
    std::optional<pki::RevocationReason> reason;
  };
  std::vector<Revocation> revoked_;
};

}  // namespace heqi::testing
