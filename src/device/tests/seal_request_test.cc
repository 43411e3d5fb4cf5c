// An application asks for a seal: the device reads what is signed, shows it, and signs exactly that
// or nothing.
#include <heqi/base/text.h>
#include <heqi/device/sealed_octets.h>

#include "tests/sealed.h"
#include "tests/world.h"

namespace heqi::device {
namespace {

using base::Bytes;
using base::Code;

struct SealRequests : public ::testing::Test {
  void SetUp() override { ASSERT_OK(world.enrol()); }

  x509::Certificate certificate() {
    return must(x509::parse_certificate(world.msd->information().certificate));
  }
  // ours is a seal that this person may use now.
  Sealed ours() {
    Sealed sealed;
    sealed.time = world.clock.now();
    sealed.valid_from = sealed.time - std::chrono::hours(1);
    sealed.valid_until = sealed.time + std::chrono::hours(24);
    sealed.signers = {base::to_bytes(certificate().der())};
    return sealed;
  }
  ApplicationStatement statement(const Bytes& octets) {
    ApplicationStatement out;
    out.application_id = "erp";
    out.application_transaction = "ap-1";
    out.title = "采购合同";
    out.size = octets.size();
    out.digest = crypto::sm3(octets);
    out.form = SignatureForm::seal;
    out.expires = world.clock.now() + std::chrono::hours(24 * 7);
    return out;
  }
  Step deliver(const ApplicationStatement& stated, const Bytes& octets) {
    world.service.requests.push_back(
        world.sign_request(stated, base::text_of(octets), "tx-" + std::to_string(++asked)));
    return must(world.follow(world.msd->poll()));
  }
  Step ask(const Bytes& octets) { return deliver(statement(octets), octets); }
  Step ask(const Sealed& sealed) { return ask(to_be_sealed(sealed)); }

  void expect_refused(const Step& step, Code code) {
    ASSERT_EQ(step.kind, Step::Kind::refused);
    EXPECT_EQ(step.refusal, code);
    ASSERT_EQ(world.service.answers.size(), static_cast<std::size_t>(asked));
    const SignAnswer& told = world.service.answers.back();
    EXPECT_EQ(told.outcome, SignOutcome::refused);
    EXPECT_EQ(told.reason, base::error_text(code).id);
    EXPECT_TRUE(told.signature.empty() && told.signed_attributes.empty());
    EXPECT_EQ(world.key_centre.confirmed, 1u);  // the certificate request only
  }
  void expect_signed(const Bytes& octets) {
    const SignAnswer& told = world.service.answers.back();
    ASSERT_EQ(told.outcome, SignOutcome::signed_);
    EXPECT_TRUE(told.signed_attributes.empty());
    EXPECT_OK(crypto::verify(must(certificate().public_key().sm2_key()), octets,
                             must(x509::parse_signature(told.signature))));
  }
  World world;
  int asked = 0;
};

// shows-part: ZSA37-C-f (the platform's side)
TEST_F(SealRequests, WhatTheSealIsPutOnIsDisplayedAndExactlyThatIsSigned) {
  const Bytes octets = to_be_sealed(ours());
  const Step shown = ask(octets);
  ASSERT_EQ(shown.kind, Step::Kind::confirm);
  EXPECT_EQ(shown.display->kind, Display::Kind::seal);
  EXPECT_EQ(shown.display->title, "SM3 " + base::to_hex(Bytes(32, 7)) + "; " +
                                      base::to_rfc3339(world.clock.now()) +
                                      "; 合契科技有限公司 (11010800000001); 采购合同");
  EXPECT_EQ(shown.display->digest, crypto::sm3(octets));
  EXPECT_EQ(shown.display->application, "示例合同平台");
  EXPECT_EQ(must(world.msd->displayed_data("tx-1")), octets);
  const Step again = must(world.confirm(shown, kWrongPin));
  ASSERT_EQ(again.kind, Step::Kind::confirm);
  EXPECT_TRUE(world.service.answers.empty());
  EXPECT_EQ(must(world.confirm(again)).outcome, "signed");
  expect_signed(octets);
  EXPECT_ERROR(world.msd->confirm("tx-1", shown.display->digest, pin_of(kRightPin)),
               Code::not_found);  // one PIN, one seal
}

TEST_F(SealRequests, ASealThatListsDigestsIsUsedByThoseWhoseDigestItLists) {
  Sealed sealed = ours();
  const crypto::Digest mine = certificate().fingerprint();
  sealed.list_type = 2;
  sealed.signers = {Bytes(32, 9), Bytes(mine.begin(), mine.end())};
  for (const std::string name : {"SM3", "1.2.156.10197.1.401"}) {
    sealed.algorithm = name;
    const Step shown = ask(sealed);
    ASSERT_EQ(shown.kind, Step::Kind::confirm) << name;
    ASSERT_OK(world.confirm(shown));
    expect_signed(to_be_sealed(sealed));
  }
}

// shows-part: ZSA37-C-f (the platform's side)
TEST_F(SealRequests, NothingElseIsSignedAsASeal) {
  const Bytes whole = to_be_sealed(ours());
  Bytes twice = whole, longer = whole, cut = whole;
  base::append(twice, whole);
  longer.push_back(0);
  cut.pop_back();
  x509::SignedAttributes attributes;
  attributes.content_type = x509::oids::cms_data();
  attributes.message_digest.assign(32, 1);
  attributes.signing_certificate = x509::make_reference(certificate());
  x509::CsrBody wish;
  wish.subject = certificate().subject();
  wish.public_key = certificate().public_key();
  std::vector<Bytes> others = {base::to_bytes("%PDF-1.7 a contract"),
                               must(x509::encode_signed_attributes(attributes)),
                               x509::encode_csr_body(wish),
                               base::to_bytes(certificate().der()),
                               twice,
                               longer,
                               cut};
  const auto add = [&](auto change) {
    Sealed sealed = ours();
    change(sealed);
    others.push_back(to_be_sealed(sealed));
  };
  add([](Sealed& s) { s.version = 1; });
  add([](Sealed& s) { s.version = 5; });
  add([](Sealed& s) { s.header_version = 5; });
  add([](Sealed& s) { s.mark = "EX"; });
  add([](Sealed& s) { s.name = "two\nlines"; });
  add([](Sealed& s) { s.name = std::string(kSealTextMax + 1, 'n'); });
  add([](Sealed& s) { s.id = "1\x1b[2J"; });
  add([](Sealed& s) { s.id = std::string(kSealTextMax + 1, '1'); });
  add([](Sealed& s) { s.hash_size = 31; });
  add([](Sealed& s) { s.hash_size = 0; });
  add([](Sealed& s) { s.has_time = false; });
  add([](Sealed& s) { s.has_more = true; });
  add([](Sealed& s) { s.list_type = 3; });
  add([](Sealed& s) { s.signers.resize(kSealSignersMax + 1, s.signers[0]); });
  add([](Sealed& s) { s.picture_size = kSealedOctetsMax; });
  for (const Bytes& other : others) {
    SCOPED_TRACE(asked);
    expect_refused(ask(other), Code::unsupported);
  }
}

// shows-part: ZSA37-C-f (the platform's side)
// mutants: tests/mutants/ZSA37-C-f.listed, .period, .present
TEST_F(SealRequests, ASealThatIsAnothersOrNotInForceOrPutOnAtAnotherTimeIsRefused) {
  const auto refused = [&](const char* what, auto change) {
    SCOPED_TRACE(what);
    Sealed sealed = ours();
    change(sealed);
    expect_refused(ask(sealed), Code::seal_unusable);
  };
  const x509::Certificate other =
      world.authority.issue(name_of("李四"), world.application_signer.public_key());
  const base::Time now = world.clock.now();
  const base::Duration hour = std::chrono::hours(1);
  refused("another person's", [&](Sealed& s) { s.signers = {base::to_bytes(other.der())}; });
  refused("nobody's", [](Sealed& s) { s.signers.clear(); });
  refused("a digest of another algorithm", [&](Sealed& s) {
    const crypto::Digest mine = certificate().fingerprint();
    s.list_type = 2, s.algorithm = "SHA-256", s.signers = {Bytes(mine.begin(), mine.end())};
  });
  refused("expired", [&](Sealed& s) {
    s.time = now - 2 * hour, s.valid_from = now - 3 * hour, s.valid_until = now - hour;
  });
  refused("expired between sealing and now", [&](Sealed& s) {
    s.time = now - 2 * hour, s.valid_from = now - 3 * hour, s.valid_until = now - hour / 2;
  });
  refused("not yet in force", [&](Sealed& s) { s.valid_from = now + hour / 60; });
  refused("put on after its end",
          [&](Sealed& s) { s.valid_until = now, s.time = now + hour / 60; });
  refused("backdated",
          [&](Sealed& s) { s.time = now - kSealTimeBehindMax - hour / 60, s.valid_from = s.time; });
  refused("to come", [&](Sealed& s) { s.time = now + kSealTimeAheadMax + hour / 60; });
}

TEST_F(SealRequests, TheTimeMayBeAsFarAwayAsARequestWaits) {
  for (const base::Duration away : {kSealTimeAheadMax, -kSealTimeBehindMax}) {
    Sealed sealed = ours();
    sealed.time += away;
    sealed.valid_from = std::min(sealed.valid_from, sealed.time);
    const Step shown = ask(sealed);
    ASSERT_EQ(shown.kind, Step::Kind::confirm);
    ASSERT_OK(world.follow(world.msd->cancel(shown.display->transaction_id)));
  }
}

// shows-part: ZSA37-C-f (the platform's side)
TEST_F(SealRequests, TheFormIsTheApplicationsWordAndTheServiceCannotChangeIt) {
  const Bytes octets = to_be_sealed(ours());
  ApplicationStatement stated = statement(octets);
  stated.form = static_cast<SignatureForm>(3);
  expect_refused(deliver(stated, octets), Code::unsupported);
  stated.form = static_cast<SignatureForm>(0);
  expect_refused(deliver(stated, octets), Code::unsupported);
  Sealed other = ours();
  other.id = "2";
  expect_refused(deliver(statement(octets), to_be_sealed(other)), Code::device_display_differs);
  // Asked for as a document it is one: attributes over its digest, which no seal's verifier takes.
  stated.form = SignatureForm::cms_attributes;
  const Step shown = deliver(stated, octets);
  ASSERT_EQ(shown.kind, Step::Kind::confirm);
  EXPECT_EQ(shown.display->kind, Display::Kind::document);
  ASSERT_OK(world.confirm(shown));
  world.verify(world.service.answers.back(), base::text_of(octets));
}

TEST_F(SealRequests, AnotherDigestThanTheDisplayedOneIsNotConfirmedAndACancelIsTold) {
  const Step shown = ask(ours());
  ASSERT_EQ(shown.kind, Step::Kind::confirm);
  EXPECT_ERROR(world.msd->confirm("tx-1", crypto::Digest{}, pin_of(kRightPin)),
               Code::device_display_differs);
  EXPECT_EQ(must(world.follow(world.msd->cancel("tx-1"))).outcome, "cancelled");
  EXPECT_EQ(world.service.answers.at(0).outcome, SignOutcome::cancelled);
  EXPECT_EQ(world.key_centre.confirmed, 1u);
}

TEST_F(SealRequests, AfterARestartItIsDisplayedAgainAndSealedOnce) {
  const Bytes octets = to_be_sealed(ours());
  ASSERT_EQ(ask(octets).kind, Step::Kind::confirm);
  world.restart();
  const Step shown = must(world.follow(world.msd->poll()));
  ASSERT_EQ(shown.kind, Step::Kind::confirm);
  EXPECT_EQ(shown.display->kind, Display::Kind::seal);
  ASSERT_OK(world.confirm(shown));
  expect_signed(octets);
  EXPECT_EQ(world.service.answers.size(), 1u);
}

TEST_F(SealRequests, WhatIsConfirmedTooLateIsNotSealed) {
  const Step shown = ask(ours());
  ASSERT_EQ(shown.kind, Step::Kind::confirm);
  EXPECT_EQ(shown.display->expires, ours().valid_until);  // before that of the request
  world.clock.advance(std::chrono::hours(24) + std::chrono::minutes(1));
  EXPECT_EQ(must(world.confirm(shown)).refusal, Code::expired);
  EXPECT_EQ(world.service.answers.at(0).outcome, SignOutcome::expired);
  EXPECT_EQ(world.key_centre.confirmed, 1u);
}

}  // namespace
}  // namespace heqi::device
