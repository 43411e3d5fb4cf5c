// A third stranger: Botan 2.19 parses what the pki layer writes. It knows SM2 keys of its own kind
// only, so the public point is handed over; its words about the to-be-signed octets count.
#include <botan/der_enc.h>
#include <botan/ec_group.h>
#include <botan/ocsp.h>
#include <botan/pkcs10.h>
#include <botan/pubkey.h>
#include <botan/sm2.h>
#include <botan/x509_crl.h>
#include <botan/x509cert.h>

#include <heqi/pki/crl.h>
#include <heqi/pki/ocsp.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/csr.h>

namespace heqi {
namespace {

using testing::Authority;
using testing::Credential;

Botan::SM2_PublicKey key_of(const x509::Certificate& certificate) {
  const Botan::EC_Group group("sm2p256v1");
  const auto point = certificate.public_key().sm2_key()->encode();
  return Botan::SM2_PublicKey(group, group.OS2ECP(point.data(), point.size()));
}

// botan_agrees: the signature is that of the certificate's key, with the usual identity.
bool botan_agrees(const x509::Certificate& certificate, const std::vector<std::uint8_t>& octets,
                  const std::vector<std::uint8_t>& signature) {
  const Botan::SM2_PublicKey key = key_of(certificate);
  Botan::PK_Verifier verifier(key, "1234567812345678,SM3", Botan::DER_SEQUENCE);
  return verifier.verify_message(octets, signature);
}

void expect_signed(const x509::Certificate& by, const Botan::X509_Object& object) {
  EXPECT_TRUE(botan_agrees(by, object.tbs_data(), object.signature()));
  std::vector<std::uint8_t> changed = object.tbs_data();
  changed.back() ^= 1;
  EXPECT_FALSE(botan_agrees(by, changed, object.signature()));
  EXPECT_EQ(object.signature_algorithm().get_oid().to_string(), "1.2.156.10197.1.501");
}

std::vector<std::uint8_t> octets(base::ByteView view) {
  return {view.begin(), view.end()};
}

class BotanReads : public ::testing::Test {
 protected:
  Authority authority_;
  Credential alice_ = authority_.make_person("Alice");
  const base::Time now_ = testing::at("2026-06-01T12:00:00Z");
};

TEST_F(BotanReads, CertificatesOfTheWholeChain) {
  const x509::Certificate &issuing = authority_.issuing().certificate,
                          &root = authority_.root().certificate;
  const std::pair<const x509::Certificate*, const x509::Certificate*> chain[] = {
      {&alice_.certificate, &issuing},
      {&authority_.tsa().certificate, &issuing},
      {&authority_.ocsp().certificate, &issuing},
      {&issuing, &root},
      {&root, &root}};
  for (const auto& [one, by] : chain) {
    const Botan::X509_Certificate read(octets(one->der()));
    expect_signed(*by, read);
    EXPECT_EQ(read.subject_dn().get_first_attribute("X520.CommonName"),
              one->subject().common_name());
    EXPECT_EQ(read.serial_number(), octets(one->serial()));
    EXPECT_EQ(read.is_CA_cert(), one->is_ca());
    EXPECT_EQ(read.x509_version(), 3U);
    EXPECT_EQ(read.authority_key_id(), octets(by->subject_key_identifier()));
  }
  EXPECT_FALSE(
      botan_agrees(root, octets(alice_.certificate.tbs()), octets(alice_.certificate.signature())));
}

// Botan takes the key of a request for an ECDSA key and refuses the whole, so only its arithmetic
// is asked: a key under id-ecPublicKey with the curve of SM2 is a form that it does not know.
TEST_F(BotanReads, Requests) {
  const auto csr = x509::parse_csr(*x509::make_csr({.subject = alice_.certificate.subject(),
                                                    .public_key = alice_.certificate.public_key(),
                                                    .extensions = {}},
                                                   *alice_.signer));
  ASSERT_OK(csr);
  std::vector<std::uint8_t> tbs = octets(csr->tbs());
  EXPECT_TRUE(botan_agrees(alice_.certificate, tbs, octets(csr->signature)));
  tbs.back() ^= 1;
  EXPECT_FALSE(botan_agrees(alice_.certificate, tbs, octets(csr->signature)));
  EXPECT_THROW(Botan::PKCS10_Request(octets(csr->der)), Botan::Exception);
}

TEST_F(BotanReads, Lists) {
  authority_.revoke(alice_.certificate, testing::at("2026-05-01T00:00:00Z"),
                    pki::RevocationReason::key_compromise);
  const Botan::X509_CRL read(octets(authority_.make_crl(now_)));
  expect_signed(authority_.issuing().certificate, read);
  EXPECT_TRUE(read.is_revoked(Botan::X509_Certificate(octets(alice_.certificate.der()))));
  EXPECT_FALSE(
      read.is_revoked(Botan::X509_Certificate(octets(authority_.tsa().certificate.der()))));
}

TEST_F(BotanReads, StatusAnswers) {
  const base::Bytes der = authority_.make_ocsp_answer(alice_.certificate, now_, {});
  const Botan::OCSP::Response read(der.data(), der.size());
  EXPECT_EQ(read.status(), Botan::OCSP::Response_Status_Code::Successful);
  ASSERT_EQ(read.certificates().size(), 1U);
  EXPECT_EQ(read.certificates()[0].subject_dn().get_first_attribute("X520.CommonName"),
            "Heqi Test OCSP");
}

}  // namespace
}  // namespace heqi
