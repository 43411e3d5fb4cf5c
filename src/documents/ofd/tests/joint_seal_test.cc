// A seal whose key nobody has: device and key centre each hold a share and sign together.
#include "../../../cosign/tests/parties.h"
#include "ofd_world.h"

namespace heqi::documents::ofd {
namespace {

// certify gives the joint key a certificate.
x509::Certificate certify(SealingDesk& desk, const crypto::PublicKey& key) {
  const Credential& issuer = desk.authority.issuing();
  x509::CertificateBody body;
  body.serial = {0x77};
  body.issuer = issuer.certificate.subject();
  body.subject = must(x509::Name::make({{x509::oids::common_name(), "合契科技有限公司"}}));
  body.not_before = desk.authority.not_before(), body.not_after = desk.authority.not_after();
  body.public_key = x509::make_public_key_info(key);
  body.extensions = {x509::make_key_usage(
      {x509::KeyUsageBit::digital_signature, x509::KeyUsageBit::non_repudiation})};
  return must(x509::make_certificate(body, *issuer.signer));
}

// sign_together signs what stands behind a digest, which is all that either half is given.
crypto::Signature sign_together(cosign::Parties& parties, const crypto::Digest& digest) {
  cosign::Device device = parties.device();
  cosign::Opened opened = must(device.open({digest}, 1));
  cosign::Server server = parties.server();
  const cosign::Answered answered = must(server.answer(std::move(opened.opening)));
  return must(device.finish(std::move(opened.nonces), answered.answer)).signatures.at(0);
}

// shows: COS-C-2, ZSA37-7.4-g, ZSA37-C-h
TEST(JointSeal, MadeFromADigestByTwoSharesIsAnOrdinarySeal) {
  SealingDesk desk;
  cosign::Parties parties = cosign::make_parties(5);
  const x509::Certificate certificate = certify(desk, parties.server_key.p);
  SignatureRequest request = desk.sealing(desk.alice);
  seal::SealRequest wish = desk.request();
  wish.signers = {certificate};
  wish.info.extensions = {seal::make_certificate_values(desk.authority.chain())};
  request.seal = desk.make(wish);
  request.signer = certificate;
  const Prepared prepared = must(prepare_signature(contract(), request));
  const crypto::Digest digest = crypto::message_digest(parties.server_key.p, prepared.to_sign);
  const Bytes value = x509::encode_signature(sign_together(parties, digest));
  const Bytes file = must(finish_signature(prepared, x509::sm2_with_sm3_algorithm(), value,
                                           desk.authority.make_time_stamp(value, kSealedAt)));
  const Report report = desk.verify(file);
  EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
  EXPECT_EQ(report.signatures[0].signer->common_name, "合契科技有限公司");
}

// shows: ZSA37-C-h
TEST(JointSeal, OfAnotherDigestDoesNotHold) {
  SealingDesk desk;
  cosign::Parties parties = cosign::make_parties(5);
  SignatureRequest request = desk.signing(desk.alice);
  request.signer = certify(desk, parties.server_key.p);
  const Prepared prepared = must(prepare_signature(contract(), request));
  crypto::Digest digest = crypto::message_digest(parties.server_key.p, prepared.to_sign);
  digest[0] ^= 1;
  const Bytes value = x509::encode_signature(sign_together(parties, digest));
  const Report report =
      desk.verify(must(finish_signature(prepared, x509::sm2_with_sm3_algorithm(), value)));
  EXPECT_EQ(report.verdict, Verdict::invalid) << words(report);
  EXPECT_TRUE(has(report, Reason::signature_bad));
}

}  // namespace
}  // namespace heqi::documents::ofd
