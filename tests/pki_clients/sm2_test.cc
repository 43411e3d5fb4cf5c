// What an SM2 authority publishes over the network: the to-be-signed octets of each object are
// verified by `openssl dgst`, which knows nothing of ours.
#include <heqi/pki/cms.h>
#include <heqi/pki/crl.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/tsp.h>
#include <heqi/services/ca/lint.h>
#include <heqi/x509/oids.h>

#include "served_authority.h"

namespace heqi::demo {
namespace {

class Sm2Published : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    house() = std::make_unique<ServedAuthority>("sm2");
    for (const char* name : {"issuing", "ocsp", "tsa"})
      shell("openssl x509 -in " + at(std::string(name) + ".pem") + " -noout -pubkey > " +
            at(std::string(name) + ".pub"));
  }
  static void TearDownTestSuite() { house().reset(); }
  static std::unique_ptr<ServedAuthority>& house() {
    static std::unique_ptr<ServedAuthority> value;
    return value;
  }
  static std::string at(const std::string& name) { return house()->at(name); }
  // openssl_agrees asks openssl whether signature over octets is that of key.
  static bool openssl_agrees(const std::string& key, base::ByteView octets,
                             base::ByteView signature) {
    write(at("octets"), octets);
    write(at("signature"), signature);
    return shell("openssl dgst -sm3 -verify " + at(key + ".pub") +
                 " -sigopt distid:1234567812345678 -signature " + at("signature") + " " +
                 at("octets"))
               .status == 0;
  }
  // expect_signed wants agreement, and none for other octets or another's key.
  static void expect_signed(const std::string& key, const std::string& other, base::ByteView octets,
                            base::ByteView signature) {
    EXPECT_TRUE(openssl_agrees(key, octets, signature)) << key;
    EXPECT_FALSE(openssl_agrees(other, octets, signature)) << other;
    base::Bytes changed = base::to_bytes(octets);
    changed.back() ^= 1;
    EXPECT_FALSE(openssl_agrees(key, changed, signature)) << "changed";
  }
  static base::Bytes fetch(const std::string& path, const std::string& more = "") {
    EXPECT_EQ(
        shell("curl -sf " + more + " " + house()->plain_url() + path + " -o " + at("got")).status,
        0);
    return read(at("got"));
  }
  // expect_said wants all these words of openssl.
  static void expect_said(const std::string& command, const std::vector<const char*>& words) {
    const Ran ran = shell("openssl " + command);
    EXPECT_EQ(ran.status, 0) << command;
    for (const char* word : words)
      EXPECT_NE(ran.output.find(word), std::string::npos) << command << " says no " << word;
  }
  static x509::Certificate certificate(const std::string& name) {
    return *x509::parse_certificate(read(at("ca/" + name + ".cer")));
  }
};

// shows: ZSA37-PKI-d
TEST_F(Sm2Published, OpensslVerifiesListsAndAnswers) {
  const base::Bytes full_der = fetch("/crl/issuing.crl"),
                    delta_der = fetch("/crl/issuing-delta.crl");
  const auto full = pki::parse_crl(full_der);
  const auto delta = pki::parse_delta_crl(delta_der);
  ASSERT_OK(full);
  ASSERT_OK(delta);
  expect_signed("issuing", "ocsp", full->tbs(), full->signature);
  expect_signed("issuing", "ocsp", delta->tbs(), delta->signature);
  const pki::Sm3Digester digests;
  const x509::Certificate asked = certificate("tsa");
  write(at("q"), pki::encode_ocsp_request(
                     {.questions = {*pki::make_cert_id(certificate("issuing"), asked.serial(),
                                                       x509::oids::sm3(), digests)},
                      .nonce = base::Bytes(16, 9)}));
  const auto answer = pki::parse_ocsp_answer(
      fetch("/ocsp", "-H 'Content-Type: application/ocsp-request' --data-binary @" + at("q")));
  ASSERT_OK(answer);
  EXPECT_EQ(answer->body.nonce, base::Bytes(16, 9));
  expect_signed("ocsp", "issuing", answer->tbs(), answer->signature);
}

// shows: ZSA37-PKI-e, ECP-TS-1
TEST_F(Sm2Published, OpensslVerifiesTokensAndAgreesOnTheImprint) {
  write(at("data"), base::bytes_of("a contract"));
  ASSERT_EQ(shell("openssl ts -query -data " + at("data") + " -sm3 -cert -out " + at("q")).status,
            0);
  const base::Bytes reply =
      fetch("/tsa", "-H 'Content-Type: application/timestamp-query' --data-binary @" + at("q"));
  const Ran text = shell("openssl ts -reply -in " + at("got") + " -text");
  EXPECT_NE(text.output.find("Status: Granted"), std::string::npos) << text.output;
  EXPECT_NE(text.output.find("Hash Algorithm: sm3"), std::string::npos) << text.output;
  const auto token = pki::parse_time_stamp_answer(reply);
  ASSERT_OK(token);
  pki::TokenCheck check;
  check.certificates = {certificate("tsa")};
  const x509::Sm2SignatureVerifier signatures;
  const pki::Sm3Digester digests;
  const auto evidence = pki::verify_time_stamp_token(*token, base::bytes_of("a contract"), check,
                                                     {signatures, digests});
  ASSERT_OK(evidence);
  expect_signed("tsa", "ocsp", evidence->signed_octets, evidence->signature);
}

TEST_F(Sm2Published, OpensslVerifiesEveryCertificateOfTheHierarchy) {
  for (const char* name : {"ocsp", "tsa", "application"}) {
    const x509::Certificate one = certificate(name);
    expect_signed("issuing", "tsa", one.tbs(), one.signature());
  }
}

// shows: MSSP-6.2.1-e
TEST_F(Sm2Published, CertificatesAndListsHaveTheFormOfGbt20518) {
  using services::ca::Profile;
  const x509::Certificate issuing = certificate("issuing"), root = certificate("root");
  const base::SystemClock clock;
  const struct {
    const char* name;
    const x509::Certificate* issuer;
    Profile profile;
  } made[] = {{"root", nullptr, Profile::root},
              {"issuing", &root, Profile::issuing},
              {"ocsp", &issuing, Profile::status_responder},
              {"tsa", &issuing, Profile::time_stamp_authority},
              {"application", &issuing, Profile::application}};
  for (const auto& [name, issuer, profile] : made) {
    const x509::Certificate one = certificate(name);
    for (const services::ca::Lint* fault :
         services::ca::find_faults({one, issuer, profile, clock.now()}))
      ADD_FAILURE() << name << ": " << fault->name;
    expect_said(
        "x509 -inform DER -text -noout -in " + at("ca/") + name + ".cer",
        {"Version: 3 (0x2)", "Serial Number:", "Signature Algorithm: SM2-with-SM3",
         "Public Key Algorithm: id-ecPublicKey", "ASN1 OID: SM2", "X509v3 Key Usage: critical",
         "X509v3 Subject Key Identifier:", "Not Before:", "Not After :"});
  }
  // The checker does find faults: a certificate of another profile, and in another's place.
  EXPECT_FALSE(
      services::ca::find_faults({certificate("tsa"), &issuing, Profile::person, clock.now()})
          .empty());
  EXPECT_FALSE(services::ca::find_faults(
                   {certificate("tsa"), &root, Profile::time_stamp_authority, clock.now()})
                   .empty());
  for (const char* list : {"issuing.crl", "issuing-delta.crl", "root.crl"}) {
    fetch(std::string("/crl/") + list);
    expect_said(
        "crl -inform DER -text -noout -in " + at("got"),
        {"Version 2 (0x1)", "Signature Algorithm: SM2-with-SM3", "Issuer: C = CN",
         "Last Update:", "Next Update:", "X509v3 Authority Key Identifier:", "X509v3 CRL Number:"});
  }
}

// The authority's tokens leave out its issuer, as most do: that certificate is in the signature.
TEST_F(Sm2Published, AFileSignedUnderItIsArchivedAndValid) {
  ASSERT_EQ(shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out " +
                  at("company.key") + " && openssl req -new -key " + at("company.key") +
                  " -sm3 -sigopt distid:1234567812345678 -subj /C=CN/O=Company/CN=Company -out " +
                  at("company.csr"))
                .status,
            0);
  const Ran issued = house()->ca(
      "issue", "--csr " + at("company.csr") + " --name Company --holder company --profile " +
                   "organization --passphrase-file " + at("pass") + " --out " + at("company.pem"));
  ASSERT_EQ(issued.status, 0) << issued.output;
  shell("cat " + at("issuing.pem") + " >> " + at("company.pem"));
  const std::string program(HEQI_PROGRAM);
  const Ran made =
      shell(program + " sign " + HEQI_EXAMPLES + "/lease.pdf --key " + at("company.key") +
            " --certificate " + at("company.pem") + " --level lta --tsa " + house()->plain_url() +
            "/tsa --trust " + at("root.pem") + " --out " + at("signed.pdf"));
  ASSERT_EQ(made.status, 0) << made.output;
  const Ran judged = shell(program + " verify --trust " + at("root.pem") + " " + at("signed.pdf"));
  EXPECT_EQ(judged.status, 0) << judged.output;
  EXPECT_NE(judged.output.find("VALID: "), std::string::npos) << judged.output;
  EXPECT_NE(judged.output.find("ltv archived"), std::string::npos) << judged.output;
}

}  // namespace
}  // namespace heqi::demo
