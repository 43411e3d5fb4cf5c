#include <gtest/gtest.h>

#include <heqi/x509/signed_attributes.h>

#include "sample.h"

namespace heqi::x509 {
namespace {

using base::Code;
using testing::hex;

SignedAttributes attributes_over(base::ByteView content, const Certificate& certificate) {
  SignedAttributes out;
  out.content_type = oids::cms_data();
  out.message_digest = base::to_bytes(crypto::sm3(content));
  out.signing_time = at("2026-11-21T08:00:00Z");
  out.signing_certificate = make_reference(certificate);
  return out;
}

TEST(SignedAttributes, GoThroughDer) {
  const Certificate certificate = Sample().issue();
  const base::Bytes content = hex("010203");
  SignedAttributes attributes = attributes_over(content, certificate);
  attributes.others.push_back({asn1::Oid::of("1.2.3"), {hex("0500"), hex("020101")}});
  auto der = encode_signed_attributes(attributes);
  ASSERT_OK(der);
  EXPECT_EQ(der->at(0), 0x31);
  auto read = parse_signed_attributes(*der);
  ASSERT_OK(read);
  EXPECT_EQ(read->content_type, oids::cms_data());
  EXPECT_EQ(*read->signing_time, at("2026-11-21T08:00:00Z"));
  EXPECT_EQ(read->others.size(), 1U);
  EXPECT_OK(verify_content(*read, content));
  EXPECT_OK(verify_signing_certificate(*read, certificate));
  EXPECT_EQ(*encode_signed_attributes(*read), *der);
}

TEST(SignedAttributes, NameTheHashOfTheCertificateInSoManyWords) {
  const base::Bytes value = encode_signing_certificate(make_reference(Sample().issue()));
  const base::Bytes sm3 = asn1::Writer().oid(oids::sm3()).take();
  EXPECT_NE(std::search(value.begin(), value.end(), sm3.begin(), sm3.end()), value.end());
}

TEST(SignedAttributes, OverOtherContentAreRefused) {
  const Certificate certificate = Sample().issue();
  const SignedAttributes attributes = attributes_over(hex("01"), certificate);
  EXPECT_ERROR(verify_content(attributes, hex("02")), Code::invalid_signature);
  EXPECT_ERROR(verify_content(attributes, {}), Code::invalid_signature);
}

TEST(SignedAttributes, OfAnotherCertificateAreRefused) {
  Sample sample;
  const Certificate certificate = sample.issue();
  sample.body.serial = hex("01");
  const Certificate other = sample.issue();
  SignedAttributes attributes = attributes_over(hex("01"), certificate);
  EXPECT_ERROR(verify_signing_certificate(attributes, other), Code::invalid_signature);
  attributes.signing_certificate->serial = hex("05");  // the hash fits, the serial does not
  EXPECT_ERROR(verify_signing_certificate(attributes, certificate), Code::invalid_signature);
  attributes = attributes_over(hex("01"), certificate);
  attributes.signing_certificate->hash_algorithm = oids::sha256();
  EXPECT_ERROR(verify_signing_certificate(attributes, certificate), Code::unsupported);
  attributes.signing_certificate.reset();
  EXPECT_ERROR(verify_signing_certificate(attributes, certificate), Code::invalid_signature);
}

TEST(SignedAttributes, ThatLackOrRepeatSomethingAreNotMade) {
  const SignedAttributes good = attributes_over(hex("01"), Sample().issue());
  SignedAttributes bad = good;
  bad.content_type = {};
  EXPECT_ERROR(encode_signed_attributes(bad), Code::malformed);
  bad = good;
  bad.message_digest.clear();
  EXPECT_ERROR(encode_signed_attributes(bad), Code::malformed);
  bad = good;
  bad.others.push_back({oids::message_digest(), {hex("0400")}});
  EXPECT_ERROR(encode_signed_attributes(bad), Code::malformed);
  bad = good;
  bad.others.push_back({asn1::Oid::of("1.2.3"), {}});
  EXPECT_ERROR(encode_signed_attributes(bad), Code::malformed);
}

TEST(SignedAttributes, ThatAreNotAStrictSetAreRefused) {
  const std::string type = "3018 06092a864886f70d010903 310b 06092a864886f70d010701";
  const std::string digest = "3011 06092a864886f70d010904 3104 04020102";
  const std::string sorted = digest + type, other = "3009 06032a0304 3102 0500";
  EXPECT_OK(parse_signed_attributes(hex("312d" + sorted)));
  const std::string cases[] = {
      "",
      "302d" + sorted,                  // a SEQUENCE
      "a02d" + sorted,                  // the tag that stands in the message
      "312d" + type + digest,           // not in order
      "312d" + sorted + "00",           // something after it
      "311a" + type,                    // no digest
      "3113" + digest,                  // no content type
      "3140" + digest + digest + type,  // twice the same
      "312f" + sorted + "3000",         // an attribute of nothing
      "3100",
  };
  for (const std::string& der : cases)
    EXPECT_ERROR(parse_signed_attributes(hex(der)), Code::malformed) << der;
  EXPECT_OK(parse_signed_attributes(hex("3138" + other + sorted)));
  // two digests in one attribute; none; a digest that is no OCTET STRING; an empty one
  for (const char* bad :
       {"3015 06092a864886f70d010904 3108 04020102 04020103", "300d 06092a864886f70d010904 3100",
        "3011 06092a864886f70d010904 3104 02020102", "300f 06092a864886f70d010904 3102 0400"}) {
    const base::Bytes content = hex(std::string(bad) + type);
    EXPECT_ERROR(parse_signed_attributes(asn1::Writer().element(asn1::kSet, content).take()),
                 Code::malformed)
        << bad;
  }
  EXPECT_ERROR(parse_signed_attributes(base::Bytes(kSignedAttributesSizeMax + 1)),
               Code::limit_exceeded);
}

}  // namespace
}  // namespace heqi::x509
