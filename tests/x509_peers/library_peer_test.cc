// libcrypto reads what we build, field by field, and signs with keys that we wrote.
#include <gtest/gtest.h>

#include <memory>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

#include "sample.h"

namespace heqi::x509 {
namespace {

struct Free {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_REQ* p) const { X509_REQ_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Owned<X509> openssl_certificate(base::ByteView der) {
  const unsigned char* at = der.data();
  return Owned<X509>(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

// context_with_id readies SM2 with the id of GB/T 35276 §10; parameters must outlive the context.
Owned<EVP_MD_CTX> context_with_id(EVP_PKEY* key, Owned<EVP_PKEY_CTX>& parameters) {
  parameters.reset(EVP_PKEY_CTX_new(key, nullptr));
  EVP_PKEY_CTX_set1_id(parameters.get(), crypto::kDefaultSignerId.data(),
                       crypto::kDefaultSignerId.size());
  Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_MD_CTX_set_pkey_ctx(context.get(), parameters.get());
  return context;
}

bool openssl_verifies(base::ByteView key_der, base::ByteView message, base::ByteView signature) {
  const unsigned char* at = key_der.data();
  Owned<EVP_PKEY> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(key_der.size())));
  if (!key) return false;
  Owned<EVP_PKEY_CTX> parameters;
  Owned<EVP_MD_CTX> context = context_with_id(key.get(), parameters);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sm3(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

std::string text_of(const ASN1_OCTET_STRING* value) {
  return std::string(base::text_of(base::ByteView(
      ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value)))));
}

const std::pair<const asn1::Oid&, int> kKnownToOpenssl[] = {
    {oids::sm2_curve(), NID_sm2},
    {oids::sm3(), NID_sm3},
    {oids::sm2_with_sm3(), NID_SM2_with_SM3},
    {oids::rsa_with_sm3(), NID_sm3WithRSAEncryption},
    {oids::sm4_ecb(), NID_sm4_ecb},
    {oids::sm4_cbc(), NID_sm4_cbc},
    {oids::sm4_ctr(), NID_sm4_ctr},
    {oids::ec_public_key(), NID_X9_62_id_ecPublicKey},
    {oids::p256(), NID_X9_62_prime256v1},
    {oids::p384(), NID_secp384r1},
    {oids::p521(), NID_secp521r1},
    {oids::ecdsa_with_sha256(), NID_ecdsa_with_SHA256},
    {oids::ecdsa_with_sha384(), NID_ecdsa_with_SHA384},
    {oids::ecdsa_with_sha512(), NID_ecdsa_with_SHA512},
    {oids::rsa_encryption(), NID_rsaEncryption},
    {oids::rsa_pss(), NID_rsassaPss},
    {oids::mgf1(), NID_mgf1},
    {oids::rsa_with_sha256(), NID_sha256WithRSAEncryption},
    {oids::sha1(), NID_sha1},
    {oids::sha256(), NID_sha256},
    {oids::sha384(), NID_sha384},
    {oids::sha512(), NID_sha512},
    {oids::common_name(), NID_commonName},
    {oids::organization_identifier(), NID_organizationIdentifier},
    {oids::domain_component(), NID_domainComponent},
    {oids::user_id(), NID_userId},
    {oids::email_address(), NID_pkcs9_emailAddress},
    {oids::subject_key_identifier(), NID_subject_key_identifier},
    {oids::key_usage(), NID_key_usage},
    {oids::subject_alternative_name(), NID_subject_alt_name},
    {oids::basic_constraints(), NID_basic_constraints},
    {oids::crl_number(), NID_crl_number},
    {oids::crl_reason(), NID_crl_reason},
    {oids::invalidity_date(), NID_invalidity_date},
    {oids::delta_crl_indicator(), NID_delta_crl},
    {oids::issuing_distribution_point(), NID_issuing_distribution_point},
    {oids::certificate_issuer(), NID_certificate_issuer},
    {oids::name_constraints(), NID_name_constraints},
    {oids::crl_distribution_points(), NID_crl_distribution_points},
    {oids::certificate_policies(), NID_certificate_policies},
    {oids::any_policy(), NID_any_policy},
    {oids::policy_mappings(), NID_policy_mappings},
    {oids::policy_constraints(), NID_policy_constraints},
    {oids::authority_key_identifier(), NID_authority_key_identifier},
    {oids::extended_key_usage(), NID_ext_key_usage},
    {oids::any_extended_key_usage(), NID_anyExtendedKeyUsage},
    {oids::freshest_crl(), NID_freshest_crl},
    {oids::inhibit_any_policy(), NID_inhibit_any_policy},
    {oids::authority_information_access(), NID_info_access},
    {oids::access_ocsp(), NID_ad_OCSP},
    {oids::access_ca_issuers(), NID_ad_ca_issuers},
    {oids::purpose_server_auth(), NID_server_auth},
    {oids::purpose_client_auth(), NID_client_auth},
    {oids::purpose_code_signing(), NID_code_sign},
    {oids::purpose_email_protection(), NID_email_protect},
    {oids::purpose_time_stamping(), NID_time_stamp},
    {oids::purpose_ocsp_signing(), NID_OCSP_sign},
    {oids::extension_request(), NID_ext_req},
    {oids::challenge_password(), NID_pkcs9_challengePassword},
    {oids::content_type(), NID_pkcs9_contentType},
    {oids::message_digest(), NID_pkcs9_messageDigest},
    {oids::signing_time(), NID_pkcs9_signingTime},
    {oids::signing_certificate(), NID_id_smime_aa_signingCertificate},
    {oids::signing_certificate_v2(), NID_id_smime_aa_signingCertificateV2},
    {oids::signature_time_stamp_token(), NID_id_smime_aa_timeStampToken},
    {oids::cms_data(), NID_pkcs7_data},
    {oids::cms_signed_data(), NID_pkcs7_signed},
    {oids::cms_enveloped_data(), NID_pkcs7_enveloped},
    {oids::tst_info(), NID_id_smime_ct_TSTInfo},
    {oids::ocsp_basic(), NID_id_pkix_OCSP_basic},
    {oids::ocsp_nonce(), NID_id_pkix_OCSP_Nonce},
    {oids::ocsp_no_check(), NID_id_pkix_OCSP_noCheck},
    {oids::ocsp_archive_cutoff(), NID_id_pkix_OCSP_archiveCutoff}};

// shows-part: MSSP-6.2.1-e (certificates only; lists and the profile checker are elsewhere)
TEST(Openssl, VerifiesTheSignedOctetsOfOurCertificate) {
  Sample sample;
  const Certificate c = sample.issue();
  const base::Bytes key = make_public_key_info(sample.root.public_key()).der;
  EXPECT_TRUE(openssl_verifies(key, c.tbs(), c.signature()));
  EXPECT_FALSE(openssl_verifies(key, c.der(), c.signature()));
  EXPECT_FALSE(openssl_verifies(c.public_key().der, c.tbs(), c.signature()));
}

TEST(Openssl, ReadsOurCertificateAndWritesItTheSame) {
  const Certificate c = Sample().issue();
  const Owned<X509> peer = openssl_certificate(c.der());
  ASSERT_NE(peer, nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_re_X509_tbs(peer.get(), &der);
  ASSERT_GT(size, 0);
  EXPECT_TRUE(base::same_bytes(base::ByteView(der, static_cast<std::size_t>(size)), c.tbs()));
  OPENSSL_free(der);
}

TEST(Openssl, UnderstandsOurExtensions) {
  const Certificate c = Sample().issue();
  const Owned<X509> peer = openssl_certificate(c.der());
  ASSERT_NE(peer, nullptr);
  EXPECT_EQ(X509_get_version(peer.get()), X509_VERSION_3);
  EXPECT_EQ(X509_get_key_usage(peer.get()),
            static_cast<unsigned>(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION));
  EXPECT_EQ(X509_check_ca(peer.get()), 0);
  EXPECT_EQ(text_of(X509_get0_subject_key_id(peer.get())),
            base::text_of(c.subject_key_identifier()));
  EXPECT_EQ(text_of(X509_get0_authority_key_id(peer.get())),
            base::text_of(c.authority_key_identifier().key_identifier));
  EXPECT_EQ(X509_check_email(peer.get(), "zhang@example.test", 0, 0), 1);
  for (const int nid :
       {NID_key_usage, NID_basic_constraints, NID_ext_key_usage, NID_subject_key_identifier,
        NID_authority_key_identifier, NID_subject_alt_name, NID_crl_distribution_points,
        NID_info_access, NID_certificate_policies}) {
    int critical = -1;
    void* value = X509_get_ext_d2i(peer.get(), nid, &critical, nullptr);
    EXPECT_NE(value, nullptr) << OBJ_nid2sn(nid);
    EXPECT_EQ(critical, nid == NID_key_usage || nid == NID_basic_constraints ? 1 : 0);
    const int index = X509_get_ext_by_NID(peer.get(), nid, -1);
    const X509V3_EXT_METHOD* method = X509V3_EXT_get(X509_get_ext(peer.get(), index));
    if (value != nullptr && method != nullptr)
      ASN1_item_free(static_cast<ASN1_VALUE*>(value), ASN1_ITEM_ptr(method->it));
  }
}

TEST(Openssl, ReadsOurRequest) {
  Sample sample;
  CsrBody body;
  body.subject = name_of("王五");
  body.public_key = sample.body.public_key;
  body.extensions = {make_key_usage({KeyUsageBit::digital_signature})};
  const base::Bytes der = *make_csr(body, sample.person);
  const unsigned char* at = der.data();
  const Owned<X509_REQ> peer(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  ASSERT_NE(peer, nullptr);
  STACK_OF(X509_EXTENSION)* extensions = X509_REQ_get_extensions(peer.get());
  EXPECT_EQ(sk_X509_EXTENSION_num(extensions), 1);
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  const Csr csr = *parse_csr(der);
  EXPECT_TRUE(openssl_verifies(body.public_key.der, csr.tbs(), csr.signature));
}

TEST(Openssl, VerifiesSignedAttributes) {
  Sample sample;
  SignedAttributes attributes;
  attributes.content_type = oids::cms_data();
  attributes.message_digest = base::to_bytes(crypto::sm3(testing::hex("0102")));
  attributes.signing_certificate = make_reference(sample.issue());
  const base::Bytes der = *encode_signed_attributes(attributes);
  EXPECT_TRUE(openssl_verifies(sample.body.public_key.der, der, *sample.person.sign(der)));
}

TEST(Openssl, SignsWithAPrivateKeyThatWeWrote) {
  Sample sample;
  const crypto::PrivateKey key = *crypto::PrivateKey::generate(sample.random);
  const base::SecretBytes der = encode_private_key(key);
  const unsigned char* at = der.expose().data();
  const Owned<EVP_PKEY> peer(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  ASSERT_NE(peer, nullptr);
  const base::Bytes message = testing::hex("c0de");
  for (int i = 0; i < 20; ++i) {
    Owned<EVP_PKEY_CTX> parameters;
    const Owned<EVP_MD_CTX> context = context_with_id(peer.get(), parameters);
    ASSERT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sm3(), nullptr, peer.get()), 1);
    base::Bytes signature(80);
    std::size_t size = signature.size();
    ASSERT_EQ(
        EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()), 1);
    signature.resize(size);
    EXPECT_OK(Sm2SignatureVerifier().verify(
        sm2_with_sm3_algorithm(), make_public_key_info(key.public_key()), message, signature));
  }
}

TEST(Openssl, NamesTheSameIdentifiers) {
  for (const auto& [oid, nid] : kKnownToOpenssl)
    EXPECT_EQ(OBJ_txt2nid(oid.dotted().c_str()), nid) << oid.dotted();
}

}  // namespace
}  // namespace heqi::x509
