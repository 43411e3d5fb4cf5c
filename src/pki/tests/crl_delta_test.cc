#include <gtest/gtest.h>

#include <map>

#include <heqi/pki/path.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>

namespace heqi::pki {
namespace {

using base::Bytes;
using base::Code;
using testing::at;
using testing::Authority;
using testing::Credential;

const x509::Sm2SignatureVerifier kSignatures;
const Sm3Digester kDigests;
const Algorithms kAlgorithms{kSignatures, kDigests};
const base::Time kMonday = at("2026-06-01T00:00:00Z"), kTuesday = at("2026-06-02T00:00:00Z"),
                 kNow = at("2026-06-02T12:00:00Z");

// Web answers with what is put under a URL, and counts.
class Web final : public base::Fetch {
 public:
  base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override {
    asked.push_back(request.url);
    const auto at = pages.find(request.url);
    if (at == pages.end()) return base::fail(Code::unavailable, request.url);
    return base::FetchAnswer{200, "application/pkix-crl", at->second};
  }
  std::map<std::string, Bytes> pages;
  std::vector<std::string> asked;
};

class Deltas : public ::testing::Test {
 protected:
  CrlBody body(std::uint8_t number, base::Time time) const {
    CrlBody out;
    out.issuer = authority.issuing().certificate.subject();
    out.this_update = time;
    out.next_update = time + std::chrono::hours(48);
    out.number = {number};
    out.authority_key_identifier = authority.issuing().certificate.subject_key_identifier();
    return out;
  }
  RevokedEntry entry(const Credential& of, RevocationReason reason) const {
    return {of.certificate.serial(), kMonday - std::chrono::hours(1), reason, std::nullopt};
  }
  Crl full(const CrlBody& body) { return *parse_crl(*make_crl(body, *authority.issuing().signer)); }
  Crl delta(CrlBody body, std::uint8_t base) {
    body.base_number = {base};
    return *parse_delta_crl(*make_crl(body, *authority.issuing().signer));
  }
  PathStatus judge(const Credential& leaf, std::vector<Crl> lists, std::vector<Crl> deltas) {
    PathOptions options;
    options.at = options.now = kNow;
    options.intermediates = authority.chain();
    options.revocation = RevocationMode::require;
    options.crls = std::move(lists);
    options.crls.push_back(*parse_crl(authority.make_root_crl(kMonday)));
    options.delta_crls = std::move(deltas);
    return validate_path(leaf.certificate, authority.trust(), options, kAlgorithms).status;
  }

  Authority authority;
  Credential alice = authority.make_person("Alice"), bob = authority.make_person("Bob");
};

TEST_F(Deltas, ADeltaIsNeverTakenForAFullListAndTheOtherWayRound) {
  CrlBody changed = body(8, kTuesday);
  changed.base_number = {7};
  const Bytes der = *make_crl(changed, *authority.issuing().signer);
  EXPECT_ERROR(parse_crl(der), Code::unsupported);
  EXPECT_OK(parse_delta_crl(der));
  EXPECT_ERROR(parse_delta_crl(*make_crl(body(7, kMonday), *authority.issuing().signer)),
               Code::malformed);
}

TEST_F(Deltas, AFullListTellsWhereItsDeltasAre) {
  CrlBody stated = body(7, kMonday);
  stated.freshest_urls = {"http://ca.test/delta.crl"};
  EXPECT_EQ(full(stated).body.freshest_urls, stated.freshest_urls);
}

TEST_F(Deltas, WhatCameSinceIsAddedAndWhatWasReleasedIsGone) {
  CrlBody monday = body(7, kMonday), tuesday = body(8, kTuesday);
  monday.revoked = {entry(alice, RevocationReason::certificate_hold)};
  tuesday.revoked = {entry(alice, RevocationReason::remove_from_crl),
                     entry(bob, RevocationReason::key_compromise)};
  const auto both = apply_delta(full(monday), delta(tuesday, 7));
  ASSERT_OK(both);
  EXPECT_EQ(find_revoked(*both, alice.certificate.serial()), nullptr);
  ASSERT_NE(find_revoked(*both, bob.certificate.serial()), nullptr);
  EXPECT_EQ(both->body.number, Bytes{8});
  EXPECT_EQ(both->body.next_update, tuesday.next_update);
}

TEST_F(Deltas, ListsThatDoNotBelongTogetherAreRefused) {
  const Crl monday = full(body(7, kMonday));
  EXPECT_ERROR(apply_delta(monday, monday), Code::conflict);
  EXPECT_ERROR(apply_delta(monday, delta(body(9, kTuesday), 8)), Code::conflict) << "base beyond";
  EXPECT_ERROR(apply_delta(monday, delta(body(6, kTuesday), 5)), Code::conflict) << "older number";
  EXPECT_ERROR(apply_delta(monday, delta(body(8, kMonday - std::chrono::hours(1)), 7)),
               Code::conflict)
      << "older time";
  CrlBody other_key = body(8, kTuesday);
  other_key.authority_key_identifier.back() ^= 1;
  EXPECT_ERROR(apply_delta(monday, delta(other_key, 7)), Code::conflict);
  CrlBody other_issuer = body(8, kTuesday);
  other_issuer.issuer = authority.root().certificate.subject();
  EXPECT_ERROR(apply_delta(monday, delta(other_issuer, 7)), Code::conflict);
}

TEST_F(Deltas, APathHearsOfWhatADeltaTells) {
  CrlBody monday = body(7, kMonday), tuesday = body(8, kTuesday);
  monday.revoked = {entry(alice, RevocationReason::certificate_hold)};
  tuesday.revoked = {entry(alice, RevocationReason::remove_from_crl),
                     entry(bob, RevocationReason::key_compromise)};
  EXPECT_EQ(judge(alice, {full(monday)}, {}), PathStatus::revoked);
  EXPECT_EQ(judge(bob, {full(monday)}, {}), PathStatus::trusted);
  EXPECT_EQ(judge(alice, {full(monday)}, {delta(tuesday, 7)}), PathStatus::trusted);
  EXPECT_EQ(judge(bob, {full(monday)}, {delta(tuesday, 7)}), PathStatus::revoked);
}

TEST_F(Deltas, AForgedDeltaChangesNothing) {
  CrlBody monday = body(7, kMonday), tuesday = body(8, kTuesday);
  monday.revoked = {entry(alice, RevocationReason::certificate_hold)};
  tuesday.revoked = {entry(alice, RevocationReason::remove_from_crl)};
  tuesday.base_number = {7};
  const Crl forged = *parse_delta_crl(*make_crl(tuesday, *alice.signer));
  EXPECT_EQ(judge(alice, {full(monday)}, {forged}), PathStatus::revoked);
}

TEST_F(Deltas, ADeltaFromTheFutureIsNotBelieved) {
  CrlBody monday = body(7, kMonday), later = body(8, kNow + std::chrono::hours(1));
  monday.revoked = {entry(alice, RevocationReason::certificate_hold)};
  later.revoked = {entry(alice, RevocationReason::remove_from_crl)};
  EXPECT_EQ(judge(alice, {full(monday)}, {delta(later, 7)}), PathStatus::revoked);
}

TEST_F(Deltas, WhereAFullListNamesADeltaItIsFetched) {
  testing::CertificateWish wish;
  wish.extensions = {*x509::make_crl_distribution_points({"http://ca.test/full.crl"})};
  const Credential carol = authority.make(wish, authority.issuing());
  CrlBody monday = body(7, kMonday), tuesday = body(8, kTuesday);
  monday.freshest_urls = {"http://ca.test/gone.crl", "http://ca.test/delta.crl"};
  tuesday.revoked = {entry(carol, RevocationReason::key_compromise)};
  const auto judged = [&](Web& web) {
    PathOptions options;
    options.at = options.now = kNow;
    options.intermediates = authority.chain();
    options.crls = {*parse_crl(authority.make_root_crl(kMonday))};
    options.fetch = &web;
    return validate_path(carol.certificate, authority.trust(), options, kAlgorithms);
  };
  Web web;
  web.pages["http://ca.test/full.crl"] = full(monday).der;
  EXPECT_EQ(judged(web).status, PathStatus::trusted);  // no delta there: the full list's word
  web.pages["http://ca.test/delta.crl"] = delta(tuesday, 7).der;
  const PathResult told = judged(web);
  EXPECT_EQ(told.status, PathStatus::revoked);
  EXPECT_EQ(told.revocation.back().delta_der, web.pages["http://ca.test/delta.crl"]);
  // Somebody else's delta, and a full list in its place, change nothing.
  tuesday.base_number = {7};
  web.pages["http://ca.test/delta.crl"] = *make_crl(tuesday, *alice.signer);
  EXPECT_EQ(judged(web).status, PathStatus::trusted);
  web.pages["http://ca.test/delta.crl"] = full(monday).der;
  EXPECT_EQ(judged(web).status, PathStatus::trusted);
  // Fetching is bounded, however many places a list names.
  monday.freshest_urls.clear();
  for (int i = 0; i < 40; ++i)
    monday.freshest_urls.push_back("http://ca.test/gone" + std::to_string(i));
  web.pages["http://ca.test/full.crl"] = full(monday).der;
  web.asked.clear();
  EXPECT_EQ(judged(web).status, PathStatus::trusted);
  EXPECT_LE(web.asked.size(), 16U);
}

}  // namespace
}  // namespace heqi::pki
