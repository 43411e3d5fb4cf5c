// Chains in the shapes that suites of path validation ask for (RFC 5280 §6), made with SM2 keys by
// this generator; each shape has the verdict of the standard.
#include <gtest/gtest.h>

#include <functional>

#include <heqi/pki/path.h>
#include <heqi/testing/authority.h>
#include <heqi/testing/expect.h>
#include <heqi/x509/oids.h>

#include "der.h"

namespace heqi::pki {
namespace {

namespace oids = x509::oids;

using base::Bytes;
using testing::at;
using testing::Authority;
using testing::CertificateWish;
using testing::Credential;

const base::Time kNow = at("2026-06-01T12:00:00Z");

// Ground is what a shape is built on, and what is asked in the end.
struct Ground {
  Authority authority;
  PathOptions options;
  Credential leaf;

  Ground() {
    options.at = options.now = kNow;
    options.revocation = RevocationMode::ignore;
  }
  static CertificateWish ca(std::string name, std::optional<unsigned> path_length = std::nullopt) {
    CertificateWish wish;
    wish.common_name = std::move(name);
    wish.ca = true;
    wish.path_length = path_length;
    wish.usage = {KeyUsageBit::key_cert_sign, KeyUsageBit::crl_sign};
    return wish;
  }
  // add makes a certificate below issuer and offers it as an intermediate.
  Credential add(const CertificateWish& wish, const Credential& issuer) {
    const Credential made = authority.make(wish, issuer);
    options.intermediates.push_back(made.certificate);
    return made;
  }
  Credential add(const CertificateWish& wish) { return add(wish, authority.root()); }
  // chain makes CAs of these path lengths, one below the other, and the leaf below the last.
  void chain(const std::vector<std::optional<unsigned>>& path_lengths) {
    Credential issuer = authority.root();
    int number = 0;
    for (const auto& path_length : path_lengths)
      issuer = add(ca("CA " + std::to_string(number++), path_length), issuer);
    leaf = authority.make({}, issuer);
  }
  // again certifies the key of one more time under another issuer or period.
  x509::Certificate again(const Credential& of, const Credential& issuer, base::Time until,
                          std::vector<x509::Extension> extensions = {}) {
    x509::CertificateBody body;
    body.serial = Bytes{0x21, static_cast<std::uint8_t>(++repeats_)};
    body.issuer = issuer.certificate.subject();
    body.subject = of.certificate.subject();
    body.not_before = authority.not_before();
    body.not_after = until;
    body.public_key = of.certificate.public_key();
    body.extensions = std::move(extensions);
    if (body.extensions.empty())
      body.extensions = {x509::make_basic_constraints({true, std::nullopt}),
                         x509::make_key_usage({KeyUsageBit::key_cert_sign}),
                         x509::make_subject_key_identifier(body.public_key)};
    return *x509::make_certificate(body, *issuer.signer);
  }

 private:
  int repeats_ = 0;
};

enum class Verdict : std::uint8_t { accepted, refused };

struct Shape {
  const char* name;
  Verdict verdict;
  std::function<void(Ground&)> build;
};

x509::Extension name_constraints(unsigned list, const std::vector<std::string>& domains) {
  return {oids::name_constraints(), true, der::encode([&](asn1::Writer& w) {
            w.sequence([&](asn1::Writer& fields) {
              fields.constructed(asn1::context_constructed(list), [&](asn1::Writer& subtrees) {
                for (const std::string& domain : domains)
                  subtrees.sequence([&](asn1::Writer& subtree) {
                    subtree.element(asn1::context(2), base::bytes_of(domain));
                  });
              });
            });
          })};
}

// constrained builds root → constrained CA (→ second constrained CA) → leaf with these names.
void constrained(Ground& g, std::vector<x509::Extension> limits,
                 const std::vector<std::string>& names) {
  Credential issuer = g.authority.root();
  int number = 0;
  for (x509::Extension& limit : limits) {
    CertificateWish wish = Ground::ca("Bounded " + std::to_string(number++));
    wish.extensions = {std::move(limit)};
    issuer = g.add(wish, issuer);
  }
  CertificateWish leaf;
  std::vector<x509::GeneralName> list;
  for (const std::string& name : names) list.push_back(x509::dns_name(name));
  if (!list.empty()) leaf.extensions = {*x509::make_subject_alternative_names(list)};
  g.leaf = g.authority.make(leaf, issuer);
}

void with_purposes(Ground& g, std::vector<asn1::Oid> of_ca, std::vector<asn1::Oid> of_leaf) {
  CertificateWish ca = Ground::ca("Purpose CA"), leaf;
  ca.purposes = std::move(of_ca);
  leaf.purposes = std::move(of_leaf);
  g.leaf = g.authority.make(leaf, g.add(ca));
  g.options.purpose = oids::purpose_server_auth();
}

const std::vector<Shape>& length_shapes() {
  static const std::vector<Shape> shapes = {
      {"leaf under the root", Verdict::accepted, [](Ground& g) { g.chain({}); }},
      {"leaf under an intermediate", Verdict::accepted, [](Ground& g) { g.chain({std::nullopt}); }},
      {"path length zero, leaf below", Verdict::accepted, [](Ground& g) { g.chain({0}); }},
      {"path length zero, CA below", Verdict::refused,
       [](Ground& g) {
         g.chain({0, std::nullopt});
       }},
      {"path length one, CA below", Verdict::accepted,
       [](Ground& g) {
         g.chain({1, std::nullopt});
       }},
      {"path length one, two CAs below", Verdict::refused,
       [](Ground& g) {
         g.chain({1, std::nullopt, std::nullopt});
       }},
      {"path length may grow downwards where room is left", Verdict::accepted,
       [](Ground& g) {
         g.chain({2, 9, 0});
       }},
      {"the smallest path length above counts", Verdict::refused,
       [](Ground& g) {
         g.chain({2, 0, 9});
       }},
      {"self-issued CAs do not count", Verdict::accepted,
       [](Ground& g) {
         const Credential upper = g.add(Ground::ca("Same", 0));
         const Credential lower = g.add(Ground::ca("Same", 0), upper);
         g.leaf = g.authority.make({}, lower);
       }},
      {"eight certificates", Verdict::accepted,
       [](Ground& g) { g.chain(std::vector<std::optional<unsigned>>(6)); }},
      {"nine certificates", Verdict::refused,
       [](Ground& g) { g.chain(std::vector<std::optional<unsigned>>(7)); }},
      {"longer than the caller allows", Verdict::refused,
       [](Ground& g) {
         g.chain({std::nullopt});
         g.options.depth_max = 2;
       }},
  };
  return shapes;
}

const std::vector<Shape>& issuer_shapes() {
  static const std::vector<Shape> shapes = {
      {"no intermediate offered", Verdict::refused,
       [](Ground& g) {
         g.chain({std::nullopt});
         g.options.intermediates.clear();
       }},
      {"intermediate without basicConstraints", Verdict::refused,
       [](Ground& g) {
         CertificateWish wish = Ground::ca("X");
         wish.ca.reset();
         g.leaf = g.authority.make({}, g.add(wish));
       }},
      {"intermediate that says it is no CA", Verdict::refused,
       [](Ground& g) {
         CertificateWish wish = Ground::ca("X");
         wish.ca = false;
         g.leaf = g.authority.make({}, g.add(wish));
       }},
      {"intermediate that may not sign certificates", Verdict::refused,
       [](Ground& g) {
         CertificateWish wish = Ground::ca("X");
         wish.usage = {KeyUsageBit::crl_sign, KeyUsageBit::digital_signature};
         g.leaf = g.authority.make({}, g.add(wish));
       }},
      {"leaf certified by a leaf", Verdict::refused,
       [](Ground& g) { g.leaf = g.authority.make({}, g.add({})); }},
      {"issuer of the right name and another key", Verdict::refused,
       [](Ground& g) {
         CertificateWish wish = Ground::ca("Twin");
         wish.key_identifiers = false;
         const Credential real = g.authority.make(wish, g.authority.root());
         g.add(wish);  // the other one is offered
         g.leaf = g.authority.make({}, real);
       }},
      {"issuers of one name, the right one among them", Verdict::accepted,
       [](Ground& g) {
         CertificateWish wish = Ground::ca("Twin");
         wish.key_identifiers = false;
         for (int i = 0; i < 5; ++i) g.add(wish);
         CertificateWish leaf;
         leaf.key_identifiers = false;
         g.leaf = g.authority.make(leaf, g.add(wish));
       }},
  };
  return shapes;
}

const std::vector<Shape>& graph_shapes() {
  static const std::vector<Shape> shapes = {
      {"self-signed and not an anchor", Verdict::refused,
       [](Ground& g) { g.leaf = g.authority.make_self_signed({}); }},
      {"under a root that is not an anchor", Verdict::refused,
       [](Ground& g) {
         const Credential other = g.authority.make_self_signed(Ground::ca("Other Root"));
         g.options.intermediates = {other.certificate};
         g.leaf = g.authority.make({}, other);
       }},
      {"the root is offered as an intermediate too", Verdict::accepted,
       [](Ground& g) {
         g.chain({std::nullopt});
         g.options.intermediates.push_back(g.authority.root().certificate);
       }},
      {"two CAs certify each other, neither under the root", Verdict::refused,
       [](Ground& g) {
         const Credential a = g.authority.make_self_signed(Ground::ca("A"));
         const Credential b = g.authority.make(Ground::ca("B"), a);
         g.options.intermediates = {g.again(a, b, g.authority.not_after()), b.certificate};
         g.leaf = g.authority.make({}, b);
       }},
      {"two CAs certify each other, one under the root", Verdict::accepted,
       [](Ground& g) {
         const Credential a = g.add(Ground::ca("A"));
         const Credential b = g.add(Ground::ca("B"), a);
         g.options.intermediates.insert(g.options.intermediates.begin(),
                                        g.again(a, b, g.authority.not_after()));
         g.leaf = g.authority.make({}, b);
       }},
      {"unknown critical extension in an intermediate", Verdict::refused,
       [](Ground& g) {
         CertificateWish wish = Ground::ca("X");
         wish.extensions = {{asn1::Oid::of("1.2.3.4"), true, {0x05, 0x00}}};
         g.leaf = g.authority.make({}, g.add(wish));
       }},
  };
  return shapes;
}

const std::vector<Shape>& time_shapes() {
  static const std::vector<Shape> shapes = {
      {"expired intermediate", Verdict::refused,
       [](Ground& g) {
         CertificateWish wish = Ground::ca("X");
         wish.not_after = kNow - std::chrono::seconds(1);
         g.leaf = g.authority.make({}, g.add(wish));
       }},
      {"intermediate that has not begun", Verdict::refused,
       [](Ground& g) {
         CertificateWish wish = Ground::ca("X");
         wish.not_before = kNow + std::chrono::seconds(1);
         g.leaf = g.authority.make({}, g.add(wish));
       }},
      {"the second of notAfter still counts", Verdict::accepted,
       [](Ground& g) {
         CertificateWish wish;
         wish.not_after = kNow;
         g.leaf = g.authority.make(wish, g.authority.root());
       }},
      {"expired and valid certificate of one intermediate", Verdict::accepted,
       [](Ground& g) {
         const Credential ca = g.add(Ground::ca("Renewed"));
         g.options.intermediates.insert(
             g.options.intermediates.begin(),
             g.again(ca, g.authority.root(), kNow - std::chrono::hours(1)));
         g.leaf = g.authority.make({}, ca);
       }},
  };
  return shapes;
}

const std::vector<Shape>& name_shapes() {
  const auto permit = [](std::vector<std::string> d) { return name_constraints(0, d); };
  const auto exclude = [](std::vector<std::string> d) { return name_constraints(1, d); };
  static const std::vector<Shape> shapes = {
      {"permitted name", Verdict::accepted,
       [=](Ground& g) { constrained(g, {permit({"a.example"})}, {"www.a.example"}); }},
      {"permitted name itself", Verdict::accepted,
       [=](Ground& g) { constrained(g, {permit({"a.example"})}, {"a.example"}); }},
      {"name that only ends alike", Verdict::refused,
       [=](Ground& g) { constrained(g, {permit({"a.example"})}, {"nota.example"}); }},
      {"one of two names is permitted", Verdict::refused,
       [=](Ground& g) {
         constrained(g, {permit({"a.example"})}, {"a.example", "b.example"});
       }},
      {"one of two subtrees fits", Verdict::accepted,
       [=](Ground& g) {
         constrained(g, {permit({"a.example", "b.example"})}, {"b.example"});
       }},
      {"excluded name", Verdict::refused,
       [=](Ground& g) { constrained(g, {exclude({"a.example"})}, {"x.a.example"}); }},
      {"other name than the excluded one", Verdict::accepted,
       [=](Ground& g) { constrained(g, {exclude({"a.example"})}, {"b.example"}); }},
      {"the lower CA may narrow", Verdict::refused,
       [=](Ground& g) {
         constrained(g, {permit({"example"}), permit({"a.example"})}, {"b.example"});
       }},
      {"the lower CA cannot widen", Verdict::refused,
       [=](Ground& g) {
         constrained(g, {permit({"a.example"}), permit({"b.example"})}, {"b.example"});
       }},
      {"excluded above, permitted below", Verdict::refused,
       [=](Ground& g) {
         constrained(g, {exclude({"a.example"}), permit({"a.example"})}, {"a.example"});
       }},
      {"no name of the constrained kind", Verdict::accepted,
       [=](Ground& g) { constrained(g, {permit({"a.example"})}, {}); }},
      {"upper-case is the same name", Verdict::accepted,
       [=](Ground& g) { constrained(g, {permit({"A.example"})}, {"WWW.a.EXAMPLE"}); }},
      {"excluded in upper-case", Verdict::refused,
       [=](Ground& g) { constrained(g, {exclude({"a.example"})}, {"A.EXAMPLE"}); }},
  };
  return shapes;
}

const std::vector<Shape>& purpose_shapes() {
  const asn1::Oid server = oids::purpose_server_auth(), client = oids::purpose_client_auth(),
                  any = oids::any_extended_key_usage();
  static const std::vector<Shape> shapes = {
      {"no purpose is stated", Verdict::accepted, [=](Ground& g) { with_purposes(g, {}, {}); }},
      {"the purpose is stated", Verdict::accepted,
       [=](Ground& g) {
         with_purposes(g, {}, {client, server});
       }},
      {"another purpose is stated", Verdict::refused,
       [=](Ground& g) { with_purposes(g, {}, {client}); }},
      {"any purpose is stated", Verdict::accepted, [=](Ground& g) { with_purposes(g, {}, {any}); }},
      {"the CA is for another purpose", Verdict::refused,
       [=](Ground& g) { with_purposes(g, {client}, {server}); }},
      {"the CA is for the purpose too", Verdict::accepted,
       [=](Ground& g) {
         with_purposes(g, {client, server}, {server});
       }},
  };
  return shapes;
}

TEST(PathShapes, EachHasItsVerdict) {
  const x509::Sm2SignatureVerifier signatures;
  const Sm3Digester digests;
  std::size_t count = 0;
  for (const auto* group : {&length_shapes(), &issuer_shapes(), &graph_shapes(), &time_shapes(),
                            &name_shapes(), &purpose_shapes()})
    for (const Shape& shape : *group) {
      Ground ground;
      shape.build(ground);
      const PathResult result = validate_path(ground.leaf.certificate, ground.authority.trust(),
                                              ground.options, {signatures, digests});
      EXPECT_EQ(result.status == PathStatus::trusted, shape.verdict == Verdict::accepted)
          << shape.name << ": " << name_of(result.status) << " " << result.reason;
      EXPECT_LE(result.signature_checks, kPathSignatureChecksMax + 1) << shape.name;
      ++count;
    }
  EXPECT_GE(count, 45U);
}

}  // namespace
}  // namespace heqi::pki
