#include <gtest/gtest.h>

#include <heqi/pki/ocsp.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

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
const base::Time kNow = at("2026-06-01T12:00:00Z");

OcspCheck check_at(base::Time now) {
  OcspCheck check;
  check.now = now;
  check.valid_at = now;
  return check;
}

base::Result<OcspEvidence> verify(const Bytes& der, const Authority& authority,
                                  const Credential& about, const OcspCheck& check) {
  HEQI_TRY(const OcspAnswer answer, parse_ocsp_answer(der));
  return verify_ocsp_answer(answer, authority.issuing().certificate, about.certificate.serial(),
                            check, kAlgorithms);
}

// answer_from makes a "good" about alice by whatever responder.
Bytes answer_from(const Authority& authority, const Credential& about,
                  const Credential& responder) {
  SingleAnswer single;
  single.id = *make_cert_id(authority.issuing().certificate, about.certificate.serial(),
                            oids::sm3(), kDigests);
  single.status = CertStatus::good;
  single.this_update = kNow;
  single.next_update = kNow + std::chrono::hours(1);
  return *make_ocsp_answer({{single}, kNow, {}}, responder.certificate, {responder.certificate},
                           *responder.signer);
}

TEST(OcspRequest, ComesBackAsItWasAsked) {
  Authority authority;
  OcspRequest request;
  request.questions.push_back(
      *make_cert_id(authority.issuing().certificate, Bytes{0x01, 0x02}, oids::sm3(), kDigests));
  request.nonce = {1, 2, 3, 4};
  const auto read = parse_ocsp_request(encode_ocsp_request(request));
  ASSERT_OK(read);
  EXPECT_EQ(read->nonce, request.nonce);
  ASSERT_EQ(read->questions.size(), 1U);
  EXPECT_TRUE(read->questions[0] == request.questions[0]);
  EXPECT_TRUE(*names_issuer(read->questions[0], authority.issuing().certificate, kDigests));
  EXPECT_FALSE(*names_issuer(read->questions[0], authority.root().certificate, kDigests));
}

TEST(OcspRequest, BrokenRequestsAreRefused) {
  Authority authority;
  const CertId id =
      *make_cert_id(authority.issuing().certificate, Bytes{0x01}, oids::sm3(), kDigests);
  const Bytes good = encode_ocsp_request({{id}, {9}});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(parse_ocsp_request(base::ByteView(good).first(size)));
  EXPECT_ERROR(parse_ocsp_request(encode_ocsp_request({{}, {}})), Code::malformed);
  EXPECT_ERROR(parse_ocsp_request(encode_ocsp_request({{id}, Bytes(129, 1)})), Code::malformed);
  EXPECT_ERROR(parse_ocsp_request(encode_ocsp_request({std::vector<CertId>(65, id), {}})),
               Code::limit_exceeded);
  EXPECT_ERROR(parse_ocsp_request(Bytes(20'000, 0x30)), Code::limit_exceeded);
}

TEST(OcspRequest, AHashThatIsNotLinkedIsToldSo) {
  Authority authority;
  EXPECT_ERROR(make_cert_id(authority.issuing().certificate, Bytes{1}, oids::sha1(), kDigests),
               Code::unsupported);
}

// shows-part: MSSP-6.2.1-d (the service over HTTP; here the answers themselves)
TEST(OcspAnswer, GoodRevokedAndUnknownAreTold) {
  Authority authority;
  const Credential alice = authority.make_person("Alice"), bob = authority.make_person("Bob");
  authority.revoke(bob.certificate, at("2026-05-01T00:00:00Z"), RevocationReason::key_compromise);
  const auto good =
      verify(authority.make_ocsp_answer(alice.certificate, kNow), authority, alice, check_at(kNow));
  ASSERT_OK(good);
  EXPECT_EQ(good->answer.status, CertStatus::good);
  EXPECT_TRUE(good->delegated);
  const auto revoked =
      verify(authority.make_ocsp_answer(bob.certificate, kNow), authority, bob, check_at(kNow));
  ASSERT_OK(revoked);
  EXPECT_EQ(revoked->answer.status, CertStatus::revoked);
  EXPECT_EQ(revoked->answer.revoked_at, at("2026-05-01T00:00:00Z"));
  EXPECT_EQ(revoked->answer.reason, RevocationReason::key_compromise);
  const Credential foreign = authority.make({}, authority.root());
  const auto unknown = verify(authority.make_ocsp_answer(foreign.certificate, kNow), authority,
                              foreign, check_at(kNow));
  ASSERT_OK(unknown);
  EXPECT_EQ(unknown->answer.status, CertStatus::unknown);
}

TEST(OcspAnswer, TheIssuerItselfMayAnswer) {
  Authority authority;
  const Credential alice = authority.make_person("Alice");
  const auto good =
      verify(answer_from(authority, alice, authority.issuing()), authority, alice, check_at(kNow));
  ASSERT_OK(good);
  EXPECT_FALSE(good->delegated);
}

// shows-part: MSSP-6.2.1-d (who may answer, and when an answer counts)
TEST(OcspAnswer, WhoHasNoAuthorityIsRefused) {
  Authority authority;
  const Credential alice = authority.make_person("Alice");
  const auto refused = [&](const Credential& responder) {
    return !verify(answer_from(authority, alice, responder), authority, alice, check_at(kNow));
  };
  EXPECT_TRUE(refused(alice));                             // answers about herself
  EXPECT_TRUE(refused(authority.make_person("Mallory")));  // of the same CA, without the purpose
  EXPECT_TRUE(refused(authority.tsa()));
  testing::CertificateWish wish;
  wish.purposes = {oids::purpose_ocsp_signing()};
  EXPECT_TRUE(refused(authority.make(wish, authority.root())));  // of another issuer
  EXPECT_FALSE(refused(authority.make(wish)));
  wish.not_after = at("2026-05-31T00:00:00Z");
  EXPECT_TRUE(refused(authority.make(wish)));  // no longer valid
  wish.not_after = {};
  wish.usage = {KeyUsageBit::key_encipherment};
  EXPECT_TRUE(refused(authority.make(wish)));  // not a signing key
  const Authority stranger(77);                // the same names, other keys
  EXPECT_TRUE(refused(stranger.ocsp()));
  EXPECT_TRUE(refused(stranger.issuing()));
}

// shows-part: MSSP-6.2.1-d (who may answer, and when an answer counts)
TEST(OcspAnswer, TimeWindowsAndNonceHold) {
  Authority authority;
  const Credential alice = authority.make_person("Alice");
  const Bytes der = authority.make_ocsp_answer(alice.certificate, kNow, Bytes{1, 2, 3});
  EXPECT_ERROR(verify(der, authority, alice, check_at(kNow - std::chrono::minutes(6))),
               Code::expired);
  EXPECT_OK(verify(der, authority, alice, check_at(kNow - std::chrono::minutes(4))));
  EXPECT_ERROR(verify(der, authority, alice, check_at(kNow + std::chrono::hours(25))),
               Code::expired);
  OcspCheck check = check_at(kNow);
  check.nonce = {1, 2, 3};
  EXPECT_OK(verify(der, authority, alice, check));
  check.nonce = {1, 2, 4};
  EXPECT_ERROR(verify(der, authority, alice, check), Code::conflict);
  const Bytes without = authority.make_ocsp_answer(alice.certificate, kNow);
  EXPECT_ERROR(verify(without, authority, alice, check), Code::conflict);
}

TEST(OcspAnswer, AnAnswerAboutAnotherCertificateIsNone) {
  Authority authority;
  const Credential alice = authority.make_person("Alice"), bob = authority.make_person("Bob");
  EXPECT_ERROR(
      verify(authority.make_ocsp_answer(bob.certificate, kNow), authority, alice, check_at(kNow)),
      Code::not_found);
}

TEST(OcspAnswer, NoFlippedBitVerifies) {
  Authority authority;
  const Credential alice = authority.make_person("Alice");
  const Bytes der = authority.make_ocsp_answer(alice.certificate, kNow, Bytes{1, 2, 3});
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    Bytes changed = der;
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(verify(changed, authority, alice, check_at(kNow))) << "bit " << bit;
  }
}

TEST(OcspAnswer, AFailureIsTold) {
  EXPECT_ERROR(parse_ocsp_answer(encode_ocsp_failure(OcspFailure::try_later)), Code::unavailable);
  EXPECT_ERROR(parse_ocsp_answer(testing::hex("3003 0a0100")), Code::malformed);
  EXPECT_ERROR(parse_ocsp_answer({}), Code::malformed);
}

}  // namespace
}  // namespace heqi::pki
