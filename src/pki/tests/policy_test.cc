// Certificate policies down a chain, with mappings (RFC 5280 §6.1, RFC 9618).
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
using Policies = std::vector<asn1::Oid>;

const x509::Sm2SignatureVerifier kSignatures;
const Sm3Digester kDigests;
const Algorithms kAlgorithms{kSignatures, kDigests};
const asn1::Oid kGold = asn1::Oid::of("1.2.3.1"), kLead = asn1::Oid::of("1.2.3.2"),
                kTin = asn1::Oid::of("1.2.3.3");

x509::Extension extension(const asn1::Oid& type, const asn1::Writer::Inner& value) {
  asn1::Writer out;
  value(out);
  return {type, true, out.take()};
}

x509::Extension mappings(const std::vector<std::pair<asn1::Oid, asn1::Oid>>& pairs) {
  return extension(oids::policy_mappings(), [&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& list) {
      for (const auto& [from, to] : pairs)
        list.sequence([&](asn1::Writer& pair) { pair.oid(from).oid(to); });
    });
  });
}

// constraint is policyConstraints: 0 requires explicit policies, 1 inhibits mappings.
x509::Extension constraint(unsigned field, std::uint8_t skip) {
  return extension(oids::policy_constraints(), [&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& f) { f.element(asn1::context(field), Bytes{skip}); });
  });
}

class PolicyPaths : public ::testing::Test {
 protected:
  // Rung is one certificate of the chain: its policies, and what else it states.
  struct Rung {
    Policies policies;
    std::vector<x509::Extension> more = {};
  };
  // judged is the verdict on a chain of the CAs given and a leaf.
  PathResult judged(const std::vector<Rung>& cas, const Policies& leaf, const Policies& wanted) {
    PathOptions asked;
    asked.at = at("2026-06-01T12:00:00Z");
    asked.revocation = RevocationMode::ignore;
    asked.policies = wanted;
    const Credential* issuer = &authority.root();
    std::vector<std::unique_ptr<Credential>> made;
    for (const Rung& rung : cas) {
      CertificateWish wish;
      wish.subject =
          *x509::Name::make({{oids::common_name(), "CA " + std::to_string(made.size())}});
      wish.ca = true;
      wish.usage = {KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign};
      wish.extensions = rung.more;
      if (!rung.policies.empty())
        wish.extensions.push_back(x509::make_certificate_policies(rung.policies));
      made.push_back(std::make_unique<Credential>(authority.make(wish, *issuer)));
      issuer = made.back().get();
      asked.intermediates.push_back(issuer->certificate);
    }
    CertificateWish wish;
    if (!leaf.empty()) wish.extensions = {x509::make_certificate_policies(leaf)};
    const Credential end = authority.make(wish, *issuer);
    return validate_path(end.certificate, authority.trust(), asked, kAlgorithms);
  }
  PathStatus status(const std::vector<Rung>& cas, const Policies& leaf, const Policies& wanted) {
    return judged(cas, leaf, wanted).status;
  }

  Authority authority;
};

TEST_F(PolicyPaths, AMappedPolicyCountsInTheTermsOfTheAnchor) {
  const std::vector<Rung> chain{{{kGold}, {mappings({{kGold, kLead}})}}};
  EXPECT_EQ(status(chain, {kLead}, {kGold}), PathStatus::trusted);
  EXPECT_EQ(status(chain, {kLead}, {kLead}), PathStatus::untrusted);
  EXPECT_EQ(status(chain, {kGold}, {kGold}), PathStatus::untrusted);  // its name below is lead
  EXPECT_EQ(status({{{kGold}}}, {kLead}, {kGold}), PathStatus::untrusted);  // not mapped
}

TEST_F(PolicyPaths, MappingsAreFollowedFromRungToRung) {
  const Rung first{{kGold}, {mappings({{kGold, kLead}})}};
  const Rung second{{kLead}, {mappings({{kLead, kTin}})}};
  EXPECT_EQ(status({first, second}, {kTin}, {kGold}), PathStatus::trusted);
  EXPECT_EQ(status({first, second}, {kTin}, {kTin}), PathStatus::untrusted);
  EXPECT_EQ(status({second, first}, {kTin}, {kGold}), PathStatus::untrusted);
  // One policy above may be several below, and several one.
  const Rung both{{kGold}, {mappings({{kGold, kLead}, {kGold, kTin}})}};
  EXPECT_EQ(status({both}, {kLead}, {kGold}), PathStatus::trusted);
  EXPECT_EQ(status({both}, {kTin}, {kGold}), PathStatus::trusted);
  const Rung merged{{kGold, kLead}, {mappings({{kGold, kTin}, {kLead, kTin}})}};
  EXPECT_EQ(status({merged}, {kTin}, {kGold}), PathStatus::trusted);
  EXPECT_EQ(status({merged}, {kTin}, {kLead}), PathStatus::trusted);
}

TEST_F(PolicyPaths, AnyPolicyIsMappedOnlyByName) {
  const Rung any{{oids::any_policy()}, {mappings({{kGold, kLead}})}};
  EXPECT_EQ(status({any}, {kLead}, {kGold}), PathStatus::trusted);
  EXPECT_EQ(status({any}, {kTin}, {kTin}), PathStatus::trusted);
  const PathResult from =
      judged({{{kGold}, {mappings({{oids::any_policy(), kLead}})}}}, {kLead}, {});
  EXPECT_EQ(from.status, PathStatus::untrusted);
  EXPECT_NE(from.reason.find("anyPolicy is mapped"), std::string::npos) << from.reason;
  EXPECT_EQ(status({{{kGold}, {mappings({{kGold, oids::any_policy()}})}}}, {kGold}, {}),
            PathStatus::untrusted);
}

TEST_F(PolicyPaths, InhibitedMappingsForbidWhatIsMapped) {
  const Rung above{{kGold}, {constraint(1, 0)}};
  const Rung maps{{kGold}, {mappings({{kGold, kLead}})}};
  EXPECT_EQ(status({above, maps}, {kLead}, {kGold}), PathStatus::untrusted);
  EXPECT_EQ(status({above, maps}, {kGold}, {kGold}), PathStatus::untrusted);
  EXPECT_EQ(status({{{kGold}}, maps}, {kLead}, {kGold}), PathStatus::trusted);
  // Within one more certificate it is still allowed.
  EXPECT_EQ(status({{{kGold}, {constraint(1, 1)}}, maps}, {kLead}, {kGold}), PathStatus::trusted);
}

TEST_F(PolicyPaths, RequiredPoliciesCountWhoeverAsks) {
  const Rung strict{{kGold}, {constraint(0, 0), mappings({{kGold, kLead}})}};
  EXPECT_EQ(status({strict}, {kLead}, {}), PathStatus::trusted);
  EXPECT_EQ(status({strict}, {kTin}, {}), PathStatus::untrusted);
  EXPECT_EQ(status({strict}, {}, {}), PathStatus::untrusted);
  EXPECT_EQ(status({{{kGold}}}, {}, {}), PathStatus::trusted);
}

TEST_F(PolicyPaths, ManyMappingsAreRefusedAndFewCostLittle) {
  std::vector<std::pair<asn1::Oid, asn1::Oid>> many;
  for (int i = 0; i < 65; ++i)
    many.emplace_back(asn1::Oid::of("1.2.4." + std::to_string(i)), kLead);
  const PathResult refused = judged({{{kGold}, {mappings(many)}}}, {kLead}, {});
  EXPECT_EQ(refused.status, PathStatus::untrusted);
  EXPECT_NE(refused.reason.find("mappings"), std::string::npos) << refused.reason;
  // Each level maps all to all: a tree would have 8^6 leaves, the graph has 8 nodes a level.
  Policies eight;
  for (int i = 0; i < 8; ++i) eight.push_back(asn1::Oid::of("1.2.5." + std::to_string(i)));
  std::vector<std::pair<asn1::Oid, asn1::Oid>> all;
  for (const asn1::Oid& from : eight)
    for (const asn1::Oid& to : eight) all.emplace_back(from, to);
  const Rung rung{eight, {mappings(all)}};
  EXPECT_EQ(status({rung, rung, rung, rung, rung, rung}, {eight[3]}, {eight[0]}),
            PathStatus::trusted);
  EXPECT_EQ(status({rung, rung, rung, rung, rung, rung}, {kTin}, {eight[0]}),
            PathStatus::untrusted);
}

}  // namespace
}  // namespace heqi::pki
