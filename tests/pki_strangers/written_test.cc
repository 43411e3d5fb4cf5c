// What this project writes, read and verified by the openssl program.
#include <heqi/pki/cms.h>
#include <heqi/pki/crl.h>
#include <heqi/pki/ocsp.h>
#include <heqi/pki/tsp.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>

#include "openssl_program.h"

namespace heqi {
namespace {

using base::Bytes;
using pki::Profile;
using testing::at;
using testing::Authority;
using testing::Credential;

const base::Time kNow = at("2026-06-01T12:00:00Z");
const Bytes kContent = base::to_bytes("a contract");

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

class Written : public testing::OpensslProgram {
 protected:
  Authority authority;
  Credential alice = authority.make_person("Alice");
};

TEST_F(Written, EveryCertificatesSignatureHolds) {
  const auto& issuing = authority.issuing().certificate;
  const Credential people[] = {alice, authority.tsa(), authority.ocsp()};
  for (const Credential& one : people)
    EXPECT_TRUE(agrees(issuing, one.certificate.tbs(), one.certificate.signature()));
  EXPECT_TRUE(agrees(authority.root().certificate, issuing.tbs(), issuing.signature()));
  EXPECT_FALSE(
      agrees(authority.root().certificate, alice.certificate.tbs(), alice.certificate.signature()));
  write("alice.der", alice.certificate.der());
  const std::string text = run("x509 -inform DER -in @alice.der -noout -text");
  EXPECT_TRUE(has(text, "CN = Alice")) << text;
  EXPECT_TRUE(has(text, "SM2-with-SM3")) << text;
}

TEST_F(Written, AListIsReadAndItsSignatureHolds) {
  authority.revoke(alice.certificate, at("2026-05-01T00:00:00Z"),
                   pki::RevocationReason::key_compromise);
  const auto crl = pki::parse_crl(authority.make_crl(kNow));
  ASSERT_OK(crl);
  EXPECT_TRUE(agrees(authority.issuing().certificate, crl->tbs(), crl->signature));
  write("list.der", crl->der);
  const std::string text = run("crl -inform DER -in @list.der -noout -text");
  EXPECT_TRUE(has(text, "Heqi Test Issuing CA")) << text;
  EXPECT_TRUE(has(text, "Key Compromise")) << text;
  EXPECT_TRUE(has(text, "X509v3 CRL Number")) << text;
  EXPECT_TRUE(has(text, "Next Update: Jun  8 12:00:00 2026 GMT")) << text;
}

// shows-part: MSSP-6.2.1-d (a stock client reads the answer; the service over HTTP is not here)
TEST_F(Written, AStatusAnswerIsReadAndItsSignatureHolds) {
  const Credential bob = authority.make_person("Bob");
  authority.revoke(bob.certificate, at("2026-05-01T00:00:00Z"), pki::RevocationReason::superseded);
  write("issuer.pem", base::to_bytes(x509::to_pem(authority.issuing().certificate)));
  for (const Credential* who : {static_cast<const Credential*>(&alice), &bob}) {
    const auto answer = pki::parse_ocsp_answer(
        authority.make_ocsp_answer(who->certificate, kNow, Bytes{1, 2, 3, 4}));
    ASSERT_OK(answer);
    EXPECT_TRUE(agrees(authority.ocsp().certificate, answer->tbs(), answer->signature));
    write("answer.der", answer->der);
    write("who.pem", base::to_bytes(x509::to_pem(who->certificate)));
    const std::string text =
        run("ocsp -respin @answer.der -sm3 -issuer @issuer.pem -cert @who.pem -noverify -resp_text "
            "-validity_period 999999999");
    EXPECT_TRUE(has(text, "OCSP Response Status: successful")) << text;
    EXPECT_TRUE(has(text, who == &bob ? "who.pem: revoked" : "who.pem: good")) << text;
    EXPECT_TRUE(has(text, "OCSP Nonce")) << text;
  }
}

// shows-part: ZSA37-PKI-e (a token's octets; the server is not here)
TEST_F(Written, ATimeStampIsReadAndItsSignatureHolds) {
  for (const Profile profile : {Profile::international, Profile::gm_t_0010}) {
    const Bytes token = authority.make_time_stamp(kContent, kNow, Bytes{7}, profile);
    const x509::Sm2SignatureVerifier signatures;
    const auto evidence =
        pki::verify_time_stamp_token(token, kContent, {}, {signatures, pki::Sm3Digester()});
    ASSERT_OK(evidence);
    EXPECT_TRUE(agrees(authority.tsa().certificate, evidence->signed_octets, evidence->signature));
    write("token.der", token);
    EXPECT_TRUE(has(run("asn1parse -inform DER -i -in @token.der"), "id-smime-ct-TSTInfo"));
    if (profile == Profile::gm_t_0010) continue;
    write("reply.der", pki::encode_time_stamp_answer(token));
    const std::string text = run("ts -reply -in @reply.der -text");
    EXPECT_TRUE(has(text, "Status: Granted.")) << text;
    EXPECT_TRUE(has(text, "Hash Algorithm: sm3")) << text;
    EXPECT_TRUE(has(text, "Jun  1 12:00:00 2026 GMT")) << text;
    EXPECT_TRUE(has(text, "Nonce: 0x07")) << text;
  }
  write("refusal.der", pki::encode_time_stamp_refusal(pki::TspFailure::time_not_available, "no"));
  const std::string text = run("ts -reply -in @refusal.der -text");
  EXPECT_TRUE(has(text, "Rejected")) << text;
  EXPECT_TRUE(has(text, "TSA's time source is not available")) << text;
}

TEST_F(Written, AMessageIsReadAndItsSignatureHolds) {
  for (const Profile profile : {Profile::international, Profile::gm_t_0010}) {
    const Bytes der = authority.sign_message(alice, kContent, kNow, profile);
    const Bytes signature = pki::parse_signed_data(der)->signers[0].signature;
    const auto stamped = pki::add_unsigned_attribute(
        der, pki::time_stamp_attribute(authority.make_time_stamp(signature, kNow)));
    ASSERT_OK(stamped);
    const auto message = pki::parse_signed_data(*stamped);
    ASSERT_OK(message);
    EXPECT_TRUE(agrees(alice.certificate, message->signers[0].signed_attributes, signature));
    write("message.der", *stamped);
    const std::string dump = run("asn1parse -inform DER -i -in @message.der");
    EXPECT_EQ(dump.find("status"), std::string::npos) << dump;
    if (profile == Profile::gm_t_0010) {
      EXPECT_TRUE(has(dump, "1.2.156.10197.6.1.4.2.2")) << dump;
      continue;
    }
    const std::string text = run("cms -cmsout -print -noout -inform DER -in @message.der");
    EXPECT_TRUE(has(text, "signedAttrs")) << text;
    EXPECT_TRUE(has(text, "id-smime-aa-timeStampToken")) << text;
    EXPECT_TRUE(has(text, "id-smime-aa-signingCertificateV2")) << text;
  }
}

}  // namespace
}  // namespace heqi
