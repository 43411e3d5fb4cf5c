// The revocation of a certificate in use after GB/T 38646 §6.2.4: asked for by the person, by an
// application, by the service's own policy; revoked by the authority; erased by the device.
#include <heqi/base/text.h>
#include <heqi/pki/crl.h>

#include "phone.h"

namespace heqi::testing {
namespace {

using base::Code;
using device::Display;
using device::Stage;
using device::Step;
using State = services::ca::Standing::State;

constexpr std::int64_t kCompromised = 1;

struct Revoking : ::testing::Test {
  House house;
  std::string zhang = house.add_person("张三", "zhang@example.cn");
  std::string li = house.add_person("李四", "li@example.cn");
  Phone phone{house}, other{house};
  base::Bytes certificate, serial;

  void SetUp() override {
    ASSERT_OK(phone.enrol(house.code_for(zhang)));
    ASSERT_OK(other.enrol(house.code_for(li)));
    certificate = phone.msd->information().certificate;
    serial = must(x509::parse_certificate(certificate)).serial();
  }
  State standing(const base::Bytes& der) {
    return must(house.services->authority.standing(must(x509::parse_certificate(der)).serial()))
        .state;
  }
  base::Result<services::mss::TransactionStatus> submit(const std::string& id,
                                                        const std::string& signer) {
    return house.services->transactions.submit("shop", house.request("shop", id, signer, "text"));
  }
  // sign_once makes signer somebody who uses the application.
  void sign_once(const std::string& id, const std::string& signer, Phone& with) {
    ASSERT_OK(submit(id, signer));
    ASSERT_EQ(must(with.sign()).outcome, "signed");
  }
  services::mss::ApplicationRevocation wish(const std::string& id) {
    return {.id = id, .signer_id = zhang, .serial = serial, .reason = kCompromised};
  }
  base::Result<Step> revoke(std::string_view pin = kPin) {
    const Step shown = must(phone.msd->revoke_certificate(kCompromised));
    EXPECT_EQ(shown.kind, Step::Kind::confirm);
    return phone.confirm(shown, pin);
  }
  void expect_untouched() {
    EXPECT_EQ(standing(certificate), State::good);
    EXPECT_EQ(phone.msd->information().stage, Stage::enrolled);
    EXPECT_EQ(phone.msd->information().certificate, certificate);
  }
  std::string origin() {
    return must(house.services->database->with_snapshot([](sql::Transaction& tx) {
             return tx.get_row("SELECT origin || ':' || asked_by FROM mobile_revocations");
           }))
        .text(0);
  }
  std::string device_id() {
    return must(house.services->database->with_snapshot([&](sql::Transaction& tx) {
             return tx.get_row("SELECT device_id FROM mss_devices WHERE person_id = ?1", zhang);
           }))
        .text(0);
  }
};

// shows: MSSP-6.2.4-a1, MSSP-6.2.4-b, MSSP-6.2.4-d, MSSP-6.2.4-g, MSSP-6.2.4-i
TEST_F(Revoking, ThePersonRevokesAtTheDeviceAndItsKeyIsErased) {
  const std::string key = phone.msd->information().key_id;
  const auto wrong = revoke(kWrongPin);
  ASSERT_OK(wrong);
  EXPECT_EQ(wrong->kind, Step::Kind::confirm);  // asked again: no request was made
  EXPECT_TRUE(wrong->display->tries_left.has_value());
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_revocations"), 0);
  expect_untouched();

  const auto done = phone.confirm(*wrong);
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "certificate_revoked");
  EXPECT_EQ(standing(certificate), State::revoked);
  EXPECT_ERROR(house.services->trust.check(certificate), Code::revoked);  // OCSP
  const auto list = must(pki::parse_crl(must(house.services->authority.crl())));
  EXPECT_NE(pki::find_revoked(list, serial), nullptr);
  EXPECT_EQ(origin(), "user:");
  const auto information = phone.msd->information();
  EXPECT_EQ(information.stage, Stage::stopped);
  EXPECT_EQ(information.stop_reason, "revoked");
  EXPECT_TRUE(information.certificate.empty());
  EXPECT_TRUE(information.key_id.empty());
  house.settle();
  EXPECT_EQ(must(house.services->module.key_status(key)).state, "revoked");
  EXPECT_EQ(house.mails("certificate_revoked", "zhang@example.cn").size(), 1u);
  // Nobody else is touched.
  EXPECT_EQ(standing(other.msd->information().certificate), State::good);
  EXPECT_EQ(must(house.services->module.key_status(other.msd->information().key_id)).state,
            "active");
  sign_once("t1", li, other);
  // No command signs with it, not even after a new start.
  phone.restart();
  EXPECT_ERROR(phone.msd->revoke_certificate(kCompromised), Code::device_state);
  EXPECT_ERROR(phone.msd->change_pin(), Code::device_state);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::refused);
  // The person comes back with another code.
  ASSERT_OK(phone.enrol(house.code_for(zhang)));
  sign_once("t2", zhang, phone);
}

// shows: MSSP-6.2.4-e
TEST_F(Revoking, WhatTheAuthorityRefusesClearsNothingAndWhoAskedIsTold) {
  house.weather.authority_refuses = Code::denied;
  const auto refused = revoke();
  ASSERT_OK(refused);
  EXPECT_EQ(refused->kind, Step::Kind::refused);
  EXPECT_EQ(refused->refusal, Code::denied);
  house.settle();
  expect_untouched();
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);  // no order to clear
  EXPECT_EQ(house.mails("certificate_kept", "zhang@example.cn").size(), 1u);
  EXPECT_TRUE(house.mails("certificate_revoked").empty());
  sign_once("t1", zhang, phone);
  // An application is told so, too.
  const auto asked = must(house.services->revocations.ask("shop", wish("r1")));
  ASSERT_OK(phone.sign());
  house.settle();
  const auto ended = must(house.services->revocations.query("shop", asked.id));
  EXPECT_EQ(ended.state, "FAILED");
  EXPECT_EQ(ended.code, "denied");
  ASSERT_EQ(house.revocation_ends.size(), 1u);
  EXPECT_EQ(house.revocation_ends[0].recipient, "ap:shop");
  expect_untouched();
}

// shows: MSSP-6.2.4-j, MSSP-6.2.4-d
TEST_F(Revoking, FromThePersonsWordOnNoTransactionTakesTheCertificate) {
  house.weather.authority_refuses = Code::unavailable;
  const auto open = must(submit("t1", zhang));
  const Step document = must(phone.poll());
  ASSERT_EQ(document.kind, Step::Kind::confirm);
  ASSERT_OK(phone.cancel(document));
  const auto later = revoke();
  ASSERT_OK(later);
  EXPECT_EQ(later->kind, Step::Kind::refused);  // the device will ask again
  EXPECT_EQ(later->refusal, Code::unavailable);
  EXPECT_ERROR(submit("t2", zhang), Code::signer_no_certificate);
  EXPECT_EQ(phone.msd->information().stage, Stage::enrolled);
  // The authority is back: the platform brings the answer home without the phone.
  house.weather.authority_refuses.reset();
  house.restart();
  house.clock.advance(std::chrono::hours(1));
  house.settle();
  EXPECT_EQ(standing(certificate), State::revoked);
  EXPECT_ERROR(submit("t3", zhang), Code::signer_no_certificate);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_revocations WHERE cleared_at IS NULL"), 1);
  EXPECT_EQ(must(phone.poll()).outcome, "certificate_revoked");
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_revocations WHERE cleared_at IS NULL"), 0);
  EXPECT_EQ(must(house.services->transactions.query("shop", open.id)).state, "CANCELLED");
}

// shows: MSSP-6.2.4-j
TEST_F(Revoking, ADocumentThatIsOpenIsNotSignedWithARevokedKey) {
  const auto open = must(submit("t1", zhang));
  const Step document = must(phone.poll());
  ASSERT_EQ(document.kind, Step::Kind::confirm);
  // Another copy of the same device state asks for the revocation meanwhile.
  Phone copy(house);
  copy.files.files = phone.files.files;
  copy.key_files.files = phone.key_files.files;
  copy.restart();
  const auto revoked = copy.confirm(must(copy.msd->revoke_certificate(kCompromised)));
  ASSERT_OK(revoked);
  EXPECT_EQ(revoked->outcome, "certificate_revoked");
  house.settle();
  EXPECT_FALSE(phone.confirm(document).has_value());
  const auto ended = must(house.services->transactions.query("shop", open.id));
  EXPECT_EQ(ended.state, "FAILED");
  EXPECT_EQ(ended.code, "revoked");
}

// shows: MSSP-6.2.4-f, MSSP-6.2.4-h, MSSP-8.2.4-b, MSSP-8.2.4-c
TEST_F(Revoking, TheOrderToClearIsRepeatedUntilItIsConfirmed) {
  int lost = 0;
  // Each answer of the service is lost once, from the order to clear on.
  phone.on_answer = [&](int) {
    if (house.number("SELECT COUNT(*) FROM mss_revocations WHERE clear_ordered_at IS NOT NULL") ==
        0)
      return true;
    return ++lost > 3;
  };
  EXPECT_ERROR(revoke(), Code::unavailable);
  EXPECT_EQ(standing(certificate), State::revoked);
  for (int round = 0; round < 8 && !phone.msd->information().certificate.empty(); ++round) {
    phone.restart();
    (void)phone.poll();
  }
  EXPECT_TRUE(phone.msd->information().certificate.empty());
  EXPECT_GE(lost, 3);
  phone.on_answer = {};
  (void)phone.poll();
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_revocations WHERE cleared_at IS NULL"), 0);
  const std::int64_t at = house.number("SELECT cleared_at FROM mss_revocations");
  // The same confirmation again is the same, and one for what nobody ordered is refused.
  auto& revocations = house.services->revocations;
  house.clock.advance(std::chrono::minutes(1));
  ASSERT_OK(revocations.cleared(device_id(), {crypto::sm3(certificate)}));
  EXPECT_EQ(house.number("SELECT cleared_at FROM mss_revocations"), at);
  EXPECT_ERROR(revocations.cleared(device_id(), {crypto::sm3(serial)}), Code::not_found);
  EXPECT_ERROR(revocations.cleared("another", {crypto::sm3(certificate)}), Code::not_found);
  EXPECT_FALSE(must(revocations.clear_order_for(device_id())).has_value());
}

// shows: MSSP-6.2.4-g
TEST_F(Revoking, AnOrderForAnotherCertificateErasesNothing) {
  ASSERT_OK(house.services->database->with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "INSERT INTO mss_revocations (id, origin, asked_by, request_id, person_id, device_id, "
        "ca_id, serial, certificate, reason, signature, is_open, until, asked_at, "
        "clear_ordered_at) VALUES ('r', 'user', '', '', ?1, ?2, 'heqi', ?3, ?4, 0, ?3, 0, 0, 0, 1)",
        zhang, device_id(), base::Bytes{9}, other.msd->information().certificate);
  }));
  const auto confirmed = phone.poll();
  ASSERT_OK(confirmed);
  EXPECT_EQ(confirmed->outcome, "idle");
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_revocations WHERE cleared_at IS NULL"), 0);
  expect_untouched();
  sign_once("t1", zhang, phone);
}

// shows: MSSP-6.2.4-a2, MSSP-6.2.4-b
TEST_F(Revoking, AnApplicationAsksAndThePersonAgreesAtTheDevice) {
  sign_once("t1", zhang, phone);
  auto& revocations = house.services->revocations;
  const auto asked = must(revocations.ask("shop", wish("r1")));
  EXPECT_EQ(asked.state, "OPEN");
  EXPECT_EQ(asked.step, "asked");
  EXPECT_EQ(must(revocations.ask("shop", wish("r1"))).id, asked.id);
  auto changed = wish("r1");
  changed.reason = 5;
  EXPECT_ERROR(revocations.ask("shop", changed), Code::conflict);
  house.settle();
  EXPECT_EQ(house.mails("revocation_asked", "zhang@example.cn").size(), 1u);
  expect_untouched();
  ASSERT_OK(submit("t2", zhang));  // until the person agrees, all goes on
  const Step document = must(phone.poll());
  EXPECT_EQ(document.display->kind, Display::Kind::document);
  ASSERT_OK(phone.confirm(document));

  const Step question = must(phone.poll());
  ASSERT_EQ(question.kind, Step::Kind::confirm);
  EXPECT_EQ(question.display->kind, Display::Kind::revocation);
  EXPECT_EQ(question.display->application, "shop");
  const Step again = must(phone.confirm(question, kWrongPin));
  EXPECT_EQ(again.kind, Step::Kind::confirm);
  expect_untouched();
  EXPECT_EQ(must(phone.confirm(again)).outcome, "certificate_revoked");
  house.settle();
  EXPECT_EQ(standing(certificate), State::revoked);
  EXPECT_EQ(origin(), "application:shop");
  const auto done = must(revocations.query("shop", asked.id));
  EXPECT_EQ(done.state, "DONE");
  EXPECT_TRUE(done.is_cleared);
  ASSERT_EQ(house.revocation_ends.size(), 1u);
  EXPECT_EQ(house.mails("certificate_revoked", "zhang@example.cn").size(), 1u);
  EXPECT_EQ(must(revocations.ask("shop", wish("r1"))).state, "DONE");
  EXPECT_ERROR(revocations.ask("shop", wish("r2")), Code::revoked);
}

// shows: MSSP-6.2.4-a2b
TEST_F(Revoking, AnApplicationAsksOnlyForPersonsWhoSignForIt) {
  sign_once("t1", zhang, phone);
  auto& revocations = house.services->revocations;
  EXPECT_ERROR(revocations.ask("bank", wish("r1")), Code::denied);
  auto foreign = wish("r1");
  foreign.signer_id = li;  // never signed for the shop
  EXPECT_ERROR(revocations.ask("shop", foreign), Code::denied);
  sign_once("t2", li, other);
  EXPECT_ERROR(revocations.ask("shop", foreign), Code::not_found);  // another's certificate
  auto unknown = wish("r2");
  unknown.serial = {1, 2, 3};
  EXPECT_ERROR(revocations.ask("shop", unknown), Code::not_found);
  auto odd = wish("r3");
  odd.reason = 6;  // a hold is none
  EXPECT_ERROR(revocations.ask("shop", odd), Code::malformed);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_revocations"), 0);
  const auto asked = must(revocations.ask("shop", wish("r4")));
  EXPECT_ERROR(revocations.query("bank", asked.id), Code::not_found);
  EXPECT_EQ(must(other.poll()).kind, Step::Kind::idle);  // nobody else is asked
  expect_untouched();
}

TEST_F(Revoking, WhoDeclinesOrDoesNotAnswerKeepsTheCertificate) {
  sign_once("t1", zhang, phone);
  auto& revocations = house.services->revocations;
  const auto first = must(revocations.ask("shop", wish("r1")));
  const Step question = must(phone.poll());
  ASSERT_EQ(question.kind, Step::Kind::confirm);
  EXPECT_EQ(must(phone.cancel(question)).outcome, "declined");
  EXPECT_EQ(must(revocations.query("shop", first.id)).state, "CANCELLED");
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  const auto second = must(revocations.ask("shop", wish("r2")));
  const Step late = must(phone.poll());
  ASSERT_EQ(late.kind, Step::Kind::confirm);
  house.clock.advance(services::mss::kQuestionLifetime + std::chrono::hours(1));
  house.settle();
  EXPECT_EQ(must(revocations.query("shop", second.id)).state, "EXPIRED");
  const auto refused = phone.confirm(late);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->refusal, Code::expired);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  house.settle();
  EXPECT_EQ(house.mails("certificate_kept", "zhang@example.cn").size(), 2u);
  expect_untouched();
}

// shows: MSSP-6.2.4-a3, MSSP-6.2.4-b
TEST_F(Revoking, TheServiceAsksWhereTheCertificateNoLongerSaysWhoThePersonIs) {
  EXPECT_EQ(must(house.services->revocations.round()), 0u);
  ASSERT_OK(house.services->database->with_transaction([&](sql::Transaction& tx) {
    return tx.execute("UPDATE identity_persons SET name = ?2 WHERE person_id = ?1", zhang,
                      "张三丰");
  }));
  EXPECT_EQ(must(house.services->revocations.round()), 0u);  // an hour later
  house.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(must(house.services->revocations.round()), 1u);
  house.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(must(house.services->revocations.round()), 0u);  // asked once
  house.settle();
  EXPECT_EQ(house.mails("revocation_asked").size(), 1u);
  expect_untouched();
  const Step question = must(phone.poll());
  ASSERT_EQ(question.kind, Step::Kind::confirm);
  EXPECT_TRUE(question.display->application.empty());
  EXPECT_EQ(must(phone.confirm(question)).outcome, "certificate_revoked");
  EXPECT_EQ(standing(certificate), State::revoked);
  EXPECT_EQ(origin(), "service:");
  EXPECT_EQ(standing(other.msd->information().certificate), State::good);
}

TEST_F(Revoking, AServiceWhosePolicyIsNoneAsksNobody) {
  house.revocation_policy = services::mss::RevocationPolicy::none;
  house.restart();
  ASSERT_OK(house.services->database->with_transaction([&](sql::Transaction& tx) {
    return tx.execute("UPDATE identity_persons SET name = ?2 WHERE person_id = ?1", zhang,
                      "张三丰");
  }));
  house.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(must(house.services->revocations.round()), 0u);
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  expect_untouched();
  // With the policy that is usual the next round asks.
  house.revocation_policy = services::mss::RevocationPolicy::identity;
  house.restart();
  EXPECT_EQ(must(house.services->revocations.round()), 1u);
}

// shows: MSSP-6.2.4-a1, MSSP-8.2.4-a
TEST_F(Revoking, AForgedOrForeignRequestChangesNothing) {
  auto& revocations = house.services->revocations;
  const services::mss::Device mine{.id = device_id(),
                                   .person_id = zhang,
                                   .channel_public_key = {},
                                   .channel_state = {},
                                   .state = "active"};
  const services::mss::Device foreign{.id = "another",
                                      .person_id = li,
                                      .channel_public_key = {},
                                      .channel_state = {},
                                      .state = "active"};
  device::RevocationRequest request{
      .question = {}, .serial = serial, .reason = kCompromised, .signature = {1, 2, 3}};
  EXPECT_ERROR(revocations.take_request(mine, request), Code::invalid_signature);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_revocations"), 0);
  EXPECT_ERROR(revocations.take_request(foreign, request), Code::not_found);
  request.reason = 8;
  EXPECT_ERROR(revocations.take_request(mine, request), Code::malformed);
  request = {.question = {}, .serial = {9}, .reason = kCompromised, .signature = {1}};
  EXPECT_ERROR(revocations.take_request(mine, request), Code::not_found);
  EXPECT_ERROR(revocations.decline(mine, "nothing"), Code::not_found);
  sign_once("t1", zhang, phone);
  const auto asked = must(revocations.ask("shop", wish("r1")));
  EXPECT_ERROR(revocations.decline(foreign, asked.id), Code::not_found);
  EXPECT_EQ(must(revocations.query("shop", asked.id)).state, "OPEN");
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mobile_revocations"), 0);
  EXPECT_ERROR(phone.msd->revoke_certificate(6), Code::malformed);
  expect_untouched();
}

}  // namespace
}  // namespace heqi::testing
