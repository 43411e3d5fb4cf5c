// Several documents with one PIN: what is shown is what is signed, all of it or nothing.
#include "tests/sealed.h"
#include "tests/world.h"

namespace heqi::device {
namespace {

using base::Code;

// make_native lets the next start be that of a native device.
void make_native(World& world) {
  world.certificate_care = &certificate_care();
  world.lists = &list_signing();
}

struct Lists : ::testing::Test {
  World world;

  Lists() {
    make_native(world);
    world.restart();
    EXPECT_OK(world.enrol());
  }
  static std::string id(std::size_t number) { return "tx-" + std::to_string(number); }
  static std::string text(std::size_t number) { return "contract " + std::to_string(number); }
  void wait(std::size_t count, std::size_t first = 1) {
    for (std::size_t i = first; i < first + count; ++i)
      world.service.requests.push_back(world.request(text(i), id(i)));
  }
  base::Result<Step> collect() { return world.follow(world.msd->collect()); }
  Step shown() {
    const Step step = must(collect());
    EXPECT_EQ(step.kind, Step::Kind::confirm);
    EXPECT_EQ(step.display->kind, Display::Kind::list);
    return step;
  }
  std::vector<Display> displays() {
    return must(parse_displays(must(world.msd->displayed_data(kListId))));
  }
  std::vector<std::string> displayed_ids() {
    std::vector<std::string> ids;
    for (const Display& one : displays()) ids.push_back(one.transaction_id);
    return ids;
  }
  const SignAnswer* answer(const std::string& of) {
    for (const SignAnswer& one : world.service.answers)
      if (one.transaction_id == of) return &one;
    return nullptr;
  }
  bool is_signed(std::size_t number) {
    const SignAnswer* found = answer(id(number));
    if (found == nullptr || found->outcome != SignOutcome::signed_) return false;
    world.verify(*found, text(number));
    return true;
  }
  // begun is the message to the key centre after the right PIN, not yet carried.
  Step begun(const Step& list) {
    return must(world.msd->confirm(kListId, list.display->digest, pin_of(kRightPin)));
  }
};

// shows: MSSP-6.1-g2
TEST_F(Lists, EachDocumentIsShownAndOnePinSignsThemAll) {
  wait(3);
  const Step list = shown();
  EXPECT_EQ(list.display->title, "3");
  EXPECT_EQ(list.display->digest, crypto::sm3(must(world.msd->displayed_data(kListId))));
  const std::vector<Display> all = displays();
  ASSERT_EQ(all.size(), 3u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string data = text(i + 1);
    EXPECT_EQ(all[i].transaction_id, id(i + 1));
    EXPECT_EQ(all[i].title, "租赁合同");
    EXPECT_EQ(all[i].application, "示例合同平台");
    EXPECT_EQ(all[i].digest, crypto::sm3(base::bytes_of(data)));
    EXPECT_EQ(all[i].code, verification_code(id(i + 1), all[i].digest));
    EXPECT_EQ(base::text_of(must(world.msd->listed_data(id(i + 1)))), data);
  }
  const unsigned before = world.key_centre.confirmed;
  const Step done = must(world.confirm(list));
  EXPECT_EQ(done.outcome, "signed");
  for (const SignResult& one : must(parse_sign_results(done.message)))
    EXPECT_FALSE(one.failure.has_value()) << one.transaction_id;
  EXPECT_EQ(world.service.answers.size(), 3u);
  for (const std::size_t i : {1u, 2u, 3u}) EXPECT_TRUE(is_signed(i));
  EXPECT_EQ(world.key_centre.confirmed, before + 1) << "one exchange";
}

TEST_F(Lists, NothingWaitsAndOneDocumentAreAsWithAPoll) {
  EXPECT_EQ(must(collect()).kind, Step::Kind::idle);
  wait(1);
  const Step one = must(collect());
  ASSERT_EQ(one.kind, Step::Kind::confirm);
  EXPECT_EQ(one.display->kind, Display::Kind::document);
  EXPECT_EQ(must(world.confirm(one)).outcome, "signed");
  EXPECT_TRUE(is_signed(1));
}

TEST_F(Lists, AWrongPinCostsOneTryAndSignsNothing) {
  wait(3);
  const Step again = must(world.confirm(shown(), kWrongPin));
  ASSERT_EQ(again.kind, Step::Kind::confirm);
  EXPECT_EQ(again.display->tries_left, 2u);
  EXPECT_TRUE(world.service.answers.empty());
  EXPECT_EQ(must(world.confirm(again)).outcome, "signed");
  EXPECT_EQ(world.service.answers.size(), 3u);
}

// shows: MSSP-6.1-g2
TEST_F(Lists, ThePinReleasesNothingThatCameAfterTheLook) {
  wait(2);
  const Step list = shown();
  wait(1, 3);  // of the same application, before the PIN
  const Step ready = begun(list);
  wait(1, 4);  // and after it
  EXPECT_EQ(must(world.follow(ready)).outcome, "signed");
  EXPECT_EQ(world.service.answers.size(), 2u);
  EXPECT_FALSE(is_signed(3) || is_signed(4));
  EXPECT_EQ(shown().kind, Step::Kind::confirm);
  EXPECT_EQ(displayed_ids(), (std::vector<std::string>{id(3), id(4)}));
}

// shows: MSSP-6.1-g2
TEST_F(Lists, AnotherListThanTheOneShownIsNotConfirmed) {
  wait(3);
  const Step list = shown();
  std::vector<Display> swapped = displays();
  std::swap(swapped[0], swapped[1]);
  std::vector<Display> shorter = displays();
  shorter.pop_back();
  std::vector<Display> renamed = displays();
  renamed[1].title = "another title";
  const auto carried = world.carried.size();
  for (const std::vector<Display>& other : {swapped, shorter, renamed})
    EXPECT_ERROR(
        world.msd->confirm(kListId, crypto::sm3(encode_displays(other)), pin_of(kRightPin)),
        Code::device_display_differs);
  EXPECT_ERROR(world.msd->confirm(kListId, displays()[0].digest, pin_of(kRightPin)),
               Code::device_display_differs);
  EXPECT_ERROR(world.msd->confirm(id(1), displays()[0].digest, pin_of(kRightPin)), Code::not_found);
  EXPECT_EQ(world.carried.size(), carried);
  EXPECT_EQ(must(world.confirm(list)).outcome, "signed");
}

// shows: MSSP-6.1-g2
TEST_F(Lists, ADocumentThatIsLeftOutGoesOnWaiting) {
  wait(3);
  const Step first = shown();
  EXPECT_ERROR(world.msd->leave_out("tx-9"), Code::not_found);
  const Step rest = must(world.msd->leave_out(id(2)));
  ASSERT_EQ(rest.kind, Step::Kind::confirm);
  EXPECT_NE(rest.display->digest, first.display->digest);
  EXPECT_EQ(displayed_ids(), (std::vector<std::string>{id(1), id(3)}));
  EXPECT_ERROR(world.msd->listed_data(id(2)), Code::not_found);
  EXPECT_ERROR(world.msd->confirm(kListId, first.display->digest, pin_of(kRightPin)),
               Code::device_display_differs);
  EXPECT_EQ(must(world.confirm(rest)).outcome, "signed");
  EXPECT_TRUE(is_signed(1) && is_signed(3));
  EXPECT_EQ(answer(id(2)), nullptr);
  EXPECT_EQ(must(collect()).display->transaction_id, id(2));
}

TEST_F(Lists, WhenAllAreLeftOutNothingIsDisplayed) {
  wait(2);
  EXPECT_EQ(shown().kind, Step::Kind::confirm);
  const Step one = must(world.msd->leave_out(id(1)));
  EXPECT_EQ(one.display->kind, Display::Kind::document);  // a single one, as a poll displays it
  EXPECT_ERROR(world.msd->leave_out(id(2)), Code::not_found);
  EXPECT_EQ(must(world.follow(world.msd->cancel(id(2)))).outcome, "cancelled");
  EXPECT_EQ(answer(id(1)), nullptr);
}

TEST_F(Lists, AfterADocumentWasLeftOutTheKeyCentresAnswerIsOfNoUse) {
  wait(3);
  const Step ready = begun(shown());
  const base::Bytes late = must(world.carry(ready));
  const Step rest = must(world.msd->leave_out(id(1)));
  EXPECT_ERROR(world.msd->deliver(late), Code::device_state);
  EXPECT_TRUE(world.service.answers.empty());
  EXPECT_EQ(must(world.confirm(rest)).outcome, "signed");
  EXPECT_EQ(world.service.answers.size(), 2u);
}

// shows: MSSP-6.1-g2
TEST_F(Lists, TheSameDocumentTwiceIsShownAndSignedOnce) {
  wait(2);
  world.service.requests.push_back(world.request("another text", id(1)));
  const Step list = shown();
  EXPECT_EQ(displayed_ids(), (std::vector<std::string>{id(1), id(2)}));
  EXPECT_EQ(must(world.confirm(list)).outcome, "signed");
  EXPECT_EQ(world.service.answers.size(), 2u);
  EXPECT_TRUE(is_signed(1));
}

// shows: MSSP-6.1-g2
TEST_F(Lists, AListEndsAtItsLimitAndTheRestComesWithTheNext) {
  wait(kListItemsMax + 1);
  const Step list = shown();
  EXPECT_EQ(displays().size(), kListItemsMax);
  EXPECT_EQ(must(world.confirm(list)).outcome, "signed");
  EXPECT_EQ(world.service.answers.size(), kListItemsMax);
  EXPECT_EQ(must(collect()).display->transaction_id, id(kListItemsMax + 1));
}

// shows: MSSP-6.1-g2
TEST_F(Lists, AListEndsAtItsOctetsAndTheRestComesWithTheNext) {
  const std::string third(kListDataMax / 3 + 1, 'a');
  for (std::size_t i = 1; i <= 3; ++i)
    world.service.requests.push_back(world.request(third, id(i)));
  const Step list = shown();
  EXPECT_EQ(displayed_ids(), (std::vector<std::string>{id(1), id(2)}));
  EXPECT_EQ(must(world.confirm(list)).outcome, "signed");
  EXPECT_EQ(world.service.answers.size(), 2u);
  EXPECT_EQ(must(collect()).display->transaction_id, id(3));
}

TEST_F(Lists, WhatTheDeviceWouldNotSignAloneFallsOutOfAList) {
  wait(2);
  Authority stranger(world.random, "another authority");
  SignRequest foreign = world.request("text", "tx-foreign");
  foreign.certificate = base::to_bytes(
      stranger.issue(name_of("示例合同平台"), world.application_signer.public_key()).der());
  world.service.requests.push_front(foreign);
  SignRequest swapped = world.request("what was stated", "tx-swapped");
  swapped.data = base::to_bytes("what came");
  world.service.requests.push_back(swapped);
  const Step list = shown();
  EXPECT_EQ(displayed_ids(), (std::vector<std::string>{id(1), id(2)}));
  const Step done = must(world.confirm(list));
  EXPECT_EQ(done.outcome, kSignedInPart);
  EXPECT_TRUE(is_signed(1) && is_signed(2));
  EXPECT_EQ(answer("tx-foreign")->outcome, SignOutcome::refused);
  EXPECT_EQ(answer("tx-swapped")->reason, "device.display_differs");
  std::map<std::string, std::optional<Code>> results;
  for (const SignResult& one : must(parse_sign_results(done.message)))
    results[one.transaction_id] = one.failure;
  EXPECT_EQ(results.at(id(1)), std::nullopt);
  EXPECT_EQ(results.at("tx-swapped"), Code::device_display_differs);
}

TEST_F(Lists, WhereNothingCanBeSignedTheServiceIsToldWithoutThePerson) {
  for (const char* name : {"tx-1", "tx-2"}) {
    SignRequest swapped = world.request("what was stated", name);
    swapped.data = base::to_bytes("what came");
    world.service.requests.push_back(swapped);
  }
  const Step refused = must(collect());
  EXPECT_EQ(refused.kind, Step::Kind::refused);
  EXPECT_EQ(refused.refusal, Code::device_display_differs);
  EXPECT_EQ(world.service.answers.size(), 2u);
  EXPECT_EQ(must(collect()).kind, Step::Kind::idle);
}

TEST_F(Lists, ASealStandsInAListWithWhatItIsPutOn) {
  const auto certificate = must(x509::parse_certificate(world.msd->information().certificate));
  Sealed sealed;
  sealed.time = world.clock.now();
  sealed.valid_from = sealed.time - std::chrono::hours(1);
  sealed.valid_until = sealed.time + std::chrono::hours(24);
  sealed.signers = {base::to_bytes(certificate.der())};
  const base::Bytes octets = to_be_sealed(sealed);
  ApplicationStatement stated;
  stated.title = "采购合同";
  stated.size = octets.size();
  stated.digest = crypto::sm3(octets);
  stated.form = SignatureForm::seal;
  stated.expires = world.clock.now() + std::chrono::minutes(10);
  wait(1);
  world.service.requests.push_back(world.sign_request(stated, base::text_of(octets), "tx-seal"));
  const Step list = shown();
  EXPECT_EQ(displays()[1].kind, Display::Kind::seal);
  EXPECT_NE(displays()[1].title.find("SM3 "), std::string::npos);
  EXPECT_EQ(must(world.confirm(list)).outcome, "signed");
  EXPECT_TRUE(is_signed(1));
  const SignAnswer* made = answer("tx-seal");
  ASSERT_NE(made, nullptr);
  EXPECT_TRUE(made->signed_attributes.empty());
  EXPECT_OK(crypto::verify(must(certificate.public_key().sm2_key()), octets,
                           must(x509::parse_signature(made->signature))));
}

// shows: MSSP-6.1-k
TEST_F(Lists, WhatExpiresBeforeThePinFallsOutAndTheRestIsShownAgain) {
  wait(1);
  world.clock.advance(std::chrono::minutes(5));
  wait(2, 2);
  const Step list = shown();
  world.clock.advance(std::chrono::minutes(6));
  const auto carried = world.carried.size();
  const Step rest = must(world.confirm(list, kWrongPin));
  ASSERT_EQ(rest.kind, Step::Kind::confirm);
  EXPECT_FALSE(rest.display->tries_left.has_value());
  EXPECT_EQ(world.carried.size(), carried) << "the PIN was used";
  EXPECT_EQ(displayed_ids(), (std::vector<std::string>{id(2), id(3)}));
  EXPECT_ERROR(world.msd->confirm(kListId, list.display->digest, pin_of(kRightPin)),
               Code::device_display_differs);
  EXPECT_EQ(must(world.confirm(rest)).outcome, kSignedInPart);
  EXPECT_EQ(answer(id(1))->outcome, SignOutcome::expired);
  EXPECT_TRUE(is_signed(2) && is_signed(3));
}

TEST_F(Lists, AListOfWhichAllHasExpiredIsRefused) {
  wait(2);
  const Step list = shown();
  world.clock.advance(std::chrono::minutes(11));
  const Step refused = must(world.confirm(list));
  EXPECT_EQ(refused.refusal, Code::expired);
  EXPECT_EQ(answer(id(1))->outcome, SignOutcome::expired);
  EXPECT_EQ(answer(id(2))->outcome, SignOutcome::expired);
}

TEST_F(Lists, WhatTheApplicationCancelledMeanwhileIsNamed) {
  wait(3);
  const Step list = shown();
  world.service.refusals = {{id(2), Code::cancelled}};
  const Step done = must(world.confirm(list));
  EXPECT_EQ(done.outcome, kSignedInPart);
  const auto results = must(parse_sign_results(done.message));
  EXPECT_EQ(results.at(1).failure, Code::cancelled);
  EXPECT_FALSE(results.at(0).failure || results.at(2).failure);
}

TEST_F(Lists, WhereTheServiceTakesNoneNothingWasSigned) {
  wait(2);
  const Step list = shown();
  world.service.refusals = {{id(1), Code::cancelled}, {id(2), Code::cancelled}};
  const Step done = must(world.confirm(list));
  EXPECT_EQ(done.kind, Step::Kind::refused);
  EXPECT_EQ(done.refusal, Code::cancelled);
}

TEST_F(Lists, ResultsOfAnotherListAreNotTakenAndTheAnswersStay) {
  wait(2);
  const Step list = shown();
  for (const auto& change : std::vector<std::function<void(std::vector<SignResult>&)>>{
           [](auto& results) { results.pop_back(); },
           [](auto& results) { std::swap(results[0], results[1]); },
           [](auto& results) { results[1].transaction_id = "tx-9"; }}) {
    world.service.change_results = change;
    EXPECT_ERROR(
        world.msd->information().waiting_transaction.empty() ? collect() : world.confirm(list),
        Code::malformed);
  }
  world.service.change_results = nullptr;
  world.restart();
  EXPECT_EQ(must(collect()).outcome, "signed");
  EXPECT_TRUE(is_signed(1) && is_signed(2));
}

TEST_F(Lists, CancellingAListCancelsEachDocument) {
  wait(3);
  EXPECT_EQ(must(world.follow(world.msd->cancel(shown().display->transaction_id))).outcome,
            "cancelled");
  for (const std::size_t i : {1u, 2u, 3u})
    EXPECT_EQ(answer(id(i))->outcome, SignOutcome::cancelled);
  EXPECT_EQ(must(collect()).kind, Step::Kind::idle);
}

// wrong_half is what a key centre answers whose second half was tampered with.
base::Bytes wrong_half(World& world, base::ByteView body,
                       const std::function<void(cosign::Answer&)>& change) {
  const auto d2 =
      must(cosign::derive_server_share(world.key_centre.master, 1, world.key_centre.name));
  cosign::Server server(*world.key_centre.key, d2.clone(), world.random);
  cosign::Answer answer = must(server.answer(must(cosign::parse_opening(body)))).answer;
  change(answer);
  return cosign::encode_answer(answer);
}

// shows: COS-sig-8
TEST_F(Lists, OneWrongHalfReleasesNothingAndEndsTheKey) {
  const std::vector<std::function<void(cosign::Answer&)>> lies = {
      [](cosign::Answer& answer) { answer.items[1].s1 = answer.items[0].s1; },
      [](cosign::Answer& answer) { answer.items[2].s2 = answer.items[2].s2 + answer.items[0].s2; },
      [](cosign::Answer& answer) { answer.items[1].r = answer.items[0].r; },
      [](cosign::Answer& answer) { std::swap(answer.items[0], answer.items[1]); }};
  for (std::size_t i = 0; i < lies.size(); ++i) {
    SCOPED_TRACE(i);
    World other(i + 2);
    make_native(other);
    other.restart();
    ASSERT_OK(other.enrol());
    for (const std::size_t n : {1u, 2u, 3u})
      other.service.requests.push_back(other.request(text(n), id(n)));
    other.key_centre.lie = [&](base::ByteView body) { return wrong_half(other, body, lies[i]); };
    const Step refused = must(other.confirm(must(other.follow(other.msd->collect()))));
    EXPECT_EQ(refused.refusal, Code::cosign_peer_cheated);
    ASSERT_EQ(other.service.answers.size(), 3u);
    for (const SignAnswer& one : other.service.answers) {
      EXPECT_EQ(one.outcome, SignOutcome::refused);
      EXPECT_TRUE(one.signature.empty());
    }
    EXPECT_EQ(other.msd->information().stage, Stage::stopped);
  }
}

TEST_F(Lists, AnAnswerToFewerItemsIsNoAnswer) {
  wait(3);
  const Step list = shown();
  world.key_centre.lie = [&](base::ByteView body) {
    return wrong_half(world, body, [](cosign::Answer& answer) { answer.items.pop_back(); });
  };
  EXPECT_ERROR(world.confirm(list), Code::cosign_replayed);
  EXPECT_TRUE(world.service.answers.empty());
  world.key_centre.lie = nullptr;
  EXPECT_EQ(must(world.confirm(list)).outcome, "signed");
}

// The key centre's own old answer, in a new envelope: the counter and the nonces are others.
TEST_F(Lists, AnAnswerToAnEarlierListIsNoAnswer) {
  wait(2);
  base::Bytes old;
  world.key_centre.lie = [&](base::ByteView body) {
    old = wrong_half(world, body, [](cosign::Answer&) {});
    return old;
  };
  const Step list = shown();
  const Step first = begun(list);
  ASSERT_OK(world.carry(first));  // and never delivered
  world.key_centre.lie = [&](base::ByteView) { return old; };
  EXPECT_ERROR(world.confirm(list), Code::cosign_replayed);
  EXPECT_TRUE(world.service.answers.empty());
}

TEST_F(Lists, ALockedPinIsToldForEachDocument) {
  wait(2);
  const Step list = shown();
  world.key_centre.locked = Code::cosign_pin_locked;
  const Step refused = must(world.confirm(list, kWrongPin));
  EXPECT_EQ(refused.refusal, Code::cosign_pin_locked);
  for (const std::size_t i : {1u, 2u}) EXPECT_EQ(answer(id(i))->outcome, SignOutcome::pin_blocked);
  EXPECT_EQ(world.msd->information().stage, Stage::stopped);
}

TEST_F(Lists, ADelayOfThePinIsToldWithItsTime) {
  wait(2);
  const Step list = shown();
  world.key_centre.locked = Code::cosign_pin_delayed;
  world.key_centre.retry_at = world.clock.now() + std::chrono::minutes(1);
  const Step refused = must(world.confirm(list));
  EXPECT_EQ(refused.refusal, Code::cosign_pin_delayed);
  EXPECT_EQ(refused.retry_at, world.key_centre.retry_at);
  EXPECT_EQ(answer(id(2))->outcome, SignOutcome::pin_blocked);
}

TEST_F(Lists, SignaturesThatWereNotHandedOverGoFirstAndAreNotMadeAgain) {
  wait(2);
  Step step = begun(shown());
  for (;;) {  // up to the message to the service
    if (step.destination == Destination::service) break;
    step = must(world.msd->deliver(must(world.carry(step))));
  }
  const auto made = world.key_centre.confirmed;
  world.restart();
  EXPECT_TRUE(world.service.answers.empty());
  EXPECT_EQ(must(world.follow(world.msd->poll())).outcome, "signed");
  EXPECT_EQ(world.key_centre.confirmed, made);
  EXPECT_TRUE(is_signed(1) && is_signed(2));
}

TEST_F(Lists, ADeviceThatTakesNoListsShowsOneDocument) {
  world.lists = nullptr;
  world.restart();
  wait(2);
  const Step one = must(collect());
  EXPECT_EQ(one.display->kind, Display::Kind::document);
  EXPECT_EQ(one.display->transaction_id, id(1));
  EXPECT_ERROR(world.msd->leave_out(id(1)), Code::not_found);
}

TEST(ListMessages, EachComesBackAndNothingElseIsTaken) {
  const auto answers = [](std::size_t count) {
    std::vector<SignAnswer> out;
    for (std::size_t i = 0; i < count; ++i)
      out.push_back({"t-" + std::to_string(i), SignOutcome::cancelled, {}, {}, {}});
    return out;
  };
  EXPECT_EQ(must(parse_sign_answers(encode_sign_answers(answers(kListItemsMax)))).size(),
            kListItemsMax);
  EXPECT_ERROR(parse_sign_answers(encode_sign_answers(answers(kListItemsMax + 1))),
               Code::limit_exceeded);
  EXPECT_ERROR(parse_sign_answers(encode_sign_answers({})), Code::malformed);
  auto twice = answers(2);
  twice[1].transaction_id = twice[0].transaction_id;
  EXPECT_ERROR(parse_sign_answers(encode_sign_answers(twice)), Code::malformed);

  const std::vector<SignResult> results = {{"t-1", std::nullopt}, {"t-2", Code::expired}};
  const auto back = must(parse_sign_results(encode_sign_results(results)));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_FALSE(back[0].failure.has_value());
  EXPECT_EQ(back[1].failure, Code::expired);
  EXPECT_ERROR(parse_sign_results(encode_sign_results({})), Code::malformed);
  EXPECT_ERROR(parse_sign_results(encode_sign_results({results[0], results[0]})), Code::malformed);
  EXPECT_ERROR(parse_sign_results(encode_sign_results({{"", std::nullopt}})), Code::malformed);
  EXPECT_ERROR(parse_sign_results(
                   encode_sign_results(std::vector<SignResult>(kListItemsMax + 1, results[0]))),
               Code::malformed);
  base::Bytes tail = encode_sign_results(results);
  tail.push_back(0);
  EXPECT_FALSE(parse_sign_results(tail).has_value());

  EXPECT_ERROR(parse_displays(encode_displays({})), Code::malformed);
  EXPECT_ERROR(parse_displays(encode_displays(std::vector<Display>(kListItemsMax + 1))),
               Code::limit_exceeded);
  EXPECT_EQ(must(parse_displays(encode_displays(std::vector<Display>(kListItemsMax)))).size(),
            kListItemsMax);

  const Poll poll = must(parse_poll(encode_poll({Poll::Takes::lists, "t-7"})));
  EXPECT_EQ(poll.takes, Poll::Takes::lists);
  EXPECT_EQ(poll.after, "t-7");
  EXPECT_ERROR(parse_poll(encode_poll({Poll::Takes::lists, std::string(65, 'x')})),
               Code::limit_exceeded);
}

}  // namespace
}  // namespace heqi::device
