// A device from the first start to the last signature.
#include "tests/world.h"

namespace heqi::device {
namespace {

using base::Code;

// shows: MSSP-9.3-b3
// shows-part: MSSP-9.3-b1 (natively; WebAssembly comes later)
TEST(Msd, ItEnrolsAndSignsWhatItDisplayed) {
  World world;
  const auto enrolled = world.enrol();
  ASSERT_OK(enrolled);
  ASSERT_EQ(enrolled->kind, Step::Kind::finished);
  EXPECT_EQ(enrolled->outcome, "certificate_installed");
  EXPECT_EQ(world.msd->information().stage, Stage::enrolled);

  world.service.requests.push_back(world.request("%PDF-1.7 合同"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  ASSERT_EQ(shown->kind, Step::Kind::confirm);
  EXPECT_EQ(shown->display->title, "租赁合同");
  EXPECT_EQ(shown->display->application, "示例合同平台");
  EXPECT_EQ(shown->display->content_type, "application/pdf");
  EXPECT_EQ(shown->display->digest, crypto::sm3(base::bytes_of("%PDF-1.7 合同")));
  EXPECT_EQ(shown->display->code, verification_code("tx-1", shown->display->digest));

  const auto signed_step = world.confirm(*shown);
  ASSERT_OK(signed_step);
  EXPECT_EQ(signed_step->outcome, "signed");
  ASSERT_EQ(world.service.answers.size(), 1u);
  world.verify(world.service.answers[0], "%PDF-1.7 合同");
  EXPECT_EQ(world.key_centre.confirmed, 2u);
}

// shows: MSSP-8.2.1-a, MSSP-8.2.1-b
TEST(Msd, ARequestCarriesTheDataAndTheAnswerTheSignatureOrTheCancel) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("first", "tx-1"));
  auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  EXPECT_EQ(must(world.msd->displayed_data("tx-1")), base::to_bytes("first"));
  ASSERT_OK(world.confirm(*shown));
  world.verify(world.service.answers.at(0), "first");

  world.service.requests.push_back(world.request("second", "tx-2"));
  shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  const auto cancelled = world.follow(world.msd->cancel("tx-2"));
  ASSERT_OK(cancelled);
  EXPECT_EQ(cancelled->outcome, "cancelled");
  EXPECT_EQ(world.service.answers.at(1).outcome, SignOutcome::cancelled);
  EXPECT_TRUE(world.service.answers.at(1).signature.empty());
}

// shows-part: MSSP-6.1-g (the person's side of it)
// shows-part: MSSP-9.3-b1 (natively; WebAssembly comes later)
TEST(Msd, AWrongPinSignsNothingAndOnlyTheKeyCentreKnows) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  const auto again = world.confirm(*shown, kWrongPin);
  ASSERT_OK(again);
  ASSERT_EQ(again->kind, Step::Kind::confirm);
  EXPECT_EQ(again->display->tries_left, 2u);
  EXPECT_TRUE(world.service.answers.empty());
  const auto right = world.confirm(*again);
  ASSERT_OK(right);
  EXPECT_EQ(right->outcome, "signed");
}

// shows: MSSP-6.1-g2
TEST(Msd, OnePinReleasesOneTransaction) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("first", "tx-1"));
  world.service.requests.push_back(world.request("second", "tx-2"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  ASSERT_OK(world.confirm(*shown));
  EXPECT_EQ(world.service.answers.size(), 1u);
  EXPECT_ERROR(world.msd->confirm("tx-1", shown->display->digest, pin_of(kRightPin)),
               Code::not_found);
  EXPECT_ERROR(world.msd->confirm("tx-2", crypto::sm3(base::bytes_of("second")), pin_of(kRightPin)),
               Code::not_found);
  const auto next = world.follow(world.msd->poll());
  ASSERT_OK(next);
  EXPECT_EQ(next->kind, Step::Kind::confirm);
  EXPECT_EQ(world.service.answers.size(), 1u);
}

// shows: MSSP-6.1-e
TEST(Msd, ThereIsNoPinBeforeADisplay) {
  World world;
  ASSERT_OK(world.enrol());
  EXPECT_ERROR(world.msd->confirm("tx-1", crypto::sm3(base::bytes_of("text")), pin_of(kRightPin)),
               Code::not_found);
}

// shows-part: MSSP-6.1-e (what is confirmed is what was displayed)
TEST(Msd, AnotherDigestThanTheDisplayedOneIsNotConfirmed) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  ASSERT_OK(world.follow(world.msd->poll()));
  EXPECT_ERROR(world.msd->confirm("tx-1", crypto::sm3(base::bytes_of("other")), pin_of(kRightPin)),
               Code::device_display_differs);
}

// shows-part: MSSP-6.1-a (the service's side is in services)
TEST(Msd, DataThatTheApplicationDidNotStateIsRefusedWithoutADisplay) {
  World world;
  ASSERT_OK(world.enrol());
  SignRequest swapped = world.request("one text");
  swapped.data = base::to_bytes("another!");
  world.service.requests.push_back(swapped);
  const auto step = world.follow(world.msd->poll());
  ASSERT_OK(step);
  ASSERT_EQ(step->kind, Step::Kind::refused);
  EXPECT_EQ(step->refusal, Code::device_display_differs);
  ASSERT_EQ(world.service.answers.size(), 1u);
  EXPECT_EQ(world.service.answers[0].outcome, SignOutcome::refused);
  EXPECT_EQ(world.service.answers[0].reason, "device.display_differs");
}

TEST(Msd, AStatementOfAStrangerIsRefused) {
  World world;
  ASSERT_OK(world.enrol());
  testing::SeededRandom random(77);
  Authority stranger(random, "别的签发者");
  SignRequest request = world.request("text");
  request.certificate = base::to_bytes(
      stranger.issue(name_of("示例合同平台"), world.application_signer.public_key()).der());
  world.service.requests.push_back(request);
  auto step = world.follow(world.msd->poll());
  ASSERT_OK(step);
  EXPECT_EQ(step->refusal, Code::untrusted);

  // The right certificate over a statement that someone else signed.
  ApplicationStatement statement;
  statement.title = "text";
  statement.size = 4;
  statement.digest = crypto::sm3(base::bytes_of("text"));
  statement.expires = world.clock.now() + std::chrono::minutes(1);
  request = world.request("text", "tx-2");
  request.statement = must(make_statement(statement, stranger.signer));
  world.service.requests.push_back(request);
  step = world.follow(world.msd->poll());
  ASSERT_OK(step);
  EXPECT_EQ(step->refusal, Code::invalid_signature);
}

// shows-part: MSSP-9.3-a1 (the device knows an application from a person)
TEST(Msd, APersonsCertificateDoesNotPassForAnApplication) {
  World world;
  ASSERT_OK(world.enrol());
  SignRequest request = world.request("text");
  request.certificate = base::to_bytes(
      world.authority.issue(name_of("示例合同平台"), world.application_signer.public_key()).der());
  world.service.requests.push_back(request);
  const auto step = world.follow(world.msd->poll());
  ASSERT_OK(step);
  EXPECT_EQ(step->refusal, Code::untrusted);
}

// shows-part: MSSP-6.1-k (the device's side)
TEST(Msd, WhatIsConfirmedTooLateIsNotSigned) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  world.clock.advance(std::chrono::minutes(11));
  const auto late = world.confirm(*shown);
  ASSERT_OK(late);
  EXPECT_EQ(late->kind, Step::Kind::refused);
  EXPECT_EQ(late->refusal, Code::expired);
  EXPECT_EQ(world.service.answers.at(0).outcome, SignOutcome::expired);
  EXPECT_EQ(world.key_centre.confirmed, 1u);  // the certificate request only
}

// shows-part: MSSP-6.2.2-l (a certificate of another key or person)
TEST(Msd, ACertificateForAnotherPersonOrKeyIsNotInstalled) {
  for (bool wrong_key : {false, true}) {
    World world;
    world.service.wrong_key = wrong_key;
    world.service.wrong_person = !wrong_key;
    const auto step = world.enrol();
    ASSERT_OK(step);
    EXPECT_EQ(step->kind, Step::Kind::refused);
    EXPECT_EQ(step->refusal, Code::denied);
    EXPECT_EQ(world.msd->information().stage, Stage::keyed);
    EXPECT_TRUE(world.msd->information().certificate.empty());
    ASSERT_EQ(world.service.acknowledges.size(), 1u);
    EXPECT_EQ(world.service.acknowledges[0].reason, "denied");

    world.service.wrong_key = world.service.wrong_person = false;
    const auto again = world.follow(world.msd->poll());
    ASSERT_OK(again);
    ASSERT_EQ(again->kind, Step::Kind::confirm);
    const auto done = world.confirm(*again);
    ASSERT_OK(done);
    EXPECT_EQ(done->outcome, "certificate_installed");
  }
}

// shows-part: MSSP-9.3-c1 (the first acquaintance)
TEST(Msd, AWrongCodeRegistersNothing) {
  World world;
  ASSERT_OK(world.msd->initialise());
  std::string wrong = world.code;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_ERROR(world.follow(world.msd->enrol(wrong)), Code::unauthenticated);
  EXPECT_ERROR(world.msd->enrol("not a code"), Code::malformed);
  EXPECT_EQ(world.msd->information().stage, Stage::initialised);
}

// shows-part: MSSP-9.3-c1 (the first acquaintance)
TEST(Msd, AServiceThatDoesNotKnowTheCodeIsRefused) {
  World world;
  ASSERT_OK(world.msd->initialise());
  const auto step = world.msd->enrol(world.code);
  ASSERT_OK(step);
  const auto other = must(parse_enrolment_code(must(make_enrolment_code(world.random))));
  base::Bytes answer = must(world.registration(step->message));
  answer = encode_registered(
      must(parse_registered(answer, must(parse_enrolment_code(world.code)).key, step->message)),
      other.key, step->message);
  EXPECT_ERROR(world.msd->deliver(answer), Code::unauthenticated);
}

ServerKeys keys_of(const World& world) {
  return {world.service.signer.public_key().encode(), world.key_centre.signer.public_key().encode(),
          world.key_centre.opening_key.public_key().encode()};
}

// shows-part: MSSP-9.3-c1 (servers known beforehand)
TEST(Msd, ARegistrationWithTheKeysOfOtherServersIsRefused) {
  const ServerKeys others = keys_of(World(2));
  for (const auto key :
       {&ServerKeys::service, &ServerKeys::key_centre, &ServerKeys::key_centre_sealing}) {
    World world;
    ServerKeys keys = keys_of(world);
    keys.*key = others.*key;
    MsdOptions options{3, "测试设备"};
    options.server_keys = keys;
    world.msd =
        must(Msd::open({*world.store, *world.key_store, world.random, world.clock}, options));
    EXPECT_ERROR(world.enrol(), Code::untrusted);
    EXPECT_EQ(world.msd->information().stage, Stage::initialised);
    EXPECT_FALSE(world.key_centre.key.has_value());
  }
}

TEST(Msd, ItTakesTheServersThatItKnowsBeforehandAndTellsHowFarThePinIsStretched) {
  World world;
  std::vector<unsigned> told;
  MsdOptions options{200, "测试设备"};
  options.server_keys = keys_of(world);
  options.stretch_progress = [&](unsigned percent) { told.push_back(percent); };
  world.msd = must(Msd::open({*world.store, *world.key_store, world.random, world.clock}, options));
  const auto step = world.enrol();
  ASSERT_OK(step);
  EXPECT_EQ(step->outcome, "certificate_installed");
  ASSERT_EQ(told.size(), 200u);  // the PIN was chosen, and then entered
  EXPECT_TRUE(std::is_sorted(told.begin(), told.begin() + 100));
  EXPECT_EQ(told.at(99), 100u);
  EXPECT_EQ(told.back(), 100u);
}

// shows-part: MSSP-9.3-a3 (suspend and renewal come later)
TEST(Msd, EachCommandHasItsStage) {
  World world;
  EXPECT_ERROR(world.msd->enrol(world.code), Code::device_state);
  EXPECT_ERROR(world.msd->poll(), Code::device_state);
  EXPECT_ERROR(world.msd->choose_pin(pin_of(kRightPin)), Code::device_state);
  ASSERT_OK(world.msd->initialise());
  EXPECT_ERROR(world.msd->initialise(), Code::device_state);
  ASSERT_OK(world.enrol());
  EXPECT_ERROR(world.msd->enrol(world.code), Code::device_state);
  EXPECT_ERROR(world.msd->choose_pin(pin_of(kRightPin)), Code::device_state);
  EXPECT_ERROR(world.msd->deliver(base::to_bytes("x")), Code::device_state);
}

TEST(Msd, ARetiredDeviceNeverReturns) {
  World world;
  ASSERT_OK(world.enrol());
  ASSERT_OK(world.msd->retire());
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_EQ(world.msd->information().stage, Stage::retired);
    EXPECT_ERROR(world.msd->initialise(), Code::device_state);
    EXPECT_ERROR(world.msd->poll(), Code::device_state);
    world.restart();
  }
  EXPECT_TRUE(world.own_key_store.files.empty());
  EXPECT_FALSE(world.own_store.files.contains("msd.state"));
}

TEST(Msd, PinsThatAreNoPinsAreRefusedBeforeTheyCostATry) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  for (const char* pin :
       {"", "12345", "12345a", "１２３４５６", "123456789012345678901234567890123"})
    EXPECT_ERROR(world.msd->confirm("tx-1", shown->display->digest, pin_of(pin)), Code::malformed);
  EXPECT_EQ(world.key_centre.tries, 3u);
}

void expect_delayed(const Step& step, base::Time until) {
  EXPECT_EQ(step.kind, Step::Kind::refused);
  EXPECT_EQ(step.refusal, Code::cosign_pin_delayed);
  EXPECT_EQ(step.retry_at, until);
  EXPECT_EQ(step.tries_left, 2u);
}

TEST(Msd, TheWrongPinThatUsesUpTheTriesTellsUntilWhenToWait) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  const base::Time until = world.clock.now() + std::chrono::hours(3);
  world.key_centre.retry_at = until;
  const auto step = world.confirm(*shown, kWrongPin);
  ASSERT_OK(step);
  expect_delayed(*step, until);
  EXPECT_EQ(world.service.answers.at(0).outcome, SignOutcome::pin_blocked);
  EXPECT_EQ(world.msd->information().stage, Stage::enrolled);
}

TEST(Msd, TheTimeToWaitIsToldAfterACrashToo) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  const base::Time until = world.clock.now() + std::chrono::hours(3);
  world.key_centre.retry_at = until;
  world.key_centre.locked = Code::cosign_pin_delayed;
  world.key_centre.tries = 2;
  const auto asked = world.msd->confirm("tx-1", shown->display->digest, pin_of(kRightPin));
  ASSERT_OK(asked);
  const auto answer = world.carry(*asked);
  ASSERT_OK(answer);
  ASSERT_OK(world.msd->deliver(*answer));  // its message to the service is lost
  world.restart();
  const auto step = world.follow(world.msd->poll());
  ASSERT_OK(step);
  expect_delayed(*step, until);
  EXPECT_EQ(world.service.answers.at(0).outcome, SignOutcome::pin_blocked);
}

TEST(Msd, TheTimeToWaitIsToldForTheCertificateRequestToo) {
  World world;
  ASSERT_OK(world.msd->initialise());
  ASSERT_OK(world.follow(world.msd->enrol(world.code)));
  const auto shown = world.follow(world.msd->choose_pin(pin_of(kRightPin)));
  ASSERT_OK(shown);
  const base::Time until = world.clock.now() + std::chrono::hours(3);
  world.key_centre.retry_at = until;
  const auto step = world.confirm(*shown, kWrongPin);
  ASSERT_OK(step);
  expect_delayed(*step, until);
  world.key_centre.retry_at.reset();
  const auto again = world.follow(world.msd->poll());
  ASSERT_OK(again);
  ASSERT_EQ(again->kind, Step::Kind::confirm);
  const auto made = world.confirm(*again);
  ASSERT_OK(made);
  EXPECT_EQ(made->outcome, "certificate_installed");
}

TEST(Msd, ANewerServerSaysSoAndWhatIsDisplayedWaitsForANewerDevice) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  world.key_centre.newer = true;
  const auto step = world.confirm(*shown);
  ASSERT_OK(step);
  EXPECT_EQ(step->kind, Step::Kind::refused);
  EXPECT_EQ(step->refusal, Code::device_outdated);
  EXPECT_TRUE(world.service.answers.empty());
  EXPECT_EQ(world.key_centre.tries, 3u);
  world.restart();  // with the newer program
  world.key_centre.newer = false;
  const auto again = world.follow(world.msd->poll());
  ASSERT_OK(again);
  const auto signed_step = world.confirm(*again);
  ASSERT_OK(signed_step);
  EXPECT_EQ(signed_step->outcome, "signed");
}

TEST(Msd, ALockedPinStopsTheDevice) {
  World world;
  ASSERT_OK(world.enrol());
  world.service.requests.push_back(world.request("text"));
  const auto shown = world.follow(world.msd->poll());
  ASSERT_OK(shown);
  world.key_centre.locked = Code::cosign_pin_locked;
  const auto step = world.confirm(*shown);
  ASSERT_OK(step);
  EXPECT_EQ(step->refusal, Code::cosign_pin_locked);
  EXPECT_EQ(world.service.answers.at(0).outcome, SignOutcome::pin_blocked);
  EXPECT_EQ(world.msd->information().stage, Stage::stopped);
  world.restart();
  EXPECT_EQ(world.msd->information().stop_reason, "cosign.pin_locked");
}

}  // namespace
}  // namespace heqi::device
