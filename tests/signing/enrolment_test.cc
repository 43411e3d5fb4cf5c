// How a person's device comes to its certificate (GB/T 38646 §6.2.2), through every layer.
#include <heqi/base/text.h>
#include <heqi/pki/ocsp.h>

#include <algorithm>

#include "phone.h"

namespace heqi::testing {
namespace {

using base::Code;
using device::Stage;
using device::Step;

struct Enrolment : ::testing::Test {
  House house;
  std::string zhang = house.add_person("张三", "zhang@example.cn");
  Phone phone{house};

  base::Status check(const Phone& of) {
    return house.services->trust.check(of.msd->information().certificate);
  }
  // wrong is code with its last character changed: the reference stays.
  static std::string wrong(std::string code) {
    code.back() = code.back() == '0' ? '1' : '0';
    return code;
  }
};

// shows: MSSP-6.2.2-e, MSSP-6.2.2-f, MSSP-6.2.2-h, MSSP-6.2.2-k, MSSP-8.2.2-b
TEST_F(Enrolment, ADeviceMakesItsKeyAndGetsACertificateForIt) {
  const auto done = phone.enrol(house.code_for(zhang));
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "certificate_installed");
  const device::Information information = phone.msd->information();
  EXPECT_EQ(information.stage, Stage::enrolled);
  const auto certificate = must(x509::parse_certificate(information.certificate));
  EXPECT_EQ(certificate.subject().common_name(), "张三");
  EXPECT_OK(check(phone));
  // The request that the CA took was signed by the key in the certificate: nobody holds it whole.
  EXPECT_EQ(must(house.services->module.key_status(information.key_id)).state, "active");
}

// shows: MSSP-6.2.2-m, MSSP-6.2.2-n
TEST_F(Enrolment, ACertificateIsGoodOnlyAfterTheDeviceHasAcknowledgedIt) {
  const std::string code = house.code_for(zhang);
  base::Bytes serial;
  phone.on_answer = [&](int) {
    const auto issued = house.services->database->with_snapshot([](sql::Transaction& tx) {
      return tx.find_row("SELECT certificate FROM mss_applications WHERE state = 'issued'");
    });
    if (!must(issued)) return true;
    serial = must(x509::parse_certificate((*issued)->bytes(0))).serial();
    EXPECT_EQ(must(house.services->authority.standing(serial)).state,
              services::ca::Standing::State::unknown);
    return true;
  };
  ASSERT_OK(phone.enrol(code));
  ASSERT_FALSE(serial.empty());
  EXPECT_EQ(must(house.services->authority.standing(serial)).state,
            services::ca::Standing::State::good);
}

// shows: MSSP-6.2.2-j   mutants: tests/mutants/MSSP-6.2.2-j.person, MSSP-6.2.2-j.key,
// MSSP-6.2.2-j.told
TEST_F(Enrolment, WhatTheAuthorityGivesForAnotherOrDoesNotParseIsRefusedAndItIsTold) {
  constexpr std::string_view revoked =
      "SELECT COUNT(*) FROM ca_certificates WHERE state = 'revoked'";
  const std::string li = house.add_person("李四", "li@example.cn");
  Phone other(house);
  ASSERT_OK(other.enrol(house.code_for(li)));
  Phone earlier(house);  // the same person with an earlier key
  ASSERT_OK(earlier.enrol(house.code_for(zhang)));
  const base::Bytes foreign = other.msd->information().certificate,
                    former = earlier.msd->information().certificate;
  const std::pair<std::function<void(base::Bytes&)>, Code> mistakes[] = {
      {[&](base::Bytes& der) { der = foreign; }, Code::denied},
      {[&](base::Bytes& der) { der = former; }, Code::denied},
      {[](base::Bytes& der) {  // the same key under another name
         const base::ByteView right = base::bytes_of("张三"), wrong = base::bytes_of("张四");
         const auto at = std::search(der.begin(), der.end(), right.begin(), right.end());
         ASSERT_NE(at, der.end());
         std::copy(wrong.begin(), wrong.end(), at);
       },
       Code::denied},
      {[](base::Bytes& der) { der.pop_back(); }, Code::malformed}};
  for (const auto& [mistake, code] : mistakes) {
    const std::int64_t before = house.number(revoked);
    Phone mistaken(house);
    house.weather.mistake_of_authority = mistake;
    const auto refused = mistaken.enrol(house.code_for(zhang));
    ASSERT_OK(refused);
    EXPECT_EQ(refused->kind, Step::Kind::refused);
    EXPECT_EQ(refused->refusal, code);
    EXPECT_EQ(mistaken.msd->information().stage, Stage::keyed);
    EXPECT_TRUE(mistaken.msd->information().certificate.empty());
    // What was certified for this request is revoked, and nothing else.
    EXPECT_EQ(house.number("SELECT COUNT(*) FROM ca_certificates WHERE profile = 'person' AND "
                           "state NOT IN ('published', 'revoked')"),
              0);
    EXPECT_EQ(house.number(revoked), before + 1);
    EXPECT_OK(check(other));
    house.weather.mistake_of_authority = nullptr;
  }
  EXPECT_EQ(house.log.count("mss.authority_mistaken"), 4u);
  // With another code the person comes to a certificate.
  ASSERT_OK(phone.enrol(house.code_for(zhang)));
  EXPECT_OK(check(phone));
}

// shows: MSSP-6.2.2-q   mutant: tests/mutants/MSSP-6.2.2-q.lapsed
TEST_F(Enrolment, ACertificateThatNoDeviceCameForIsRevokedAfterADay) {
  phone.on_answer = [&](int) {
    return house.number("SELECT COUNT(*) FROM mss_applications WHERE state = 'issued'") == 0;
  };
  EXPECT_ERROR(phone.enrol(house.code_for(zhang)), Code::unavailable);
  phone.on_answer = nullptr;
  const base::Bytes der = must(house.services->database->with_snapshot([](sql::Transaction& tx) {
                            return tx.get_row("SELECT certificate FROM mss_applications");
                          })).bytes(0);
  const auto standing = [&] {
    return must(house.services->authority.standing(must(x509::parse_certificate(der)).serial()))
        .state;
  };
  house.clock.advance(std::chrono::hours(23));
  house.settle();
  EXPECT_EQ(standing(), services::ca::Standing::State::unknown);  // the device may still come
  house.clock.advance(std::chrono::hours(2));
  house.settle();
  EXPECT_EQ(standing(), services::ca::Standing::State::revoked);
  house.settle();
  EXPECT_EQ(house.log.count("mss.certificate_lapsed"), 1u);
  // The device comes too late and is told so; with another code its person comes to a certificate.
  phone.restart();
  auto late = phone.poll();
  if (late && late->kind == Step::Kind::confirm) late = phone.confirm(*late);
  ASSERT_OK(late);
  EXPECT_EQ(late->kind, Step::Kind::refused);
  EXPECT_EQ(late->refusal, Code::revoked);
  EXPECT_NE(phone.msd->information().stage, Stage::enrolled);
  Phone fresh(house);
  ASSERT_OK(fresh.enrol(house.code_for(zhang)));
  EXPECT_OK(check(fresh));
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM ca_certificates WHERE state = 'published' AND "
                         "profile = 'person'"),
            1);
}

// shows: MSSP-6.2.2-pre2
TEST_F(Enrolment, ACodeIsGoodForOneDevice) {
  const std::string code = house.code_for(zhang);
  ASSERT_OK(phone.enrol(code));
  Phone second(house);
  EXPECT_ERROR(second.enrol(code), Code::unauthenticated);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_devices"), 1);
}

// shows: MSSP-6.2.2-pre2
TEST_F(Enrolment, ACodeExpires) {
  const std::string code = house.code_for(zhang);
  house.clock.advance(services::mss::kEnrolmentLifetime);
  EXPECT_ERROR(phone.enrol(code), Code::unauthenticated);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_devices"), 0);
}

TEST_F(Enrolment, ANewCodeMakesTheEarlierOneVoid) {
  const std::string first = house.code_for(zhang), second = house.code_for(zhang);
  EXPECT_ERROR(phone.enrol(first), Code::unauthenticated);
  EXPECT_OK(phone.enrol(second));
}

// shows: MSSP-6.2.2-d2
TEST_F(Enrolment, FiveWrongCodesMakeTheRightOneVoid) {
  const std::string code = house.code_for(zhang);
  for (int i = 0; i < services::mss::kEnrolmentTriesMax; ++i) {
    EXPECT_ERROR(phone.enrol(wrong(code)), Code::unauthenticated) << i;
  }
  EXPECT_ERROR(phone.enrol(code), Code::unauthenticated);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_devices"), 0);
  house.settle();
  EXPECT_EQ(house.mails("code_void", "zhang@example.cn").size(), 1u);
  EXPECT_EQ(house.mails("code_void").size(), 1u);
  EXPECT_EQ(house.log.count("mss.enrolment_code_void"), 1u);
}

TEST_F(Enrolment, FourWrongCodesLeaveTheRightOneGood) {
  const std::string code = house.code_for(zhang);
  for (int i = 1; i < services::mss::kEnrolmentTriesMax; ++i) {
    EXPECT_ERROR(phone.enrol(wrong(code)), Code::unauthenticated) << i;
  }
  EXPECT_OK(phone.enrol(code));
}

TEST_F(Enrolment, AnUnknownReferenceIsRefusedLikeAWrongCode) {
  EXPECT_ERROR(phone.enrol("ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ"), Code::unauthenticated);
}

// shows: MSSP-6.2.2-a
TEST_F(Enrolment, APersonWhoIsNotVerifiedGetsNoCode) {
  const std::string stranger = house.add_unverified("李四", "li@example.cn");
  EXPECT_ERROR(house.services->database->with_transaction([&](sql::Transaction& tx) {
    return house.services->enrolments.issue_code(tx, stranger);
  }),
               Code::denied);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_enrolments"), 0);
}

TEST_F(Enrolment, TheCodeStandsInNoTableAndNoLog) {
  const std::string code = house.code_for(zhang);
  ASSERT_OK(phone.enrol(code));
  const std::string secret = code.substr(6);
  EXPECT_FALSE(house.log.mentions(secret));
  EXPECT_FALSE(house.log.mentions(kPin));
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_enrolments WHERE reference LIKE '%" +
                         secret.substr(0, 5) + "%'"),
            0);
}

TEST_F(Enrolment, ALostAnswerToTheRegistrationIsGivenAgain) {
  ASSERT_OK(phone.msd->initialise());
  const auto step = phone.msd->enrol(house.code_for(zhang));
  ASSERT_OK(step);
  const auto lost = phone.carry(*step);
  const auto again = phone.carry(*step);
  ASSERT_OK(lost);
  ASSERT_OK(again);
  EXPECT_EQ(*lost, *again);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_devices"), 1);
}

// The device draws a new nonce when it begins anew, so this is another message with the same key.
TEST_F(Enrolment, ADeviceThatBeginsAnewAfterALostAnswerIsRegisteredAndAStrangerIsNot) {
  const std::string code = house.code_for(zhang);
  ASSERT_OK(phone.msd->initialise());
  const auto first = phone.msd->enrol(code);
  ASSERT_OK(first);
  ASSERT_OK(phone.carry(*first));  // the answer is lost on its way
  phone.restart();
  const auto anew = phone.msd->enrol(code);
  ASSERT_OK(anew);
  EXPECT_NE(first->message, anew->message);
  EXPECT_OK(phone.carry(*anew));
  Phone stranger(house);
  ASSERT_OK(stranger.msd->initialise());
  const auto stolen = stranger.msd->enrol(code);
  ASSERT_OK(stolen);
  EXPECT_ERROR(stranger.carry(*stolen), Code::unauthenticated);
}

// shows: MSSP-6.1-c
TEST_F(Enrolment, ANewDeviceTakesThePlaceOfTheOldOne) {
  ASSERT_OK(phone.enrol(house.code_for(zhang)));
  Phone second(house);
  ASSERT_OK(second.enrol(house.code_for(zhang)));
  EXPECT_ERROR(phone.poll(), Code::unauthenticated);
  ASSERT_OK(house.services->transactions.submit("bank", house.request("bank", "t-1", zhang, "x")));
  EXPECT_EQ(must(second.sign()).outcome, "signed");
}

TEST_F(Enrolment, AnEnvelopeThatWasTakenIsNotTakenAgain) {
  ASSERT_OK(phone.enrol(house.code_for(zhang)));
  const auto step = phone.msd->poll();
  ASSERT_OK(step);
  ASSERT_OK(phone.carry(*step));
  EXPECT_ERROR(phone.carry(*step), Code::cosign_replayed);
  Step changed = *step;
  changed.message.back() ^= 1;
  EXPECT_FALSE(phone.carry(changed));
}

// Whatever message was the last before everything went down, the enrolment goes on to one
// certificate, or ends before a device was registered.
// shows: MSSP-6.2.2-q
TEST(EnrolmentRestart, GoesOnAfterARestartAtEveryMessage) {
  int messages = 1;
  for (int last = 1; last <= messages; ++last) {
    House house;
    const std::string zhang = house.add_person("张三", "zhang@example.cn");
    const std::string code = house.code_for(zhang);
    Phone phone(house);
    phone.on_answer = [&](int n) { return n != last; };
    auto step = phone.enrol(code);
    if (!step) {
      house.restart();
      phone.restart();
      phone.on_answer = nullptr;
      // The registration's answer died with the device's memory: a new code is needed.
      step = last == 1 ? phone.enrol(house.code_for(zhang)) : phone.poll();
      if (step && step->kind == Step::Kind::choose_pin)
        step = phone.follow(phone.msd->choose_pin(pin_of(kPin)));
      if (step && step->kind == Step::Kind::confirm) step = phone.confirm(*step);
    }
    messages = std::max(messages, phone.carried);
    if (last == 1) {
      Phone counting(house);
      counting.on_answer = [](int) { return true; };
      ASSERT_OK(counting.enrol(house.code_for(zhang)));
      messages = counting.carried;
      continue;
    }
    ASSERT_OK(step) << last;
    EXPECT_EQ(phone.msd->information().stage, Stage::enrolled) << last;
    EXPECT_OK(house.services->trust.check(phone.msd->information().certificate)) << last;
    EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_certificates"), 1) << last;
    EXPECT_EQ(house.number("SELECT COUNT(*) FROM ca_certificates WHERE profile = 'person'"), 1)
        << last;
  }
  EXPECT_GE(messages, 6);
}

}  // namespace
}  // namespace heqi::testing
