#include <gtest/gtest.h>

#include <heqi/pki/path.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

namespace heqi::pki {
namespace {

namespace oids = x509::oids;

using base::Bytes;
using testing::at;
using testing::Authority;
using testing::CertificateWish;
using testing::Credential;

const x509::Sm2SignatureVerifier kSignatures;
const Sm3Digester kDigests;
const Algorithms kAlgorithms{kSignatures, kDigests};
const base::Time kNow = at("2026-06-01T12:00:00Z");
const base::Time kBefore = at("2026-05-01T00:00:00Z"), kLater = at("2026-06-02T00:00:00Z");

class Revocations : public ::testing::Test {
 protected:
  PathOptions options() const {
    PathOptions options;
    options.at = kNow;
    options.intermediates = authority.chain();
    options.revocation = RevocationMode::require;
    return options;
  }
  // with_lists are options with the lists of both CAs as of time.
  PathOptions with_lists(base::Time time) {
    PathOptions asked = options();
    asked.crls = {*parse_crl(authority.make_crl(time)), *parse_crl(authority.make_root_crl(time))};
    return asked;
  }
  PathResult judge(const Credential& leaf, const PathOptions& asked) const {
    return validate_path(leaf.certificate, authority.trust(), asked, kAlgorithms);
  }

  Authority authority;
  Credential alice = authority.make_person("Alice");
};

TEST_F(Revocations, ListsOfBothIssuersSettleTheChain) {
  const PathResult result = judge(alice, with_lists(kNow));
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  ASSERT_EQ(result.revocation.size(), 2U);
  for (const RevocationEvidence& evidence : result.revocation) {
    EXPECT_EQ(evidence.source, RevocationEvidence::Source::crl);
    EXPECT_EQ(evidence.status, CertStatus::good);
    EXPECT_OK(parse_crl(evidence.der));
  }
}

TEST_F(Revocations, WithoutEvidenceNothingIsSettled) {
  PathOptions asked = options();
  EXPECT_EQ(judge(alice, asked).status, PathStatus::unknown_revocation);
  asked.crls = {*parse_crl(authority.make_crl(kNow))};  // the root's is missing
  EXPECT_EQ(judge(alice, asked).status, PathStatus::unknown_revocation);
  asked.revocation = RevocationMode::where_stated;
  EXPECT_EQ(judge(alice, asked).status, PathStatus::trusted);
  asked.crls.clear();
  CertificateWish wish;
  wish.crl_and_ocsp_urls = true;
  EXPECT_EQ(judge(authority.make(wish), asked).status, PathStatus::unknown_revocation);
  asked.revocation = RevocationMode::ignore;
  EXPECT_EQ(judge(authority.make(wish), asked).status, PathStatus::trusted);
}

// shows-part: ZSA37-7.3-j (the path's verdict; the applications are not there)
TEST_F(Revocations, ARevokedCertificateIsRefusedByListAndByAnswer) {
  authority.revoke(alice.certificate, kBefore, RevocationReason::key_compromise);
  const PathResult by_list = judge(alice, with_lists(kNow));
  EXPECT_EQ(by_list.status, PathStatus::revoked);
  EXPECT_NE(by_list.reason.find("key_compromise"), std::string::npos);
  PathOptions asked = options();
  asked.crls = {*parse_crl(authority.make_root_crl(kNow))};
  asked.ocsp_answers = {*parse_ocsp_answer(authority.make_ocsp_answer(alice.certificate, kNow))};
  EXPECT_EQ(judge(alice, asked).status, PathStatus::revoked);
}

TEST_F(Revocations, ARevokedCaTakesAllBelowWithIt) {
  authority.revoke(authority.issuing().certificate, kBefore);
  EXPECT_EQ(judge(alice, with_lists(kNow)).status, PathStatus::revoked);
}

TEST_F(Revocations, ALaterRevocationLeavesEarlierSignaturesAlone) {
  authority.revoke(alice.certificate, kLater);
  PathOptions asked = with_lists(kLater);
  asked.now = kLater;
  const PathResult then = judge(alice, asked);
  EXPECT_EQ(then.status, PathStatus::trusted) << then.reason;
  asked.at = kLater;
  EXPECT_EQ(judge(alice, asked).status, PathStatus::revoked);
}

TEST_F(Revocations, ARevocationOutranksAGoodAnswer) {
  const Bytes good = authority.make_ocsp_answer(alice.certificate, kNow);
  authority.revoke(alice.certificate, kBefore);
  PathOptions asked = with_lists(kNow);
  asked.ocsp_answers = {*parse_ocsp_answer(good)};
  EXPECT_EQ(judge(alice, asked).status, PathStatus::revoked);
}

TEST_F(Revocations, ListsOutOfTimeSettleNothingButStillRevoke) {
  EXPECT_EQ(judge(alice, with_lists(kNow - std::chrono::hours(24 * 8))).status,
            PathStatus::unknown_revocation);  // out of date
  EXPECT_EQ(judge(alice, with_lists(kNow + std::chrono::hours(1))).status,
            PathStatus::unknown_revocation);  // from the future
  authority.revoke(alice.certificate, at("2026-05-02T00:00:00Z"));
  EXPECT_EQ(judge(alice, with_lists(kNow - std::chrono::hours(24 * 8))).status,
            PathStatus::revoked);
}

TEST_F(Revocations, AHoldThatIsOutOfDateSettlesNothing) {
  authority.revoke(alice.certificate, at("2026-05-02T00:00:00Z"),
                   RevocationReason::certificate_hold);
  EXPECT_EQ(judge(alice, with_lists(kNow)).status, PathStatus::revoked);
  EXPECT_EQ(judge(alice, with_lists(kNow - std::chrono::hours(24 * 8))).status,
            PathStatus::unknown_revocation);
}

TEST_F(Revocations, StrangersListsAndAnswersSettleNothing) {
  Authority stranger(99);  // the same names, other keys
  PathOptions asked = options();
  asked.crls = {*parse_crl(stranger.make_crl(kNow)), *parse_crl(stranger.make_root_crl(kNow))};
  asked.ocsp_answers = {*parse_ocsp_answer(stranger.make_ocsp_answer(alice.certificate, kNow))};
  EXPECT_EQ(judge(alice, asked).status, PathStatus::unknown_revocation);
}

TEST_F(Revocations, AListOfCasSaysNothingAboutPersons) {
  PathOptions asked = with_lists(kNow);
  asked.crls[0].only_ca_certificates = true;
  EXPECT_EQ(judge(alice, asked).status, PathStatus::unknown_revocation);
  asked.crls[0].only_ca_certificates = false;
  asked.crls[0].distribution_urls = {"http://ca.test/other.crl"};
  EXPECT_EQ(judge(alice, asked).status, PathStatus::unknown_revocation);
  asked.crls[0].distribution_urls = {"http://ca.test/issuing.crl"};
  CertificateWish wish;
  wish.crl_and_ocsp_urls = true;
  EXPECT_EQ(judge(authority.make(wish), asked).status, PathStatus::trusted);
}

TEST_F(Revocations, AnAnswerOfUnknownSettlesNothing) {
  PathOptions asked = options();
  asked.crls = {*parse_crl(authority.make_root_crl(kNow))};
  SingleAnswer single;
  single.id = *make_cert_id(authority.issuing().certificate, alice.certificate.serial(),
                            oids::sm3(), kDigests);
  single.this_update = kNow;
  asked.ocsp_answers = {*parse_ocsp_answer(
      *make_ocsp_answer({{single}, kNow, {}}, authority.ocsp().certificate,
                        {authority.ocsp().certificate}, *authority.ocsp().signer))};
  EXPECT_EQ(judge(alice, asked).status, PathStatus::unknown_revocation);
}

TEST_F(Revocations, AResponderWithNoCheckIsNotAskedAbout) {
  PathOptions asked = options();
  asked.crls = {*parse_crl(authority.make_root_crl(kNow))};
  EXPECT_EQ(judge(authority.ocsp(), asked).status, PathStatus::trusted);
}

TEST_F(Revocations, EvidenceIsFetchedWhereTheCertificateSays) {
  const testing::FakeClock clock(kNow);
  const std::unique_ptr<base::Fetch> fetch = authority.make_fetch(clock);
  CertificateWish wish;
  wish.crl_and_ocsp_urls = true;
  const Credential bob = authority.make(wish), carol = authority.make(wish);
  authority.revoke(carol.certificate, kBefore);
  PathOptions asked = options();
  asked.crls = {*parse_crl(authority.make_root_crl(kNow))};
  EXPECT_EQ(judge(bob, asked).status, PathStatus::unknown_revocation);
  asked.fetch = fetch.get();
  const PathResult good = judge(bob, asked);
  EXPECT_EQ(good.status, PathStatus::trusted) << good.reason;
  EXPECT_EQ(good.revocation.back().source, RevocationEvidence::Source::ocsp);
  EXPECT_EQ(good.revocation.back().responder.size(), 1U);
  EXPECT_EQ(judge(carol, asked).status, PathStatus::revoked);
}

}  // namespace
}  // namespace heqi::pki
