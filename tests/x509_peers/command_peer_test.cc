// The openssl command accepts what we build, and we accept what it builds.
#include <gtest/gtest.h>

#include <heqi/ossl/signature_verifier.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/sm2_encoding.h>

#include "openssl_command.h"
#include "sample.h"

namespace heqi::x509 {
namespace {

using base::Code;

Certificate make_root(Sample& sample) {
  CertificateBody body;
  body.serial = testing::hex("01");
  body.issuer = body.subject = name_of("Root");
  body.not_before = sample.body.not_before;
  body.not_after = sample.body.not_after;
  body.public_key = make_public_key_info(sample.root.public_key());
  body.extensions = {make_basic_constraints({true, 0U}),
                     make_key_usage({KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign}),
                     make_subject_key_identifier(body.public_key)};
  return *make_certificate(body, sample.root);
}

// shows-part: MSSP-6.2.1-e (certificates only; lists and the profile checker are elsewhere)
TEST(OpensslCommand, VerifiesAChainThatWeBuilt) {
  Sample sample;
  const OpensslFolder folder;
  const std::string root = to_pem(make_root(sample)), leaf = to_pem(sample.issue());
  folder.write("root.pem", base::bytes_of(root));
  folder.write("leaf.pem", base::bytes_of(leaf));
  Outcome outcome =
      folder.run("verify -x509_strict -vfyopt distid:1234567812345678 -CAfile root.pem leaf.pem");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  outcome = folder.run("verify -vfyopt distid:8765432187654321 -CAfile root.pem leaf.pem");
  EXPECT_NE(outcome.status, 0) << "another id must not verify";
}

TEST(OpensslCommand, PrintsOurCertificateInWords) {
  Sample sample;
  const OpensslFolder folder;
  folder.write("leaf.pem", base::bytes_of(to_pem(sample.issue())));
  const Outcome outcome = folder.run("x509 -in leaf.pem -noout -text -nameopt utf8");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  for (const char* word :
       {"SM2-with-SM3", "ASN1 OID: SM2", "张三", "Digital Signature, Non Repudiation", "CA:FALSE",
        "URI:http://ca.test/a.crl", "OCSP - URI:http://ca.test/ocsp", "email:zhang@example.test",
        "Jan  1 00:00:00 2060 GMT", "1.2.156.10260.4.1.1"})
    EXPECT_NE(outcome.output.find(word), std::string::npos) << word << "\n" << outcome.output;
}

TEST(OpensslCommand, VerifiesTheOctetsCutOutOfOurCertificate) {
  Sample sample;
  const OpensslFolder folder;
  const Certificate leaf = sample.issue();
  folder.write("root.pem", base::bytes_of(to_pem(make_root(sample))));
  folder.write("tbs", leaf.tbs());
  folder.write("signature", leaf.signature());
  Outcome outcome = folder.run("x509 -in root.pem -noout -pubkey -out root.key");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  const std::string verify =
      "dgst -sm3 -verify root.key -signature signature -sigopt distid:1234567812345678 tbs";
  outcome = folder.run(verify);
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  base::Bytes damaged = base::to_bytes(leaf.tbs());
  damaged.back() ^= 1;
  folder.write("tbs", damaged);
  EXPECT_NE(folder.run(verify).status, 0);
}

TEST(OpensslCommand, VerifiesOurRequest) {
  Sample sample;
  const OpensslFolder folder;
  CsrBody body;
  body.subject = name_of("王五");
  body.public_key = sample.body.public_key;
  folder.write("request.pem",
               base::bytes_of(base::to_pem("CERTIFICATE REQUEST", *make_csr(body, sample.person))));
  const Outcome outcome =
      folder.run("req -in request.pem -noout -verify -vfyopt distid:1234567812345678");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_NE(outcome.output.find("OK"), std::string::npos) << outcome.output;
}

// made_by_openssl is a self-signed certificate of a key made with the arguments given.
Certificate made_by_openssl(const OpensslFolder& folder, const std::string& key,
                            const std::string& sign) {
  Outcome outcome = folder.run(key + " -out key.pem");
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  outcome = folder.run(
      "req -new -x509 -key key.pem -days 30 -subj /C=CN/O=Peer/CN=peer.test -outform DER -out "
      "c.der "
      "-addext keyUsage=critical,digitalSignature,keyCertSign -addext "
      "subjectAltName=DNS:peer.test,IP:10.0.0.1,IP:2001:db8::1,email:a@b.test,URI:http://u.test/ "
      "-addext extendedKeyUsage=timeStamping,OCSPSigning -addext certificatePolicies=1.2.3.4 "
      "-addext crlDistributionPoints=URI:http://c.test/c.crl "
      "-addext authorityInfoAccess=OCSP\\;URI:http://c.test/ocsp " +
      sign);
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  auto certificate = parse_certificate(folder.read("c.der"));
  EXPECT_OK(certificate);
  return certificate ? *certificate : Certificate();
}

TEST(OpensslCommand, MakesCertificatesOfEveryKindThatWeVerify) {
  const auto verifier = ossl::make_signature_verifier();
  const std::pair<const char*, const char*> kinds[] = {
      {"ecparam -name SM2 -genkey -noout", "-sm3 -sigopt distid:1234567812345678"},
      {"ecparam -name prime256v1 -genkey -noout", "-sha256"},
      {"ecparam -name secp384r1 -genkey -noout", "-sha384"},
      {"ecparam -name secp521r1 -genkey -noout", "-sha512"},
      {"genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048", "-sha256"},
      {"genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048",
       "-sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1"}};
  for (const auto& [key, sign] : kinds) {
    const OpensslFolder folder;
    const Certificate c = made_by_openssl(folder, key, sign);
    EXPECT_OK(verify_issued_by(c, c.public_key(), *verifier)) << key << " " << sign;
    EXPECT_EQ(c.subject().text(), "CN=peer.test,O=Peer,C=CN");
    EXPECT_TRUE(c.is_ca());
    EXPECT_TRUE(c.allows(KeyUsageBit::key_cert_sign));
    EXPECT_TRUE(c.has_purpose(oids::purpose_time_stamping()));
    ASSERT_EQ(c.subject_alternative_names().size(), 5U);
    EXPECT_EQ(c.subject_alternative_names()[1].text, "10.0.0.1");
    EXPECT_EQ(c.subject_alternative_names()[2].text, "2001:db8:0:0:0:0:0:1");
    EXPECT_EQ(c.access_locations().ocsp.at(0), "http://c.test/ocsp");
    EXPECT_EQ(c.crl_distribution_points().at(0), "http://c.test/c.crl");
    EXPECT_EQ(c.policies().at(0).dotted(), "1.2.3.4");
    EXPECT_TRUE(c.unknown_critical_extensions().empty());
  }
}

TEST(OpensslCommand, MakesACertificateWithoutTheIdWhichWeRefuse) {
  const OpensslFolder folder;
  const Certificate c = made_by_openssl(folder, "ecparam -name SM2 -genkey -noout", "-sm3");
  EXPECT_ERROR(verify_issued_by(c, c.public_key(), Sm2SignatureVerifier()),
               Code::invalid_signature);
}

TEST(OpensslCommand, MakesKeysAndRequestsThatWeRead) {
  const OpensslFolder folder;
  const std::string make =
      "ecparam -name SM2 -genkey -noout -out key.pem && openssl pkcs8 -topk8 -nocrypt -in key.pem "
      "-outform DER -out pkcs8.der && openssl ec -in key.pem -outform DER -out sec1.der && openssl "
      "req -new -key key.pem -sm3 -sigopt distid:1234567812345678 -subj /CN=x -outform DER -out "
      "request.der";
  const Outcome outcome = folder.run(make);
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  auto pkcs8 = parse_private_key(folder.read("pkcs8.der"));
  auto sec1 = parse_private_key(folder.read("sec1.der"));
  ASSERT_OK(pkcs8);
  ASSERT_OK(sec1);
  EXPECT_EQ(pkcs8->public_key(), sec1->public_key());
  auto csr = parse_csr(folder.read("request.der"));
  ASSERT_OK(csr);
  EXPECT_OK(verify_possession(*csr));
  EXPECT_EQ(*csr->body.public_key.sm2_key(), pkcs8->public_key());
}

}  // namespace
}  // namespace heqi::x509
