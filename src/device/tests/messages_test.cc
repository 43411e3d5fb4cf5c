// Messages and commands: what comes back from their encoding, and what is refused.
#include <heqi/device/certificate_messages.h>
#include <heqi/device/commands.h>

#include "tests/world.h"

namespace heqi::device {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;

// Every proper prefix and a longer form of a message is refused.
template <class Parse>
void expect_strict(const Bytes& der, Parse parse) {
  EXPECT_TRUE(parse(der).has_value());
  for (std::size_t size = 0; size < der.size(); size += 1 + der.size() / 200)
    EXPECT_FALSE(parse(ByteView(der).first(size)).has_value()) << size;
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(parse(longer).has_value());
}

// shows-part: MSSP-9.2-b (the MSD's messages)
TEST(Messages, EachComesBackAndNothingElseIsTaken) {
  World world;
  expect_strict(encode_sign_request(world.request("text")), parse_sign_request);
  expect_strict(encode_sign_answer({"tx", SignOutcome::signed_, {1}, {2}, ""}), parse_sign_answer);
  expect_strict(encode_certificate_request({{1, 2}}), parse_certificate_request);
  expect_strict(encode_certificate_install({{1, 2}, {{3}}}), parse_certificate_install);
  expect_strict(encode_certificate_acknowledge({{}, "denied"}), parse_certificate_acknowledge);
  const Bytes poll = encode_poll({Poll::Takes::questions});
  EXPECT_EQ(parse_poll(poll)->takes, Poll::Takes::questions);
  EXPECT_EQ(parse_poll({})->takes, Poll::Takes::documents);
  for (std::size_t size = 1; size < poll.size(); ++size)
    EXPECT_FALSE(parse_poll(ByteView(poll).first(size)).has_value()) << size;
  expect_strict(encode_certificate_question(
                    {"q", CertificateQuestion::Act::update, {}, 3, "shop", test_time()}),
                parse_certificate_question);
  expect_strict(encode_question_answer({"q", QuestionAnswer::Decision::confirmed}),
                parse_question_answer);
  expect_strict(encode_revocation_request({"q", {1}, 5, {2}}), parse_revocation_request);
  expect_strict(encode_certificate_clear({}), parse_certificate_clear);
  expect_strict(encode_update_activation({"f", {1}, {}}), parse_update_activation);
  expect_strict(encode_update_request({"f", {1}, {2}}), parse_update_request);
  expect_strict(encode_key_challenge({{"app", "platform", {}, 1}}), parse_key_challenge);
  expect_strict(encode_joint_answer({{1}, 3}), parse_joint_answer);
  expect_strict(encode_joint_refused({Code::cosign_wrong_pin, 2, test_time()}),
                parse_joint_refused);
  expect_strict(encode_failure({Code::denied, "why"}), parse_failure);
  const auto refused = parse_joint_refused(encode_joint_refused({Code::denied, 2, test_time()}));
  ASSERT_OK(refused);
  EXPECT_EQ(refused->retry_at, test_time());
}

// shows-part: MSSP-9.2-b (the MSD's messages)
TEST(Messages, WhatBreaksALimitIsRefused) {
  World world;
  SignRequest request = world.request("text");
  request.transaction_id = std::string(65, 'x');
  EXPECT_ERROR(parse_sign_request(encode_sign_request(request)), Code::limit_exceeded);
  request = world.request("text");
  request.transaction_id = "a\nb";
  EXPECT_ERROR(parse_sign_request(encode_sign_request(request)), Code::malformed);
  request = world.request("text");
  request.data.clear();
  EXPECT_ERROR(parse_sign_request(encode_sign_request(request)), Code::malformed);
  EXPECT_ERROR(parse_sign_answer(encode_sign_answer({"tx", SignOutcome::signed_, {1}, {}, ""})),
               Code::malformed);
  EXPECT_OK(parse_sign_answer(encode_sign_answer({"tx", SignOutcome::signed_, {}, {2}, ""})));
  EXPECT_ERROR(parse_sign_answer(encode_sign_answer({"tx", SignOutcome::cancelled, {1}, {}, ""})),
               Code::malformed);
  EXPECT_ERROR(parse_sign_answer(encode_sign_answer({"tx", SignOutcome::cancelled, {}, {2}, ""})),
               Code::malformed);
  EXPECT_ERROR(parse_certificate_install(encode_certificate_install({{1}, {9, Bytes{1}}})),
               Code::limit_exceeded);
}

TEST(Messages, AFailuresDetailIsMadeFitToBeShown) {
  const auto failure =
      parse_failure(encode_failure({Code::denied, "line\nbreak" + std::string(600, 'x')}));
  ASSERT_OK(failure);
  EXPECT_EQ(failure->detail.substr(0, 10), "line break");
  EXPECT_EQ(failure->detail.size(), kTextSizeMax);
}

TEST(Messages, TheVerificationCodeIsFourDigitsOfTransactionAndDigest) {
  const auto digest = crypto::sm3(base::bytes_of("data"));
  const std::string code = verification_code("tx", digest);
  EXPECT_EQ(code.size(), 4u);
  EXPECT_EQ(code, verification_code("tx", digest));
  EXPECT_NE(code, verification_code("tx2", digest));
}

TEST(Enrolment, CodesAreTakenAsPeopleTypeThem) {
  testing::SeededRandom random(4);
  const std::string code = must(make_enrolment_code(random));
  EXPECT_EQ(code.size(), 23u);
  const auto expected = must(parse_enrolment_code(code));
  std::string typed = " ";
  for (char c : code)
    if (c != '-') typed += {static_cast<char>(std::tolower(c)), ' '};
  const auto same = must(parse_enrolment_code(typed));
  EXPECT_EQ(same.reference, expected.reference);
  EXPECT_TRUE(base::same_bytes(same.key.expose(), expected.key.expose()));
  for (const char* bad : {"", "AAAAA", "AAAAA-AAAAA-AAAAA-AAAAAA", "AAAAA-AAAAA-AAAAA-AAAA!"})
    EXPECT_ERROR(parse_enrolment_code(bad), Code::malformed);
}

// shows-part: MSSP-9.3-c1 (the first acquaintance)
TEST(Enrolment, ARegistrationIsBoundToCodeAndKey) {
  testing::SeededRandom random(5);
  const auto code = must(parse_enrolment_code(must(make_enrolment_code(random))));
  const auto other = must(parse_enrolment_code(must(make_enrolment_code(random))));
  x509::SoftwareSm2Signer signer(must(crypto::PrivateKey::generate(random)), random);
  x509::SoftwareSm2Signer thief(must(crypto::PrivateKey::generate(random)), random);
  Register message{code.reference, "phone", signer.public_key().encode(), {}};
  const Bytes der = must(encode_register(message, code.key, signer));
  ASSERT_OK(parse_register(der, code.key));
  EXPECT_ERROR(parse_register(der, other.key), Code::unauthenticated);
  EXPECT_ERROR(parse_register(must(encode_register(message, code.key, thief)), code.key),
               Code::invalid_signature);
  expect_strict(der, [&](ByteView view) { return parse_register(view, code.key); });
}

TEST(Commands, ATerminalDrivesTheDeviceThroughThemAlone) {
  World world;
  const auto run = [&](const Command& command) {
    return must(parse_reply(run_command(*world.msd, encode_command(command).expose())));
  };
  EXPECT_EQ(run({}).information->stage, Stage::empty);
  EXPECT_EQ(run({.type = CommandType::initialise}).information->stage, Stage::initialised);
  Reply reply = run({.type = CommandType::enrol, .text = world.code});
  for (int turn = 0; turn < 20 && reply.step && reply.step->kind != Step::Kind::finished; ++turn) {
    const Step step = *reply.step;
    if (step.kind == Step::Kind::send)
      reply = run({.type = CommandType::deliver, .message = must(world.carry(step))});
    if (step.kind == Step::Kind::choose_pin)
      reply = run({.type = CommandType::choose_pin, .pin = pin_of(kRightPin)});
    if (step.kind == Step::Kind::confirm)
      reply = run({.type = CommandType::confirm,
                   .text = step.display->transaction_id,
                   .pin = pin_of(kRightPin),
                   .digest = step.display->digest});
  }
  ASSERT_TRUE(reply.step.has_value());
  EXPECT_EQ(reply.step->outcome, "certificate_installed");

  world.service.requests.push_back(world.request("%PDF-1.4"));
  reply = run({.type = CommandType::poll});
  while (reply.step && reply.step->kind == Step::Kind::send)
    reply = run({.type = CommandType::deliver, .message = must(world.carry(*reply.step))});
  ASSERT_TRUE(reply.step && reply.step->display);
  EXPECT_EQ(reply.step->display->title, "租赁合同");
  EXPECT_EQ(reply.step->display->expires, world.clock.now() + std::chrono::minutes(10));
  EXPECT_EQ(run({.type = CommandType::data, .text = "tx-1"}).data, base::to_bytes("%PDF-1.4"));
  EXPECT_EQ(run({.type = CommandType::data, .text = "tx-9"}).failure->code, Code::not_found);
  EXPECT_EQ(run({.type = CommandType::information}).information->waiting_transaction, "tx-1");
}

TEST(Commands, WhatIsNoCommandIsAnsweredWithAFailure) {
  World world;
  for (const Bytes& frame : {Bytes{}, Bytes{0x30, 0x00}, base::to_bytes("hello"), Bytes(100, 0x30)})
    EXPECT_TRUE(must(parse_reply(run_command(*world.msd, frame))).failure.has_value());
  Command large{.type = CommandType::deliver, .message = Bytes(300, 1)};
  EXPECT_OK(parse_command(encode_command(large).expose()));
  large.message.resize(70'000);
  EXPECT_OK(parse_command(encode_command(large).expose()));
}

}  // namespace
}  // namespace heqi::device
