// Certificates of other authorities that users bind and sign in with: RSA, ECDSA and SM2 users of
// an authority with OCSP and CRLs, and everybody who lies.
#include <heqi/services/identity/bound_certificate.h>

#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/testing/foreign_suites.h>
#include <heqi/x509/oids.h>

#include "identity_fixture.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using heqi::testing::Authority;
using heqi::testing::CertificateWish;
using heqi::testing::Credential;

// World is one trusted authority, and its users.
struct World {
  World(sql::Database& database, const base::Clock& clock, base::Random& random,
        const heqi::testing::Suite& suite)
      : authority(1, suite),
        trusted({authority.issuing().certificate}),
        algorithms(suite.algorithms()),
        fetch(authority.make_fetch(clock)),
        bound(database, trusted, algorithms, *fetch, clock, random),
        zhang(make("Zhang")) {}

  CertificateWish wish(std::string name) {
    CertificateWish out;
    out.common_name = std::move(name);
    out.crl_and_ocsp_urls = true;
    return out;
  }
  Credential make(std::string name) { return authority.make(wish(std::move(name))); }
  PossessionProof proof_of(const Credential& of) {
    PossessionProof proof;
    proof.certificate = base::to_bytes(of.certificate.der());
    proof.intermediates = {base::to_bytes(authority.issuing().certificate.der())};
    proof.challenge = *bound.make_challenge();
    return proof;
  }
  PossessionProof binding(const Credential& of, std::string_view user) {
    PossessionProof proof = proof_of(of);
    proof.signature = *of.signer->sign(binding_statement(user, proof.challenge, proof.certificate));
    return proof;
  }
  PossessionProof authentication(const Credential& of) {
    PossessionProof proof = proof_of(of);
    proof.signature =
        *of.signer->sign(authentication_statement(proof.challenge, proof.certificate));
    return proof;
  }

  Authority authority;
  pki::TrustStore trusted;
  pki::Algorithms algorithms;
  std::unique_ptr<base::Fetch> fetch;
  BoundCertificates bound;
  Credential zhang;
};

class BoundCertificateTest : public IdentityFixture {
 protected:
  World world(const heqi::testing::Suite& suite = heqi::testing::sm2_suite()) {
    return {*database, clock, random, suite};
  }
};

// shows-part: ECP-ID-7 (the page on which users do it)
// shows-part: ECP-ID-5 (the sign-in page of the desk)
TEST_F(BoundCertificateTest, AUserOfEachAlgorithmBindsAndSignsInEverAfter) {
  for (const auto* suite :
       {&heqi::testing::sm2_suite(), &heqi::testing::rsa_suite(), &heqi::testing::ecdsa_suite()}) {
    World w = world(*suite);
    const std::string user = "U-" + std::string(suite->name());
    EXPECT_ERROR(w.bound.authenticate(w.authentication(w.zhang)), Code::unauthenticated);
    const auto bound = w.bound.bind(user, w.binding(w.zhang, user));
    ASSERT_OK(bound);
    EXPECT_EQ(bound->bound_at, clock.now());
    clock.advance(std::chrono::hours(24));
    const auto again = w.bound.authenticate(w.authentication(w.zhang));
    ASSERT_OK(again);
    EXPECT_EQ(*again, user);
    const auto repeated = w.bound.bind(user, w.binding(w.zhang, user));
    ASSERT_OK(repeated);
    EXPECT_EQ(repeated->bound_at, bound->bound_at);
    EXPECT_EQ(w.bound.list(user)->size(), 1U);
    ASSERT_OK(w.bound.release(user, w.zhang.certificate.der()));
    EXPECT_ERROR(w.bound.release(user, w.zhang.certificate.der()), Code::not_found);
    EXPECT_ERROR(w.bound.authenticate(w.authentication(w.zhang)), Code::unauthenticated);
  }
}

// shows-part: ECP-ID-7 (the page on which users do it; mutant: tests/mutants/ECP-ID-7.possession)
TEST_F(BoundCertificateTest, WhoDoesNotHaveTheKeyBindsNothing) {
  World w = world();
  const Credential li = w.make("Li");
  PossessionProof stolen = w.proof_of(w.zhang);
  stolen.signature =
      *li.signer->sign(binding_statement("U-li", stolen.challenge, stolen.certificate));
  EXPECT_ERROR(w.bound.bind("U-li", stolen), Code::invalid_signature);
  // Zhang's own signature: for another user, over another challenge, to sign in.
  EXPECT_ERROR(w.bound.bind("U-li", w.binding(w.zhang, "U-zhang")), Code::invalid_signature);
  PossessionProof old = w.binding(w.zhang, "U-zhang");
  old.challenge = *w.bound.make_challenge();
  EXPECT_ERROR(w.bound.bind("U-zhang", old), Code::invalid_signature);
  EXPECT_ERROR(w.bound.bind("U-zhang", w.authentication(w.zhang)), Code::invalid_signature);
  PossessionProof none = w.proof_of(w.zhang);
  EXPECT_ERROR(w.bound.bind("U-zhang", none), Code::invalid_signature);
  EXPECT_TRUE(w.bound.list("U-li")->empty() && w.bound.list("U-zhang")->empty());
}

// shows-part: ECP-ID-7 (the page on which users do it; mutant: tests/mutants/ECP-ID-7.form)
TEST_F(BoundCertificateTest, ACertificateThatFailsACheckIsNotBound) {
  World w = world();
  const auto refused = [&](const CertificateWish& wish, Code code) {
    const Credential made = w.authority.make(wish);
    EXPECT_ERROR(w.bound.bind("U", w.binding(made, "U")), code) << wish.common_name;
  };
  CertificateWish expired = w.wish("Expired");
  expired.not_after = clock.now() - std::chrono::seconds(1);
  refused(expired, Code::expired);
  CertificateWish early = w.wish("Early");
  early.not_before = clock.now() + std::chrono::hours(1);
  refused(early, Code::expired);
  CertificateWish usage = w.wish("Usage");
  usage.usage = {pki::KeyUsageBit::key_encipherment};
  refused(usage, Code::untrusted);
  CertificateWish authority = w.wish("Authority");
  authority.ca = true;
  authority.usage = {pki::KeyUsageBit::key_cert_sign, pki::KeyUsageBit::digital_signature};
  refused(authority, Code::untrusted);
  CertificateWish form = w.wish("Form");
  form.key_identifiers = false;
  refused(form, Code::untrusted);
  CertificateWish critical = w.wish("Critical");
  critical.extensions = {{asn1::Oid::of("1.2.3.4.5"), true, {0x05, 0x00}}};
  refused(critical, Code::untrusted);
  CertificateWish silent = w.wish("Silent");  // its standing cannot be learnt
  silent.crl_and_ocsp_urls = false;
  refused(silent, Code::unavailable);
  PossessionProof broken = w.binding(w.zhang, "U");
  broken.certificate.resize(100);
  EXPECT_ERROR(w.bound.bind("U", broken), Code::malformed);
  PossessionProof changed = w.binding(w.zhang, "U");
  changed.certificate.back() ^= 1;
  EXPECT_FALSE(w.bound.bind("U", changed));
  EXPECT_TRUE(w.bound.list("U")->empty());
}

// shows-part: ECP-ID-7 (the page on which users do it)
TEST_F(BoundCertificateTest, AnAuthorityThatIsNotTrustedCertifiesNobodyHere) {
  World w = world();
  Authority foreign(2);
  CertificateWish wish = w.wish("Zhang");
  const Credential stranger = foreign.make(wish);
  PossessionProof proof = w.binding(stranger, "U");
  proof.intermediates = {base::to_bytes(foreign.issuing().certificate.der()),
                         base::to_bytes(foreign.root().certificate.der())};
  EXPECT_ERROR(w.bound.bind("U", proof), Code::untrusted);
  // Below a trusted root too every certificate's standing has to be known.
  const pki::TrustStore root = w.authority.trust();
  BoundCertificates below(*database, root, w.algorithms, *w.fetch, clock, random);
  EXPECT_ERROR(below.bind("U", w.binding(w.zhang, "U")), Code::unavailable);
  PossessionProof chainless = w.binding(w.zhang, "U");
  chainless.intermediates.clear();
  EXPECT_ERROR(below.bind("U", chainless), Code::untrusted);
}

TEST_F(BoundCertificateTest, ACertificateIsOneUsersAndAUserHasAFew) {
  World w = world();
  ASSERT_OK(w.bound.bind("U-zhang", w.binding(w.zhang, "U-zhang")));
  EXPECT_ERROR(w.bound.bind("U-li", w.binding(w.zhang, "U-li")), Code::conflict);
  EXPECT_ERROR(w.bound.release("U-li", w.zhang.certificate.der()), Code::not_found);
  for (std::size_t i = 1; i < kBoundCertificatesMax; ++i) {
    const Credential more = w.make("More " + std::to_string(i));
    ASSERT_OK(w.bound.bind("U-zhang", w.binding(more, "U-zhang")));
  }
  const Credential last = w.make("Last");
  EXPECT_ERROR(w.bound.bind("U-zhang", w.binding(last, "U-zhang")), Code::limit_exceeded);
}

// shows-part: ECP-ID-5 (the sign-in page of the desk; mutant: tests/mutants/ECP-ID-5.challenge)
TEST_F(BoundCertificateTest, AChallengeIsRandomAndGoodForOneTry) {
  World w = world();
  ASSERT_OK(w.bound.bind("U", w.binding(w.zhang, "U")));
  EXPECT_NE(*w.bound.make_challenge(), *w.bound.make_challenge());
  const PossessionProof once = w.authentication(w.zhang);
  ASSERT_OK(w.bound.authenticate(once));
  EXPECT_ERROR(w.bound.authenticate(once), Code::identity_replayed);
  PossessionProof own = w.authentication(w.zhang);  // a challenge of the asker's own choice
  own.challenge = base::Bytes(kProofChallengeSize, 7);
  own.signature = *w.zhang.signer->sign(authentication_statement(own.challenge, own.certificate));
  EXPECT_ERROR(w.bound.authenticate(own), Code::identity_replayed);
  const PossessionProof late = w.authentication(w.zhang);
  clock.advance(kProofChallengeTime);
  EXPECT_ERROR(w.bound.authenticate(late), Code::identity_replayed);
  PossessionProof wrong = w.authentication(w.zhang);  // a failed try uses it up too
  const base::Bytes right = wrong.signature;
  wrong.signature.back() ^= 1;
  EXPECT_FALSE(w.bound.authenticate(wrong));
  wrong.signature = right;
  EXPECT_ERROR(w.bound.authenticate(wrong), Code::identity_replayed);
  EXPECT_ERROR(w.bound.authenticate(w.binding(w.zhang, "U")), Code::invalid_signature);
}

// shows-part: ECP-ID-5 (the sign-in page of the desk; mutant: tests/mutants/ECP-ID-5.standing)
TEST_F(BoundCertificateTest, RevokedOrExpiredLaterNobodySignsInWithIt) {
  World w = world();
  ASSERT_OK(w.bound.bind("U", w.binding(w.zhang, "U")));
  ASSERT_OK(w.bound.authenticate(w.authentication(w.zhang)));
  w.authority.revoke(w.zhang.certificate, clock.now(), pki::RevocationReason::key_compromise);
  clock.advance(std::chrono::hours(1));
  EXPECT_ERROR(w.bound.authenticate(w.authentication(w.zhang)), Code::revoked);
  EXPECT_ERROR(w.bound.bind("U", w.binding(w.zhang, "U")), Code::revoked);
  const Credential li = w.make("Li");
  ASSERT_OK(w.bound.bind("U", w.binding(li, "U")));
  clock.advance(li.certificate.not_after() - clock.now() + std::chrono::seconds(1));
  EXPECT_ERROR(w.bound.authenticate(w.authentication(li)), Code::expired);
}

// Without OCSP the list decides; without both nobody comes in.
// shows-part: ECP-ID-5 (the sign-in page of the desk)
TEST_F(BoundCertificateTest, OcspOrListTellsAndSilenceIsNoAnswer) {
  World w = world();
  ASSERT_OK(w.bound.bind("U", w.binding(w.zhang, "U")));
  class Partly final : public base::Fetch {
   public:
    Partly(base::Fetch& inner, std::string without) : inner_(inner), without_(std::move(without)) {}
    base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override {
      if (request.url.ends_with(without_)) return base::fail(Code::unavailable, "silence");
      return inner_.fetch(request);
    }

   private:
    base::Fetch& inner_;
    std::string without_;
  };
  for (const char* without : {"ocsp", ".crl", ""}) {
    Partly fetch(*w.fetch, without);
    BoundCertificates bound(*database, w.trusted, w.algorithms, fetch, clock, random);
    const auto user = bound.authenticate(w.authentication(w.zhang));
    if (std::string_view(without).empty())
      EXPECT_ERROR(user, Code::unavailable);
    else
      EXPECT_OK(user) << without;
  }
}

}  // namespace
}  // namespace heqi::services::identity
