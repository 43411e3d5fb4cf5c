#include <heqi/pki/certificate_response.h>

#include <gtest/gtest.h>

#include <heqi/asn1/writer.h>
#include <heqi/pki/certificates_only.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/enveloped_key.h>

namespace heqi::pki {
namespace {

using base::Code;
using testing::Authority;
using testing::Credential;

class Response : public ::testing::Test {
 protected:
  CertificateResponse pair() {
    CertificateResponse out;
    out.signature = {alice_.certificate, authority_.issuing().certificate};
    out.enveloped_key = *x509::seal_enveloped_key(key_, receiver_.public_key(), random_);
    out.encryption = {encryption_.certificate};
    return out;
  }
  testing::SeededRandom random_{4};
  Authority authority_;
  crypto::PrivateKey key_ = *crypto::PrivateKey::generate(random_),
                     receiver_ = *crypto::PrivateKey::generate(random_);
  Credential alice_ = authority_.make_person("Alice"),
             encryption_ = authority_.make_person("Alice");
};

TEST_F(Response, APairComesBackAndItsKeyOpens) {
  const auto der = encode_certificate_response(pair());
  ASSERT_OK(der);
  const auto read = parse_certificate_response(*der, alice_.certificate.public_key());
  ASSERT_OK(read);
  EXPECT_TRUE(read->signature.front() == alice_.certificate);
  EXPECT_EQ(read->signature.size(), 2U);
  EXPECT_TRUE(read->encryption.front() == encryption_.certificate);
  EXPECT_OK(x509::open_enveloped_key(read->enveloped_key, receiver_));
}

TEST_F(Response, ASignatureCertificateMayComeAlone) {
  CertificateResponse alone;
  alone.signature = {alice_.certificate};
  const auto read = parse_certificate_response(*encode_certificate_response(alone),
                                               alice_.certificate.public_key());
  ASSERT_OK(read);
  EXPECT_TRUE(read->enveloped_key.empty() && read->encryption.empty());
}

TEST_F(Response, TheOtherFormOfTheEncryptionCertificatesIsReadToo) {
  const CertificateResponse whole = pair();
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.set_of({base::to_bytes(whole.signature.front().der())});
    w.explicit_tag(0, [&](asn1::Writer& key) { key.raw(whole.enveloped_key); });
    w.explicit_tag(1, [&](asn1::Writer& tagged) {
      tagged.set_of({base::to_bytes(whole.encryption.front().der())});
    });
  });
  EXPECT_OK(parse_certificate_response(out.bytes(), alice_.certificate.public_key()));
}

TEST_F(Response, WhatDoesNotBelongTogetherIsRefused) {
  CertificateResponse broken = pair();
  broken.encryption.clear();
  EXPECT_ERROR(encode_certificate_response(broken), Code::malformed);
  broken = pair();
  broken.enveloped_key.clear();
  EXPECT_ERROR(encode_certificate_response(broken), Code::malformed);
  broken = pair();
  broken.signature.clear();
  EXPECT_ERROR(encode_certificate_response(broken), Code::malformed);
  const base::Bytes der = *encode_certificate_response(pair());
  EXPECT_ERROR(parse_certificate_response(der, encryption_.certificate.public_key()),
               Code::malformed)
      << "another applicant's";
  for (std::size_t size = 0; size < der.size(); size += 7)
    EXPECT_FALSE(parse_certificate_response(base::ByteView(der).first(size),
                                            alice_.certificate.public_key()));
}

TEST_F(Response, CertificatesOnlyComeBackAndNothingElseIsTakenForThem) {
  const std::vector<x509::Certificate> some = {authority_.issuing().certificate,
                                               authority_.root().certificate};
  const auto read = parse_certificates_only(encode_certificates_only(some));
  ASSERT_OK(read);
  EXPECT_EQ(read->size(), 2U);
  const base::Bytes message =
      authority_.sign_message(alice_, base::bytes_of("x"), testing::at("2026-06-01T00:00:00Z"));
  EXPECT_ERROR(parse_certificates_only(message), Code::malformed);
}

}  // namespace
}  // namespace heqi::pki
