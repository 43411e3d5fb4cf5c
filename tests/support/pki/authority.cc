#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/testing/authority.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::testing {

namespace oids = x509::oids;

using base::Bytes;
using base::ByteView;
using x509::KeyUsageBit;

namespace {

// must takes what cannot fail with the inputs of a test.
template <class T>
T must(base::Result<T> result) {
  if (!result) base::check_failed(result.error().detail.c_str(), __FILE__, __LINE__);
  return *std::move(result);
}

x509::Name name_of(const std::string& common_name) {
  return must(x509::Name::make({{oids::country(), "CN"},
                                {oids::organization(), "Heqi Test"},
                                {oids::common_name(), common_name}}));
}

Bytes number_bytes(std::uint64_t number) {
  Bytes bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto octet = static_cast<std::uint8_t>(number >> shift);
    if (octet != 0 || !bytes.empty()) bytes.push_back(octet);
  }
  return bytes;
}

const asn1::Oid& test_policy() {
  static const asn1::Oid policy = asn1::Oid::of("1.3.6.1.4.1.32473.1.1");  // RFC 5612
  return policy;
}

std::vector<x509::Extension> extensions_of(const CertificateWish& wish,
                                           const x509::PublicKeyInfo& key,
                                           ByteView issuer_key_identifier) {
  std::vector<x509::Extension> list;
  if (wish.ca) list.push_back(x509::make_basic_constraints({*wish.ca, wish.path_length}));
  if (!wish.usage.empty()) {
    x509::KeyUsage usage;
    for (const KeyUsageBit bit : wish.usage) usage.add(bit);
    list.push_back(x509::make_key_usage(usage));
  }
  if (!wish.purposes.empty()) {
    list.push_back(x509::make_extended_key_usage(wish.purposes));
    list.back().critical = wish.purposes_critical;
  }
  if (wish.key_identifiers) {
    list.push_back(x509::make_subject_key_identifier(key));
    list.push_back(x509::make_authority_key_identifier(issuer_key_identifier));
  }
  if (wish.crl_and_ocsp_urls) {
    list.push_back(must(x509::make_crl_distribution_points({"http://ca.test/issuing.crl"})));
    list.push_back(must(x509::make_authority_information_access({{"http://ca.test/ocsp"}, {}})));
  }
  list.insert(list.end(), wish.extensions.begin(), wish.extensions.end());
  return list;
}

CertificateWish wish_of_ca(std::string name) {
  CertificateWish wish;
  wish.common_name = std::move(name);
  wish.ca = true;
  wish.usage = {KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign};
  return wish;
}

}  // namespace

base::Time at(std::string_view rfc3339) {
  return must(base::parse_rfc3339(rfc3339));
}

x509::AlgorithmIdentifier SoftwareSigner::algorithm() const {
  return x509::sm2_with_sm3_algorithm();
}

base::Result<Bytes> SoftwareSigner::sign(ByteView message) {
  HEQI_TRY(const crypto::Signature signature, crypto::sign(key_, message, random_));
  return x509::encode_signature(signature);
}

namespace {

class Sm2Suite final : public Suite {
 public:
  std::string_view name() const override { return "sm2"; }
  NewKey make_key(SeededRandom& random) const override {
    auto signer =
        std::make_shared<SoftwareSigner>(must(crypto::PrivateKey::generate(random)), random.next());
    x509::PublicKeyInfo info = x509::make_public_key_info(signer->key().public_key());
    return {signer, signer, std::move(info)};
  }
  const asn1::Oid& digest_algorithm() const override { return oids::sm3(); }
  pki::Algorithms algorithms() const override { return {signatures_, digests_}; }

 private:
  x509::Sm2SignatureVerifier signatures_;
  pki::Sm3Digester digests_;
};

}  // namespace

const Suite& sm2_suite() {
  static const Sm2Suite suite;
  return suite;
}

Authority::Authority(std::uint64_t seed, const Suite& suite)
    : suite_(suite),
      random_(seed),
      not_before_(at("2026-01-01T00:00:00Z")),
      not_after_(at("2046-01-01T00:00:00Z")) {
  root_ = make_self_signed(wish_of_ca("Heqi Test Root"));
  CertificateWish issuing = wish_of_ca("Heqi Test Issuing CA");
  issuing.path_length = 0;
  issuing_ = make(issuing, root_);
  CertificateWish tsa;
  tsa.common_name = "Heqi Test TSA";
  tsa.usage = {KeyUsageBit::digital_signature};
  tsa.purposes = {oids::purpose_time_stamping()};
  tsa.purposes_critical = true;
  tsa_ = make(tsa);
  CertificateWish ocsp;
  ocsp.common_name = "Heqi Test OCSP";
  ocsp.usage = {KeyUsageBit::digital_signature};
  ocsp.purposes = {oids::purpose_ocsp_signing()};
  ocsp.extensions = {x509::make_ocsp_no_check()};
  ocsp_ = make(ocsp);
}

pki::TrustStore Authority::trust() const {
  return pki::TrustStore({root_.certificate});
}

Credential Authority::make_person(std::string common_name) {
  CertificateWish wish;
  wish.common_name = std::move(common_name);
  return make(wish);
}

Credential Authority::make(const CertificateWish& wish, const Credential& issuer) {
  NewKey key = suite_.make_key(random_);
  x509::CertificateBody body;
  body.serial = wish.serial.empty() ? number_bytes(next_serial_++) : wish.serial;
  body.not_before = wish.not_before == base::Time() ? not_before_ : wish.not_before;
  body.not_after = wish.not_after == base::Time() ? not_after_ : wish.not_after;
  body.subject = wish.subject ? *wish.subject : name_of(wish.common_name);
  body.public_key = key.public_key;
  const bool self = issuer.signer == nullptr;
  body.issuer = self ? body.subject : issuer.certificate.subject();
  body.extensions = extensions_of(
      wish, body.public_key,
      self ? body.public_key.key_identifier() : issuer.certificate.subject_key_identifier());
  x509::Certificate certificate =
      must(x509::make_certificate(body, self ? *key.signer : *issuer.signer));
  return {std::move(certificate), std::move(key.signer), std::move(key.sm2)};
}

Credential Authority::make_self_signed(const CertificateWish& wish) {
  return make(wish, Credential{});
}

void Authority::revoke(const x509::Certificate& certificate, base::Time when,
                       std::optional<pki::RevocationReason> reason) {
  revoked_.push_back(
      {base::to_bytes(certificate.issuer().der()), certificate.serial(), when, reason});
}

Bytes Authority::list_of(const Credential& issuer, base::Time this_update) {
  pki::CrlBody body;
  body.issuer = issuer.certificate.subject();
  body.this_update = this_update;
  body.next_update = this_update + std::chrono::hours(24 * 7);
  body.number = number_bytes(next_serial_++);
  body.authority_key_identifier = issuer.certificate.subject_key_identifier();
  for (const Revocation& one : revoked_)
    if (base::same_bytes(one.issuer, body.issuer.der()) && one.when <= this_update)
      body.revoked.push_back({one.serial, one.when, one.reason, std::nullopt});
  return must(pki::make_crl(body, *issuer.signer));
}

Bytes Authority::make_crl(base::Time this_update) {
  return list_of(issuing_, this_update);
}
Bytes Authority::make_root_crl(base::Time this_update) {
  return list_of(root_, this_update);
}

Bytes Authority::make_ocsp_answer(const x509::Certificate& certificate, base::Time this_update,
                                  ByteView nonce) {
  pki::SingleAnswer answer;
  answer.id = must(pki::make_cert_id(issuing_.certificate, certificate.serial(),
                                     suite_.digest_algorithm(), suite_.algorithms().digests));
  answer.status = pki::CertStatus::good;
  answer.this_update = this_update;
  answer.next_update = this_update + std::chrono::hours(24);
  for (const Revocation& one : revoked_)
    if (one.serial == certificate.serial() && one.when <= this_update) {
      answer.status = pki::CertStatus::revoked;
      answer.revoked_at = one.when;
      answer.reason = one.reason;
    }
  if (!(certificate.issuer() == issuing_.certificate.subject()))
    answer.status = pki::CertStatus::unknown;
  const pki::OcspBody body{{answer}, this_update, base::to_bytes(nonce)};
  return must(pki::make_ocsp_answer(body, ocsp_.certificate, {ocsp_.certificate}, *ocsp_.signer));
}

Bytes Authority::digest_of(ByteView data) const {
  return must(suite_.algorithms().digests.digest(suite_.digest_algorithm(), data));
}

x509::CertificateReference Authority::reference_to(const x509::Certificate& certificate) const {
  return {suite_.digest_algorithm(), digest_of(certificate.der()),
          base::to_bytes(certificate.issuer().der()), certificate.serial()};
}

Bytes Authority::make_time_stamp(ByteView data, base::Time time, ByteView nonce,
                                 pki::Profile profile) {
  pki::TstInfo info;
  info.hash_algorithm = suite_.digest_algorithm();
  info.imprint = digest_of(data);
  info.time = time;
  info.nonce = base::to_bytes(nonce);
  return make_token(std::move(info), profile);
}

Bytes Authority::make_token(pki::TstInfo info, pki::Profile profile) {
  info.policy = test_policy();
  info.serial = number_bytes(next_serial_++);
  x509::SignedAttributes attributes;
  attributes.content_type = oids::tst_info();
  pki::SignedDataParts parts;
  parts.profile = profile;
  parts.content_type = oids::tst_info();
  parts.content = pki::encode_tst_info(info);
  attributes.message_digest = digest_of(*parts.content);
  attributes.signing_time = info.time;
  attributes.signing_certificate = reference_to(tsa_.certificate);
  parts.certificates = chain();
  parts.signed_attributes = must(x509::encode_signed_attributes(attributes));
  parts.signature_algorithm = tsa_.signer->algorithm();
  parts.signature = must(tsa_.signer->sign(parts.signed_attributes));
  parts.digest_algorithm = suite_.digest_algorithm();
  return must(pki::assemble_signed_data(parts, tsa_.certificate));
}

Bytes Authority::sign_message(const Credential& signer, ByteView content, base::Time time,
                              pki::Profile profile) {
  x509::SignedAttributes attributes;
  attributes.content_type = profile == pki::Profile::gm_t_0010 ? oids::gm_data() : oids::cms_data();
  attributes.message_digest = digest_of(content);
  attributes.signing_time = time;
  attributes.signing_certificate = reference_to(signer.certificate);
  pki::SignedDataParts parts;
  parts.profile = profile;
  parts.certificates = chain();
  parts.signed_attributes = must(x509::encode_signed_attributes(attributes));
  parts.signature_algorithm = signer.signer->algorithm();
  parts.signature = must(signer.signer->sign(parts.signed_attributes));
  parts.digest_algorithm = suite_.digest_algorithm();
  return must(pki::assemble_signed_data(parts, signer.certificate));
}

// AnswerFetch is the CA's web server.
class AnswerFetch final : public base::Fetch {
 public:
  AnswerFetch(Authority& authority, const base::Clock& clock)
      : authority_(authority), clock_(clock) {}

  base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override {
    const base::Time now = clock_.now();
    if (request.url == "http://ca.test/issuing.crl")
      return base::FetchAnswer{200, "application/pkix-crl", authority_.make_crl(now)};
    if (request.url == "http://ca.test/root.crl")
      return base::FetchAnswer{200, "application/pkix-crl", authority_.make_root_crl(now)};
    if (request.url == "http://ca.test/tsa") {
      HEQI_TRY(const auto asked, pki::parse_time_stamp_request(request.body));
      pki::TstInfo info;
      info.hash_algorithm = asked.hash_algorithm;
      info.imprint = asked.imprint;
      info.time = now;
      info.nonce = asked.nonce;
      const Bytes token = authority_.make_token(std::move(info), pki::Profile::international);
      return base::FetchAnswer{200, "application/timestamp-reply",
                               pki::encode_time_stamp_answer(token)};
    }
    if (request.url != "http://ca.test/ocsp")
      return base::fail(base::Code::unavailable, "no such host");
    HEQI_TRY(const pki::OcspRequest asked, pki::parse_ocsp_request(request.body));
    const pki::CertId& id = asked.questions.front();
    pki::SingleAnswer answer{id, pki::CertStatus::good, {}, {}, now, now + std::chrono::hours(1)};
    for (const Authority::Revocation& one : authority_.revoked_)
      if (one.serial == id.serial && one.when <= now) {
        answer.status = pki::CertStatus::revoked;
        answer.revoked_at = one.when;
        answer.reason = one.reason;
      }
    const Credential& responder = authority_.ocsp();
    HEQI_TRY(Bytes der, pki::make_ocsp_answer({{answer}, now, asked.nonce}, responder.certificate,
                                              {responder.certificate}, *responder.signer));
    return base::FetchAnswer{200, "application/ocsp-response", std::move(der)};
  }

 private:
  Authority& authority_;
  const base::Clock& clock_;
};

std::unique_ptr<base::Fetch> Authority::make_fetch(const base::Clock& clock) {
  return std::make_unique<AnswerFetch>(*this, clock);
}

}  // namespace heqi::testing
