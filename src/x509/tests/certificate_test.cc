#include <gtest/gtest.h>

#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/sm2_encoding.h>

#include "sample.h"

namespace heqi::x509 {
namespace {

using base::Code;
using testing::hex;

// shows-part: MSSP-6.2.1-e (certificates only; lists and the profile checker are elsewhere)
TEST(Certificate, SaysWhatItsBodyStated) {
  Sample sample;
  const Certificate c = sample.issue();
  EXPECT_EQ(c.version(), 3);
  EXPECT_EQ(c.serial(), hex("c0ffee"));
  EXPECT_EQ(c.signature_algorithm(), sm2_with_sm3_algorithm());
  EXPECT_EQ(c.issuer(), sample.body.issuer);
  EXPECT_EQ(c.subject().common_name(), "张三");
  EXPECT_EQ(c.not_before(), sample.body.not_before);
  EXPECT_EQ(c.not_after(), sample.body.not_after);
  EXPECT_EQ(*c.public_key().sm2_key(), sample.person.public_key());
  EXPECT_TRUE(c.allows(KeyUsageBit::non_repudiation));
  EXPECT_FALSE(c.allows(KeyUsageBit::key_cert_sign));
  EXPECT_FALSE(c.is_ca());
  EXPECT_TRUE(c.has_purpose(oids::purpose_document_signing()));
  EXPECT_EQ(c.subject_key_identifier(), c.public_key().key_identifier());
  EXPECT_EQ(c.authority_key_identifier().key_identifier.size(), kKeyIdentifierSize);
  ASSERT_EQ(c.subject_alternative_names().size(), 2U);
  EXPECT_EQ(c.subject_alternative_names()[0].text, "zhang@example.test");
  EXPECT_EQ(c.crl_distribution_points().size(), 2U);
  EXPECT_EQ(c.access_locations().ocsp.at(0), "http://ca.test/ocsp");
  EXPECT_EQ(c.access_locations().ca_issuers.at(0), "http://ca.test/ca.cer");
  EXPECT_EQ(c.policies().at(0).dotted(), "1.2.3.4");
  ASSERT_EQ(c.identity_extensions().size(), 1U);
  EXPECT_EQ(c.identity_extensions()[0].text, "11010519491231002X");
  EXPECT_TRUE(c.unknown_critical_extensions().empty());
  EXPECT_TRUE(c.is_valid_at(at("2030-01-01T00:00:00Z")));
  EXPECT_FALSE(c.is_valid_at(at("2060-01-01T00:00:01Z")));
}

TEST(Certificate, IsVerifiedUnderItsIssuersKeyOnly) {
  Sample sample;
  const Certificate c = sample.issue();
  const Sm2SignatureVerifier verifier;
  EXPECT_OK(verify_issued_by(c, make_public_key_info(sample.root.public_key()), verifier));
  EXPECT_ERROR(verify_issued_by(c, c.public_key(), verifier), Code::invalid_signature);
  EXPECT_OK(IssuedVerifier(make_public_key_info(sample.root.public_key()), verifier).verify(c));
  EXPECT_ERROR(IssuedVerifier(c.public_key(), verifier).verify(c), Code::invalid_signature);
}

TEST(Certificate, OneFlippedBitAnywhereIsSeen) {
  Sample sample;
  const Certificate original = sample.issue();
  const PublicKeyInfo root = make_public_key_info(sample.root.public_key());
  const Sm2SignatureVerifier verifier;
  const IssuedVerifier prepared(root, verifier);
  for (std::size_t i = 0; i < original.der().size(); ++i) {
    base::Bytes der = base::to_bytes(original.der());
    der[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto damaged = parse_certificate(der);
    if (!damaged) continue;
    const auto refused = verify_issued_by(*damaged, root, verifier);
    ASSERT_FALSE(refused) << "octet " << i;
    EXPECT_ERROR(prepared.verify(*damaged), refused.error().code) << "octet " << i;
  }
}

TEST(Certificate, IsRefusedWhenCutOffAnywhere) {
  const base::Bytes der = base::to_bytes(Sample().issue().der());
  for (std::size_t size = 0; size < der.size(); ++size)
    EXPECT_FALSE(parse_certificate(base::ByteView(der).first(size))) << size;
}

TEST(Certificate, IsRefusedWithSomethingAfterIt) {
  base::Bytes der = base::to_bytes(Sample().issue().der());
  der.push_back(0);
  EXPECT_ERROR(parse_certificate(der), Code::malformed);
}

TEST(Certificate, IsRefusedBeyondTheLimit) {
  Sample sample;
  sample.body.extensions.push_back(
      {asn1::Oid::of("1.2.3"), false, base::Bytes(kCertificateSizeMax)});
  EXPECT_ERROR(make_certificate(sample.body, sample.root), Code::limit_exceeded);
}

// issue_with replaces the value of one extension and tells what the parser says.
base::Result<Certificate> issue_with(const asn1::Oid& type, std::string_view value) {
  Sample sample;
  for (Extension& extension : sample.body.extensions)
    if (extension.type == type) extension.value = hex(value);
  return make_certificate(sample.body, sample.root);
}

TEST(Certificate, BadStandardExtensionsAreRefused) {
  const struct {
    const asn1::Oid& type;
    const char* value;
  } cases[] = {
      {oids::key_usage(), ""},
      {oids::key_usage(), "030100"},              // no bit
      {oids::key_usage(), "03020001 00"},         // more behind
      {oids::key_usage(), "04020001"},            // not a BIT STRING
      {oids::key_usage(), "03020801"},            // eight unused bits
      {oids::basic_constraints(), "3003010101"},  // a boolean of one
      {oids::basic_constraints(), "3003020100"},  // path length without cA
      {oids::basic_constraints(), "30060101ff0201ff"},
      {oids::basic_constraints(), "30070101ff02020100"},  // 256
      {oids::basic_constraints(), "30080101ff0201000500"},
      {oids::extended_key_usage(), "3000"},
      {oids::extended_key_usage(), "30030201 01"},
      {oids::subject_key_identifier(), "0400"},
      {oids::subject_key_identifier(), "030100"},
      {oids::authority_key_identifier(), "3003820101"},  // a serial without an issuer
      {oids::authority_key_identifier(), "3003840101"},
      {oids::subject_alternative_name(), "3000"},
      {oids::subject_alternative_name(), "3003890101"},
      {oids::subject_alternative_name(), "3002a200"},  // a DNS name that is constructed
      {oids::subject_alternative_name(), "3004a402 3180"},
      {oids::crl_distribution_points(), "300430028300"},
      {oids::crl_distribution_points(), "30043002a000"},
      {oids::authority_information_access(), "3002 3000"},
      {oids::authority_information_access(), "30053003060129"},
      {oids::certificate_policies(), "3000"},
      {oids::certificate_policies(), "300a 3003060129 3003060129"},  // one that comes twice
  };
  for (const auto& c : cases)
    EXPECT_ERROR(issue_with(c.type, c.value), Code::malformed) << c.type.dotted() << " " << c.value;
}

TEST(Certificate, AnExplicitFalseOfAnOldAuthorityIsRead) {
  EXPECT_OK(issue_with(oids::basic_constraints(), "3003010100"));
}

TEST(Certificate, UnknownCriticalExtensionsAreNamed) {
  Sample sample;
  sample.body.extensions.push_back({oids::name_constraints(), true, hex("3000")});
  sample.body.extensions.push_back({asn1::Oid::of("1.2.3"), false, hex("0500")});
  const Certificate c = sample.issue();
  ASSERT_EQ(c.unknown_critical_extensions().size(), 1U);
  EXPECT_EQ(c.unknown_critical_extensions()[0], oids::name_constraints());
}

TEST(Certificate, IdentityIsReadFromEveryFormSeen) {
  const std::pair<const char*, const char*> forms[] = {
      {"0c0131", "1"}, {"130131", "1"},          {"800131", "1"}, {"a003130131", "1"},
      {"0401 31", ""}, {"3105 a003130131", "1"}, {"31", ""},      {"0c0131 00", ""}};
  for (const auto& [value, text] : forms) {
    auto c = issue_with(oids::identity_code(), value);
    ASSERT_OK(c);
    EXPECT_EQ(c->identity_extensions().at(0).text, text) << value;
  }
}

// Editor makes certificates that encode_body refuses to make.
base::Result<Certificate> parse_tbs(std::string_view version, std::string_view serial,
                                    std::string_view algorithm, std::string_view issuer,
                                    std::string_view extensions) {
  const std::string sm2 = "300a06082a811ccf55018375";
  asn1::Writer out;
  Sample sample;
  out.sequence([&](asn1::Writer& w) {
    w.raw(hex(version)).raw(hex(serial)).raw(hex(algorithm.empty() ? sm2 : algorithm));
    w.raw(issuer.empty() ? base::to_bytes(sample.body.issuer.der()) : hex(issuer));
    w.sequence([&](asn1::Writer& v) {
      v.time(sample.body.not_before);
      v.time(sample.body.not_after);
    });
    w.raw(sample.body.subject.der());
    w.raw(sample.body.public_key.der);
    w.raw(hex(extensions));
  });
  return parse_certificate(
      assemble_signed(out.bytes(), sm2_with_sm3_algorithm(), testing::hex("3006020101020101")));
}

TEST(Certificate, BodiesOutsideTheStandardAreRefused) {
  const std::string v3 = "a003020102", one = "020101";
  EXPECT_OK(parse_tbs(v3, one, "", "", ""));
  EXPECT_OK(parse_tbs("", one, "", "", ""));
  EXPECT_ERROR(parse_tbs("a003020100", one, "", "", ""), Code::malformed);  // a written default
  EXPECT_ERROR(parse_tbs("a003020103", one, "", "", ""), Code::malformed);
  EXPECT_ERROR(parse_tbs("a0030201ff", one, "", "", ""), Code::malformed);
  EXPECT_ERROR(parse_tbs("a006020102020102", one, "", "", ""), Code::malformed);
  EXPECT_ERROR(parse_tbs(v3, "0201ff", "", "", ""), Code::malformed);  // a negative serial
  EXPECT_ERROR(parse_tbs(v3, "02020001", "", "", ""), Code::malformed);
  EXPECT_ERROR(parse_tbs(v3, "0215010000000000000000000000000000000000000000", "", "", ""),
               Code::malformed);  // 21 octets
  EXPECT_ERROR(parse_tbs(v3, one, "300c06082a811ccf550183750500", "", ""),
               Code::malformed);  // inside and outside differ
  EXPECT_ERROR(parse_tbs(v3, one, "", "3000", ""), Code::malformed);
  EXPECT_ERROR(parse_tbs(v3, one, "", "30023100", ""), Code::malformed);
  EXPECT_ERROR(parse_tbs(v3, one, "", "", "a3023000"), Code::malformed);
  EXPECT_ERROR(parse_tbs("", one, "", "", "a30d300b30090603551d0f0402 3000"), Code::malformed);
  EXPECT_OK(parse_tbs(v3, one, "", "", "a30c300a30080603 2a0304 040130"));
  EXPECT_ERROR(
      parse_tbs(v3, one, "", "", "a316 3014 30080603 2a0304 040130 30080603 2a0304 040130"),
      Code::malformed);  // one that comes twice
  EXPECT_ERROR(parse_tbs(v3, one, "", "", "a30f300d300b0603 2a0304 010101 040130"),
               Code::malformed);  // critical is 01
  EXPECT_ERROR(parse_tbs("", one, "", "", "8102 0000"), Code::malformed);
}

TEST(CertificateBody, ThatIsWrongIsNotEncoded) {
  const auto encode = [](auto change) {
    Sample sample;
    change(sample.body);
    return encode_body(sample.body, sm2_with_sm3_algorithm());
  };
  EXPECT_OK(encode([](CertificateBody&) {}));
  EXPECT_ERROR(encode([](CertificateBody& b) { b.serial.clear(); }), Code::malformed);
  EXPECT_ERROR(encode([](CertificateBody& b) { b.serial = hex("0000"); }), Code::malformed);
  EXPECT_ERROR(encode([](CertificateBody& b) { b.serial.assign(21, 1); }), Code::malformed);
  EXPECT_ERROR(encode([](CertificateBody& b) { b.serial.assign(20, 0x80); }), Code::malformed);
  EXPECT_OK(encode([](CertificateBody& b) { b.serial.assign(20, 0x7f); }));
  EXPECT_ERROR(encode([](CertificateBody& b) { std::swap(b.not_before, b.not_after); }),
               Code::malformed);
  EXPECT_ERROR(encode([](CertificateBody& b) { b.issuer = Name(); }), Code::malformed);
  EXPECT_ERROR(encode([](CertificateBody& b) { b.public_key = {}; }), Code::malformed);
  EXPECT_ERROR(encode([](CertificateBody& b) { b.extensions.push_back(b.extensions[0]); }),
               Code::malformed);
}

TEST(Extensions, WithAddressesThatAreNotAsciiAreNotMade) {
  EXPECT_ERROR(make_crl_distribution_points({"http://例子.test/"}), Code::malformed);
  EXPECT_ERROR(make_crl_distribution_points({""}), Code::malformed);
  EXPECT_ERROR(make_crl_distribution_points({"http://a b/"}), Code::malformed);
  EXPECT_ERROR(make_authority_information_access({{"http://a\n/"}, {}}), Code::malformed);
  EXPECT_ERROR(make_subject_alternative_names({dns_name("例子.test")}), Code::malformed);
  EXPECT_ERROR(make_subject_alternative_names({ip_name(hex("7f0000"))}), Code::malformed);
  EXPECT_ERROR(make_subject_alternative_names({directory_name(hex("3080"))}), Code::malformed);
}

TEST(Pem, HoldsCertificatesAndNothingElse) {
  const Certificate c = Sample().issue();
  auto read = parse_certificates_pem(to_pem(c) + "between\n" + to_pem(c));
  ASSERT_OK(read);
  EXPECT_EQ(read->size(), 2U);
  EXPECT_EQ(read->at(1), c);
  EXPECT_ERROR(parse_certificates_pem(base::to_pem("PRIVATE KEY", c.der())), Code::malformed);
  EXPECT_ERROR(parse_certificates_pem(base::to_pem("CERTIFICATE", hex("3000"))), Code::malformed);
}

}  // namespace
}  // namespace heqi::x509
