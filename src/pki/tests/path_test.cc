#include <gtest/gtest.h>

#include <heqi/pki/path.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

#include "der.h"

namespace heqi::pki {
namespace {

namespace oids = x509::oids;

using base::Bytes;
using base::Code;
using testing::at;
using testing::Authority;
using testing::CertificateWish;
using testing::Credential;

const x509::Sm2SignatureVerifier kSignatures;
const Sm3Digester kDigests;
const Algorithms kAlgorithms{kSignatures, kDigests};
const base::Time kNow = at("2026-06-01T12:00:00Z");

CertificateWish ca_wish(std::string name) {
  CertificateWish wish;
  wish.common_name = std::move(name);
  wish.ca = true;
  wish.usage = {KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign};
  return wish;
}

x509::Extension extension(const asn1::Oid& type, const asn1::Writer::Inner& value) {
  return {type, true, der::encode(value)};
}

// constraints makes NameConstraints of one subtree: list 0 permits, 1 excludes.
x509::Extension constraints(unsigned list, const asn1::Tag& tag, base::ByteView base) {
  return extension(oids::name_constraints(), [&](asn1::Writer& w) {
    w.sequence([&](asn1::Writer& fields) {
      fields.constructed(asn1::context_constructed(list), [&](asn1::Writer& subtrees) {
        subtrees.sequence([&](asn1::Writer& subtree) { subtree.element(tag, base); });
      });
    });
  });
}

class Paths : public ::testing::Test {
 protected:
  PathOptions options() const {
    PathOptions options;
    options.at = kNow;
    options.intermediates = authority.chain();
    options.revocation = RevocationMode::ignore;
    return options;
  }
  PathResult judge(const Credential& leaf, const PathOptions& options) const {
    return validate_path(leaf.certificate, authority.trust(), options, kAlgorithms);
  }
  PathStatus status(const Credential& leaf, const PathOptions& options) const {
    return judge(leaf, options).status;
  }
  // under makes a leaf below a CA of the wish, and judges it.
  PathStatus under(const CertificateWish& ca, const CertificateWish& leaf = {}) {
    const Credential issuer = authority.make(ca, authority.root());
    const Credential person = authority.make(leaf, issuer);
    PathOptions with = options();
    with.intermediates = {issuer.certificate};
    return status(person, with);
  }
  PathStatus as_leaf(const CertificateWish& wish) {
    return status(authority.make(wish), options());
  }

  Authority authority;
  Credential alice = authority.make_person("Alice");
};

TEST_F(Paths, APersonsChainIsTrusted) {
  const PathResult result = judge(alice, options());
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  ASSERT_EQ(result.chain.size(), 3U);
  EXPECT_TRUE(result.chain[0] == alice.certificate);
  EXPECT_TRUE(result.chain[1] == authority.issuing().certificate);
  EXPECT_TRUE(result.chain[2] == authority.root().certificate);
  EXPECT_EQ(result.reason, "");
}

TEST_F(Paths, AnAnchorThatIsTheLeafIsTrusted) {
  const TrustStore trust({alice.certificate});
  EXPECT_EQ(validate_path(alice.certificate, trust, options(), kAlgorithms).status,
            PathStatus::trusted);
}

// shows-part: ECP-DOC-5b (the order of time and revocation; the document is documents' subject)
TEST_F(Paths, TimeDecides) {
  PathOptions asked = options();
  asked.at = at("2025-12-31T23:59:59Z");
  EXPECT_EQ(status(alice, asked), PathStatus::expired_at_time);
  asked.at = at("2046-01-01T00:00:01Z");
  EXPECT_EQ(status(alice, asked), PathStatus::expired_at_time);
  asked.at = at("2046-01-01T00:00:00Z");
  EXPECT_EQ(status(alice, asked), PathStatus::trusted);
  CertificateWish brief;
  brief.not_after = at("2026-05-31T00:00:00Z");
  EXPECT_EQ(as_leaf(brief), PathStatus::expired_at_time);
  brief.not_before = at("2026-06-02T00:00:00Z");
  brief.not_after = at("2027-01-01T00:00:00Z");
  EXPECT_EQ(as_leaf(brief), PathStatus::expired_at_time);
  CertificateWish ca = ca_wish("Old CA");
  ca.not_after = at("2026-05-31T00:00:00Z");
  EXPECT_EQ(under(ca), PathStatus::expired_at_time);
}

TEST_F(Paths, WithoutAnchorOrIntermediateNothingIsTrusted) {
  EXPECT_EQ(validate_path(alice.certificate, TrustStore(), options(), kAlgorithms).status,
            PathStatus::untrusted);
  PathOptions without = options();
  without.intermediates.clear();
  EXPECT_EQ(status(alice, without), PathStatus::untrusted);
  const Authority stranger(99);  // the same names, other keys
  EXPECT_EQ(validate_path(alice.certificate, stranger.trust(), options(), kAlgorithms).status,
            PathStatus::untrusted);
  PathOptions foreign = options();
  foreign.intermediates = stranger.chain();
  EXPECT_EQ(status(alice, foreign), PathStatus::untrusted);
  EXPECT_EQ(status(authority.make_self_signed({}), options()), PathStatus::untrusted);
}

// shows-part: ECP-6.2.2-j (constraints and policies; delegated validation is not there)
TEST_F(Paths, WhoIsNotACaCertifiesNobody) {
  CertificateWish person;
  person.common_name = "Not A CA";
  EXPECT_EQ(under(person), PathStatus::untrusted);  // no basicConstraints
  person.usage.clear();
  EXPECT_EQ(under(person), PathStatus::untrusted);  // nor a key usage that forbids it
  CertificateWish ca = ca_wish("Says No");
  ca.ca = false;
  EXPECT_EQ(under(ca), PathStatus::untrusted);
  ca = ca_wish("No keyCertSign");
  ca.usage = {KeyUsageBit::digital_signature};
  EXPECT_EQ(under(ca), PathStatus::untrusted);
  ca = ca_wish("No Key Usage");
  ca.usage.clear();
  EXPECT_EQ(under(ca), PathStatus::trusted);  // absent: no restriction
  EXPECT_EQ(under(ca_wish("Good")), PathStatus::trusted);
}

TEST_F(Paths, PathLengthsBoundTheChain) {
  // The issuing CA has path length 0: a CA below it may certify nobody.
  const Credential sub = authority.make(ca_wish("Sub"));
  const Credential person = authority.make({}, sub);
  PathOptions asked = options();
  asked.intermediates.push_back(sub.certificate);
  EXPECT_EQ(status(person, asked), PathStatus::untrusted);
  CertificateWish one = ca_wish("One");
  one.path_length = 1;
  const Credential upper = authority.make(one, authority.root());
  const Credential middle = authority.make(ca_wish("Middle"), upper);
  const Credential lower = authority.make(ca_wish("Lower"), middle);
  asked.intermediates = {upper.certificate, middle.certificate, lower.certificate};
  EXPECT_EQ(status(authority.make({}, middle), asked), PathStatus::trusted);
  EXPECT_EQ(status(authority.make({}, lower), asked), PathStatus::untrusted);
}

TEST_F(Paths, TheDepthIsBounded) {
  std::vector<Credential> cas = {authority.make(ca_wish("CA 0"), authority.root())};
  PathOptions asked = options();
  asked.intermediates = {cas[0].certificate};
  for (int i = 1; i < 7; ++i) {
    cas.push_back(authority.make(ca_wish("CA " + std::to_string(i)), cas.back()));
    asked.intermediates.push_back(cas.back().certificate);
  }
  EXPECT_EQ(status(authority.make({}, cas[5]), asked), PathStatus::trusted);  // 8 certificates
  const PathResult deep = judge(authority.make({}, cas[6]), asked);
  EXPECT_EQ(deep.status, PathStatus::untrusted);
  asked.depth_max = 3;
  EXPECT_EQ(status(authority.make({}, cas[1]), asked), PathStatus::untrusted);
}

TEST_F(Paths, MutualCertificatesEndInsteadOfTurningInCircles) {
  // Thirty-two CAs of one name, each certified by all: 32! chains without the limit.
  std::vector<Credential> cas;
  PathOptions asked = options();
  asked.intermediates.clear();
  CertificateWish wish = ca_wish("Twin");
  wish.key_identifiers = false;
  const Credential first = authority.make_self_signed(wish);
  for (int i = 0; i < 40; ++i)
    asked.intermediates.push_back(authority.make(wish, first).certificate);
  asked.intermediates.push_back(first.certificate);
  const PathResult result = judge(authority.make({}, first), asked);
  EXPECT_EQ(result.status, PathStatus::untrusted);
  EXPECT_LE(result.signature_checks, kPathSignatureChecksMax + 1);
}

TEST_F(Paths, ACrossCertificateLeadsAround) {
  // The issuing CA's key, certified by a second root that alone is trusted.
  const Authority other(7);
  x509::CertificateBody body;
  body.serial = {0x77};
  body.issuer = other.root().certificate.subject();
  body.subject = authority.issuing().certificate.subject();
  body.not_before = authority.not_before();
  body.not_after = authority.not_after();
  body.public_key = authority.issuing().certificate.public_key();
  body.extensions = {x509::make_basic_constraints({true, 0}),
                     x509::make_key_usage({x509::KeyUsageBit::key_cert_sign}),
                     x509::make_subject_key_identifier(body.public_key)};
  PathOptions asked = options();
  asked.intermediates.push_back(*x509::make_certificate(body, *other.root().signer));
  const PathResult result = validate_path(alice.certificate, other.trust(), asked, kAlgorithms);
  EXPECT_EQ(result.status, PathStatus::trusted) << result.reason;
  EXPECT_TRUE(result.chain.back() == other.root().certificate);
}

TEST_F(Paths, UsageAndPurposeAreAskedFor) {
  PathOptions asked = options();
  asked.usage_any_of = {KeyUsageBit::digital_signature, KeyUsageBit::non_repudiation};
  EXPECT_EQ(status(alice, asked), PathStatus::trusted);
  asked.usage_any_of = {KeyUsageBit::key_encipherment};
  EXPECT_EQ(status(alice, asked), PathStatus::wrong_usage);
  asked = options();
  asked.purpose = oids::purpose_time_stamping();
  EXPECT_EQ(status(alice, asked), PathStatus::trusted);  // no extended key usage: any purpose
  EXPECT_EQ(status(authority.tsa(), asked), PathStatus::trusted);
  EXPECT_EQ(status(authority.ocsp(), asked), PathStatus::wrong_usage);
  CertificateWish ca = ca_wish("Mail CA");
  ca.purposes = {oids::purpose_email_protection()};
  const Credential mail = authority.make(ca, authority.root());
  asked.intermediates = {mail.certificate};
  EXPECT_EQ(status(authority.make({}, mail), asked), PathStatus::wrong_usage);
}

TEST_F(Paths, UnknownCriticalExtensionsAreNotOverlooked) {
  CertificateWish wish;
  wish.extensions = {{asn1::Oid::of("1.2.3.4.5"), false, {0x05, 0x00}}};
  EXPECT_EQ(as_leaf(wish), PathStatus::trusted);
  wish.extensions[0].critical = true;
  EXPECT_EQ(as_leaf(wish), PathStatus::untrusted);
  CertificateWish ca = ca_wish("Critical CA");
  ca.extensions = wish.extensions;
  EXPECT_EQ(under(ca), PathStatus::untrusted);
}

TEST_F(Paths, NameConstraintsBindThoseBelow) {
  const x509::Name inside = *x509::Name::make({{oids::country(), "CN"}});
  const x509::Name outside = *x509::Name::make({{oids::country(), "DE"}});
  const asn1::Tag directory = asn1::context_constructed(4), dns = asn1::context(2),
                  email = asn1::context(1), ip = asn1::context(7), uri = asn1::context(6);
  const auto judged = [&](x509::Extension limits, std::vector<x509::GeneralName> names) {
    CertificateWish ca = ca_wish("Bounded CA"), leaf;
    ca.extensions = {std::move(limits)};
    if (!names.empty()) leaf.extensions = {*x509::make_subject_alternative_names(names)};
    return under(ca, leaf);
  };
  EXPECT_EQ(judged(constraints(0, directory, inside.der()), {}), PathStatus::trusted);
  EXPECT_EQ(judged(constraints(0, directory, outside.der()), {}), PathStatus::untrusted);
  EXPECT_EQ(judged(constraints(1, directory, inside.der()), {}), PathStatus::untrusted);
  const Bytes domain = base::to_bytes("example.com"), below = base::to_bytes(".example.com");
  EXPECT_EQ(judged(constraints(0, dns, domain), {x509::dns_name("a.Example.com")}),
            PathStatus::trusted);
  EXPECT_EQ(judged(constraints(0, dns, domain), {x509::dns_name("badexample.com")}),
            PathStatus::untrusted);
  EXPECT_EQ(judged(constraints(1, dns, domain), {x509::dns_name("a.example.com")}),
            PathStatus::untrusted);
  EXPECT_EQ(judged(constraints(0, dns, below), {x509::dns_name("example.com")}),
            PathStatus::untrusted);
  EXPECT_EQ(judged(constraints(0, dns, domain),
                   {x509::dns_name("a.example.com"), x509::dns_name("example.org")}),
            PathStatus::untrusted);
  EXPECT_EQ(judged(constraints(0, email, domain), {x509::email_name("a@example.com")}),
            PathStatus::trusted);
  EXPECT_EQ(judged(constraints(0, email, domain), {x509::email_name("a@sub.example.com")}),
            PathStatus::untrusted);
  const Bytes network = {10, 0, 0, 0, 255, 0, 0, 0};
  EXPECT_EQ(judged(constraints(0, ip, network), {x509::ip_name(Bytes{10, 1, 2, 3})}),
            PathStatus::trusted);
  EXPECT_EQ(judged(constraints(0, ip, network), {x509::ip_name(Bytes{11, 1, 2, 3})}),
            PathStatus::untrusted);
  EXPECT_EQ(judged(constraints(1, ip, network), {x509::ip_name(Bytes{10, 1, 2, 3})}),
            PathStatus::untrusted);
  EXPECT_EQ(judged(constraints(0, uri, domain), {x509::uri_name("http://example.com/")}),
            PathStatus::untrusted);  // not supported, so not believed
  EXPECT_EQ(judged(constraints(0, uri, domain), {}), PathStatus::trusted);
  EXPECT_EQ(judged(extension(oids::name_constraints(),
                             [](asn1::Writer& w) { w.sequence([](asn1::Writer&) {}); }),
                   {}),
            PathStatus::untrusted);  // says nothing
}

TEST_F(Paths, MailAddressesInTheSubjectAreBoundToo) {
  CertificateWish ca = ca_wish("Mail Bounded CA"), leaf;
  ca.extensions = {constraints(0, asn1::context(1), base::to_bytes("example.com"))};
  leaf.subject =
      *x509::Name::make({{oids::common_name(), "M"}, {oids::email_address(), "m@evil.test"}});
  EXPECT_EQ(under(ca, leaf), PathStatus::untrusted);
}

TEST_F(Paths, PoliciesAreIntersected) {
  const asn1::Oid gold = asn1::Oid::of("1.2.3.1"), lead = asn1::Oid::of("1.2.3.2");
  const auto judged = [&](std::vector<asn1::Oid> ca_policies, std::vector<asn1::Oid> leaf_policies,
                          std::vector<x509::Extension> more, std::vector<asn1::Oid> wanted) {
    CertificateWish ca = ca_wish("Policy CA"), leaf;
    ca.extensions = std::move(more);
    if (!ca_policies.empty()) ca.extensions.push_back(x509::make_certificate_policies(ca_policies));
    if (!leaf_policies.empty()) leaf.extensions = {x509::make_certificate_policies(leaf_policies)};
    const Credential issuer = authority.make(ca, authority.root());
    PathOptions asked = options();
    asked.intermediates = {issuer.certificate};
    asked.policies = std::move(wanted);
    return status(authority.make(leaf, issuer), asked);
  };
  EXPECT_EQ(judged({gold}, {gold}, {}, {gold}), PathStatus::trusted);
  EXPECT_EQ(judged({oids::any_policy()}, {gold}, {}, {gold}), PathStatus::trusted);
  EXPECT_EQ(judged({gold}, {lead}, {}, {lead}), PathStatus::untrusted);
  EXPECT_EQ(judged({gold}, {gold}, {}, {lead}), PathStatus::untrusted);
  EXPECT_EQ(judged({}, {gold}, {}, {gold}), PathStatus::untrusted);
  EXPECT_EQ(judged({gold}, {lead}, {}, {}), PathStatus::trusted);  // nobody asks
  const x509::Extension explicit_now = extension(oids::policy_constraints(), [](asn1::Writer& w) {
    w.sequence([](asn1::Writer& f) { f.element(asn1::context(0), Bytes{0}); });
  });
  EXPECT_EQ(judged({gold}, {lead}, {explicit_now}, {}), PathStatus::untrusted);
  EXPECT_EQ(judged({gold}, {gold}, {explicit_now}, {}), PathStatus::trusted);
  const x509::Extension no_any =
      extension(oids::inhibit_any_policy(), [](asn1::Writer& w) { w.integer(0); });
  EXPECT_EQ(judged({gold}, {oids::any_policy()}, {no_any}, {gold}), PathStatus::untrusted);
  EXPECT_EQ(judged({gold}, {oids::any_policy()}, {}, {gold}), PathStatus::trusted);
}

TEST_F(Paths, NoFlippedBitOfACertificateIsTrusted) {
  const base::ByteView der = alice.certificate.der();
  for (std::size_t bit = 0; bit < der.size() * 8; bit += 3) {
    Bytes changed = base::to_bytes(der);
    changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1U << (bit % 8)));
    const auto certificate = x509::parse_certificate(changed);
    const bool trusted =
        certificate &&
        validate_path(*certificate, authority.trust(), options(), kAlgorithms).status ==
            PathStatus::trusted;
    EXPECT_FALSE(trusted) << "bit " << bit;
  }
}

TEST_F(Paths, EveryStatusHasItsError) {
  PathResult result;
  for (const auto& [status, code] : {std::pair{PathStatus::untrusted, Code::untrusted},
                                     std::pair{PathStatus::expired_at_time, Code::expired},
                                     std::pair{PathStatus::revoked, Code::revoked},
                                     std::pair{PathStatus::unknown_revocation, Code::unavailable},
                                     std::pair{PathStatus::wrong_usage, Code::untrusted}}) {
    result.status = status;
    EXPECT_EQ(to_error(result).code, code);
  }
}

}  // namespace
}  // namespace heqi::pki
