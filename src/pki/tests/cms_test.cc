#include <gtest/gtest.h>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/pki/cms.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/sm2_encoding.h>

#include "der.h"

namespace heqi::pki {
namespace {

namespace oids = x509::oids;

using base::Bytes;
using base::Code;
using testing::at;
using testing::Authority;
using testing::Credential;

const x509::Sm2SignatureVerifier kSignatures;
const Sm3Digester kDigests;
const Algorithms kAlgorithms{kSignatures, kDigests};
const base::Time kTime = at("2026-06-01T12:00:00Z");
const Bytes kContent = base::to_bytes("%PDF-1.7 a contract");

Bytes sm3_of(base::ByteView data) {
  const crypto::Digest digest = crypto::sm3(data);
  return {digest.begin(), digest.end()};
}

// Shape is one way in which producers write messages.
struct Shape {
  Profile profile = Profile::gm_t_0010;
  std::optional<Bytes> content;
  Bytes attributes, signature;
  std::optional<asn1::Oid> content_type, digest;
};

class Messages : public ::testing::Test {
 protected:
  Bytes assemble(const Shape& shape) {
    SignedDataParts parts;
    parts.profile = shape.profile;
    parts.content = shape.content;
    parts.content_type = shape.content_type;
    parts.digest_algorithm = shape.digest;
    parts.signed_attributes = shape.attributes;
    parts.signature = shape.signature;
    parts.signature_algorithm = alice.signer->algorithm();
    const auto der = assemble_signed_data(parts, alice.certificate);
    EXPECT_OK(der);
    return *der;
  }
  x509::SignedAttributes attributes_over(base::ByteView content) const {
    x509::SignedAttributes attributes;
    attributes.content_type = oids::cms_data();
    attributes.message_digest = sm3_of(content);
    attributes.signing_certificate = x509::make_reference(alice.certificate);
    return attributes;
  }
  Bytes with_attributes(const x509::SignedAttributes& attributes,
                        std::optional<Bytes> content = std::nullopt) {
    const Bytes der = *x509::encode_signed_attributes(attributes);
    Shape shape;
    shape.profile = Profile::international;
    shape.content = std::move(content);
    shape.attributes = der;
    shape.signature = *alice.signer->sign(der);
    return assemble(shape);
  }

  Authority authority;
  Credential alice = authority.make_person("Alice");
};

TEST_F(Messages, BothFamiliesHoldAndSayHowTheContentIsBound) {
  for (const Profile profile : {Profile::international, Profile::gm_t_0010}) {
    const Bytes der = authority.sign_message(alice, kContent, kTime, profile);
    EXPECT_EQ(parse_signed_data(der)->outer, profile);
    const auto message = parse_signed_data(der);
    ASSERT_OK(message);
    // The issuing CA's certificate is carried, its issuer is not.
    EXPECT_ERROR(check_certificates(*message, {}, kAlgorithms), Code::invalid_signature);
    EXPECT_OK(check_certificates(*message, {authority.root().certificate}, kAlgorithms));
    const auto held = verify_signed_data(*message, kContent, {}, kAlgorithms);
    ASSERT_OK(held);
    EXPECT_EQ(held->binding, Binding::message_digest);
    EXPECT_TRUE(held->signer == alice.certificate);
    EXPECT_TRUE(held->certificate_bound);
    EXPECT_EQ(held->claimed_time, kTime);
    EXPECT_FALSE(held->time_stamp_token.has_value());
    EXPECT_TRUE(held->deviations.empty());
  }
}

// shows-part: ECP-6.2.2-b (signed data; enveloped data and other makers are not shown here)
TEST_F(Messages, OtherContentIsNeverBound) {
  for (const Profile profile : {Profile::international, Profile::gm_t_0010}) {
    const auto message = parse_signed_data(authority.sign_message(alice, kContent, kTime, profile));
    for (const std::string_view other : {"", "%PDF-1.7 a contracT", "%PDF-1.7 a contract\n"})
      EXPECT_ERROR(verify_signed_data(*message, base::bytes_of(other), {}, kAlgorithms),
                   Code::invalid_signature);
  }
}

TEST_F(Messages, EncapsulatedContentHolds) {
  const Bytes der = with_attributes(attributes_over(kContent), kContent);
  const auto message = parse_signed_data(der);
  ASSERT_OK(message);
  const auto evidence = verify_encapsulated(*message, {}, kAlgorithms);
  ASSERT_OK(evidence);
  EXPECT_EQ(evidence->binding, Binding::encapsulated_content);
  EXPECT_ERROR(verify_signed_data(*message, base::to_bytes("another"), {}, kAlgorithms),
               Code::invalid_signature);
  const auto detached = parse_signed_data(with_attributes(attributes_over(kContent)));
  EXPECT_ERROR(verify_encapsulated(*detached, {}, kAlgorithms), Code::unsupported);
}

// Variants a to f of what products write (GB/T 35275 in the wild).
TEST_F(Messages, TheDigestAsContentIsVariantA) {
  Shape shape;
  shape.content = sm3_of(kContent);
  shape.signature = *alice.signer->sign(*shape.content);
  const auto message = parse_signed_data(assemble(shape));
  const auto held = verify_signed_data(*message, kContent, {}, kAlgorithms);
  ASSERT_OK(held);
  EXPECT_EQ(held->binding, Binding::digest_as_content);
  EXPECT_ERROR(verify_signed_data(*message, base::to_bytes("other"), {}, kAlgorithms),
               Code::invalid_signature);
}

TEST_F(Messages, TheBase64DigestAsContentIsVariantB) {
  Shape shape;
  shape.content = base::to_bytes(base::to_base64(sm3_of(kContent)));
  shape.signature = *alice.signer->sign(*shape.content);
  const auto message = parse_signed_data(assemble(shape));
  const auto held = verify_signed_data(*message, kContent, {}, kAlgorithms);
  ASSERT_OK(held);
  EXPECT_EQ(held->binding, Binding::base64_digest_as_content);
  EXPECT_ERROR(verify_signed_data(*message, base::to_bytes("other"), {}, kAlgorithms),
               Code::invalid_signature);
}

TEST_F(Messages, MixedDataIdentifiersAreVariantCAndNoted) {
  x509::SignedAttributes attributes = attributes_over(kContent);
  attributes.content_type = oids::gm_data();
  const Bytes set = *x509::encode_signed_attributes(attributes);
  Shape shape;
  shape.attributes = set;
  shape.signature = *alice.signer->sign(set);
  const auto message = parse_signed_data(assemble(shape));
  ASSERT_OK(message);
  SignedData mixed = *message;
  mixed.content_type = oids::cms_data();
  const auto held = verify_signed_data(mixed, kContent, {}, kAlgorithms);
  ASSERT_OK(held);
  EXPECT_EQ(held->deviations.size(), 1U);
  mixed.content_type = oids::tst_info();
  EXPECT_ERROR(verify_signed_data(mixed, kContent, {}, kAlgorithms), Code::invalid_signature);
}

TEST_F(Messages, InternationalIdentifiersWithSm2AreVariantD) {
  const auto message =
      parse_signed_data(authority.sign_message(alice, kContent, kTime, Profile::international));
  ASSERT_OK(message);
  EXPECT_TRUE(message->signers[0].signature_algorithm.oid == oids::sm2_with_sm3());
  const auto gm =
      parse_signed_data(authority.sign_message(alice, kContent, kTime, Profile::gm_t_0010));
  EXPECT_TRUE(gm->signers[0].signature_algorithm.oid == oids::sm2_sign());
}

TEST_F(Messages, SignaturesOverTheContentItselfAreVariantE) {
  Shape shape;
  shape.signature = *alice.signer->sign(kContent);
  auto message = parse_signed_data(assemble(shape));
  auto held = verify_signed_data(*message, kContent, {}, kAlgorithms);
  ASSERT_OK(held);
  EXPECT_EQ(held->binding, Binding::signature_over_content);

  shape.signature = *alice.signer->sign(sm3_of(kContent));
  message = parse_signed_data(assemble(shape));
  held = verify_signed_data(*message, kContent, {}, kAlgorithms);
  ASSERT_OK(held);
  EXPECT_EQ(held->binding, Binding::signature_over_digest);

  testing::SeededRandom random(5);
  shape.signature =
      x509::encode_signature(*crypto::sign_digest(alice.sm2->key(), crypto::sm3(kContent), random));
  message = parse_signed_data(assemble(shape));
  held = verify_signed_data(*message, kContent, {}, kAlgorithms);
  ASSERT_OK(held);
  EXPECT_EQ(held->binding, Binding::digest_without_identity);
  EXPECT_EQ(held->deviations.size(), 1U);
  EXPECT_ERROR(verify_signed_data(*message, base::to_bytes("x"), {}, kAlgorithms),
               Code::invalid_signature);
}

TEST_F(Messages, TheSignatureIdentifierAsDigestIsVariantF) {
  Shape shape;
  shape.content = sm3_of(kContent);
  shape.signature = *alice.signer->sign(*shape.content);
  shape.digest = oids::sm2_with_sm3();
  const auto message = parse_signed_data(assemble(shape));
  ASSERT_OK(message);
  EXPECT_FALSE(message->deviations.empty());
  EXPECT_OK(verify_signed_data(*message, kContent, {}, kAlgorithms));
}

TEST_F(Messages, BareSignatureValuesAreReadAndNoted) {
  Shape shape;
  shape.content = sm3_of(kContent);
  testing::SeededRandom random(6);
  shape.signature =
      x509::encode_raw_signature(*crypto::sign(alice.sm2->key(), *shape.content, random));
  const auto message = parse_signed_data(assemble(shape));
  const auto held = verify_signed_data(*message, kContent, {}, kAlgorithms);
  ASSERT_OK(held);
  EXPECT_EQ(held->deviations.size(), 1U);
}

// shows-part: ECP-6.2.2-b (signed data; enveloped data and other makers are not shown here)
TEST_F(Messages, SignedAttributesArePassedOffAsContentInVain) {
  // Alice signed attributes; Mallory drops them from the message and presents them as the content.
  const Bytes set = *x509::encode_signed_attributes(attributes_over(kContent));
  Shape shape;
  shape.profile = Profile::international;
  shape.signature = *alice.signer->sign(set);
  EXPECT_ERROR(verify_signed_data(*parse_signed_data(assemble(shape)), set, {}, kAlgorithms),
               Code::invalid_signature);
  shape.content = set;
  EXPECT_ERROR(verify_encapsulated(*parse_signed_data(assemble(shape)), {}, kAlgorithms),
               Code::invalid_signature);
}

TEST_F(Messages, AnotherCertificateOfTheSameNameAndSerialIsRefused) {
  testing::CertificateWish wish;
  wish.common_name = "Alice";
  wish.serial = alice.certificate.serial();
  const Credential double_ganger = authority.make(wish);
  SignedData message = *parse_signed_data(authority.sign_message(alice, kContent, kTime));
  message.certificates = {double_ganger.certificate};
  EXPECT_ERROR(verify_signed_data(message, kContent, {}, kAlgorithms), Code::invalid_signature);

  // The same key in another certificate: only signingCertificateV2 tells.
  x509::CertificateBody body;
  body.serial = alice.certificate.serial();
  body.issuer = alice.certificate.issuer();
  body.subject = alice.certificate.subject();
  body.not_before = alice.certificate.not_before();
  body.not_after = alice.certificate.not_after();
  body.public_key = alice.certificate.public_key();
  message.certificates = {*x509::make_certificate(body, *authority.issuing().signer)};
  EXPECT_ERROR(verify_signed_data(message, kContent, {}, kAlgorithms), Code::invalid_signature);
}

TEST_F(Messages, WithoutTheSignersCertificateNothingIsSaid) {
  SignedData message = *parse_signed_data(authority.sign_message(alice, kContent, kTime));
  message.certificates.clear();
  EXPECT_ERROR(verify_signed_data(message, kContent, {}, kAlgorithms), Code::not_found);
  EXPECT_OK(verify_signed_data(message, kContent, {0, {alice.certificate}}, kAlgorithms));
  EXPECT_ERROR(verify_signed_data(message, kContent, {1, {alice.certificate}}, kAlgorithms),
               Code::not_found);
}

TEST_F(Messages, ATimeStampIsAddedAndNothingElseChanges) {
  const Bytes der = authority.sign_message(alice, kContent, kTime);
  const SignedData before = *parse_signed_data(der);
  const Bytes token = authority.make_time_stamp(before.signers[0].signature, kTime);
  const auto stamped = add_unsigned_attribute(der, time_stamp_attribute(token));
  ASSERT_OK(stamped);
  const SignedData after = *parse_signed_data(*stamped);
  EXPECT_EQ(after.signers[0].signature, before.signers[0].signature);
  EXPECT_EQ(after.signers[0].signed_attributes, before.signers[0].signed_attributes);
  EXPECT_EQ(after.certificates.size(), before.certificates.size());
  const auto held = verify_signed_data(after, kContent, {}, kAlgorithms);
  ASSERT_OK(held);
  EXPECT_EQ(held->time_stamp_token, token);
  // A second attribute goes beside the first.
  const auto twice = add_unsigned_attribute(*stamped, {asn1::Oid::of("1.2.3.4"), {{0x05, 0x00}}});
  ASSERT_OK(twice);
  EXPECT_EQ(parse_signed_data(*twice)->signers[0].unsigned_values.size(), 2U);
}

TEST_F(Messages, NoFlippedBitVerifies) {
  for (const Profile profile : {Profile::international, Profile::gm_t_0010}) {
    const Bytes der = authority.sign_message(alice, kContent, kTime, profile);
    testing::SeededRandom random(8);
    for (std::size_t octet = 0; octet < der.size(); ++octet) {
      Bytes changed = der;
      changed[octet] = static_cast<std::uint8_t>(changed[octet] ^ (1U << random.below(8)));
      const auto message = parse_signed_data(changed);
      const bool held = message &&
                        check_certificates(*message, {authority.root().certificate}, kAlgorithms) &&
                        verify_signed_data(*message, kContent, {}, kAlgorithms);
      EXPECT_FALSE(held) << "octet " << octet;
    }
  }
}

TEST_F(Messages, NoPrefixIsRead) {
  const Bytes der = authority.sign_message(alice, kContent, kTime);
  for (std::size_t size = 0; size < der.size(); ++size)
    EXPECT_ERROR(parse_signed_data(base::ByteView(der).first(size)), Code::malformed);
}

TEST_F(Messages, AttributesOfAnotherContentTypeAreNotAssembled) {
  SignedDataParts parts;
  parts.signed_attributes = *x509::encode_signed_attributes(attributes_over(kContent));
  parts.signature = {1};
  parts.signature_algorithm = alice.signer->algorithm();
  parts.profile = Profile::gm_t_0010;
  EXPECT_ERROR(assemble_signed_data(parts, alice.certificate), Code::malformed);
  parts.profile = Profile::international;
  EXPECT_OK(assemble_signed_data(parts, alice.certificate));
  parts.signature.clear();
  EXPECT_ERROR(assemble_signed_data(parts, alice.certificate), Code::malformed);
  parts.signature = {1};
  parts.signed_attributes = {0x31, 0x00};
  EXPECT_ERROR(assemble_signed_data(parts, alice.certificate), Code::malformed);
}

// Messages of other kinds, as mail and key management carry them.
TEST(OtherMessages, AreRefusedByName) {
  const std::pair<const char*, const char*> types[] = {
      {"1.2.840.113549.1.7.1", "data of CMS"},
      {"1.2.840.113549.1.7.3", "envelopedData of CMS"},
      {"1.2.840.113549.1.7.5", "digestedData of CMS"},
      {"1.2.840.113549.1.7.6", "encryptedData of CMS"},
      {"1.2.156.10197.6.1.4.2.3", "envelopedData of GM/T 0010"},
      {"1.2.156.10197.6.1.4.2.4", "signedAndEnvelopedData of GM/T 0010"},
      {"1.2.156.10197.6.1.4.2.5", "encryptedData of GM/T 0010"},
      {"1.2.156.10197.6.1.4.2.6", "keyAgreementInfo of GM/T 0010"},
      {"1.2.156.10197.6.1.4.4.2", "signedData of SM9"},
      {"1.2.156.10197.6.1.4.2.9", "content type 1.2.156.10197.6.1.4.2.9"},
      {"1.2.840.113549.1.9.16.1.2", "content type 1.2.840.113549.1.9.16.1.2"},
  };
  for (const auto& [type, words] : types) {
    asn1::Writer out;
    out.sequence([type = type](asn1::Writer& info) {
      info.oid(asn1::Oid::of(type));
      info.explicit_tag(0, [](asn1::Writer& content) { content.sequence([](asn1::Writer&) {}); });
    });
    const auto message = parse_signed_data(out.bytes());
    EXPECT_ERROR(message, Code::unsupported) << type;
    EXPECT_NE(message.error().detail.find(words), std::string::npos) << message.error().detail;
  }
}

TEST(DerPrefix, OnlyZerosMayFollow) {
  Bytes padded = testing::hex("3003 020101 000000");
  EXPECT_EQ(der_prefix_of(padded)->size(), 5U);
  padded.back() = 1;
  EXPECT_ERROR(der_prefix_of(padded), Code::malformed);
  EXPECT_ERROR(der_prefix_of(Bytes(8, 0)), Code::malformed);
  EXPECT_ERROR(der_prefix_of({}), Code::malformed);
}

}  // namespace
}  // namespace heqi::pki
