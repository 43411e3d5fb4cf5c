// The update of a certificate in use after GB/T 38646 §6.2.3: found due by the service or by the
// authority, agreed to by the person, a new key in the device, the old one's word on it.
#include <heqi/base/text.h>

#include "phone.h"

namespace heqi::testing {
namespace {

using base::Code;
using device::Display;
using device::Stage;
using device::Step;
using State = services::ca::Standing::State;

struct Updating : ::testing::Test {
  House house;
  std::string zhang = house.add_person("张三", "zhang@example.cn");
  Phone phone{house};
  base::Bytes old;  // certificate

  void SetUp() override {
    ASSERT_OK(phone.enrol(house.code_for(zhang)));
    old = certificate();
    // Twenty days before its end.
    house.clock.advance(must(x509::parse_certificate(old)).not_after() - house.clock.now() -
                        std::chrono::hours(24 * 20));
  }
  base::Bytes certificate() { return phone.msd->information().certificate; }
  State standing(const base::Bytes& der) {
    return must(house.services->authority.standing(must(x509::parse_certificate(der)).serial()))
        .state;
  }
  // ask has the policy find the need, and gives the question that the device displays.
  Step ask() {
    house.settle();
    const Step question = must(phone.poll());
    EXPECT_EQ(question.kind, Step::Kind::confirm);
    EXPECT_TRUE(question.display && question.display->kind == Display::Kind::certificate_update);
    return question;
  }
  services::mss::Device device() {
    const std::string id = must(house.services->database->with_snapshot([&](sql::Transaction& tx) {
                             return tx.get_row("SELECT device_id FROM mss_devices");
                           })).text(0);
    return {.id = id,
            .person_id = zhang,
            .channel_public_key = {},
            .channel_state = {},
            .state = "active"};
  }
  std::string update_id() {
    return must(house.services->database->with_snapshot(
                    [](sql::Transaction& tx) { return tx.get_row("SELECT id FROM mss_updates"); }))
        .text(0);
  }
  services::mss::UpdateStatus status() { return must(house.services->updates.status(update_id())); }
  std::int64_t flows_of_updates() {
    return house.number("SELECT COUNT(*) FROM mobile_flows WHERE kind = 'update'");
  }
  base::Result<services::mss::TransactionStatus> submit(const std::string& id) {
    return house.services->transactions.submit("shop", house.request("shop", id, zhang, "text"));
  }
  // expect_signs_with: exactly this pair signs, and the service knows it.
  void expect_signs_with(const base::Bytes& der, const std::string& id) {
    const auto open = submit(id);
    ASSERT_OK(open);
    const auto done = phone.sign();
    ASSERT_OK(done);
    EXPECT_EQ(done->outcome, "signed");
    const auto ended = must(house.services->transactions.query("shop", open->id));
    ASSERT_TRUE(ended.result.has_value()) << ended.code;
    EXPECT_EQ(ended.result->certificate, der);
  }
  void expect_untouched() {
    EXPECT_EQ(certificate(), old);
    EXPECT_EQ(standing(old), State::good);
    EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_certificates WHERE state = 'active'"), 1);
  }
};

// shows: MSSP-6.2.1-abc, MSSP-6.2.3-a2, MSSP-6.2.3-c, MSSP-6.2.3-g, MSSP-6.2.3-h, MSSP-6.2.3-m
// shows: MSSP-6.2.3-l, MSSP-6.2.3-o, MSSP-6.2.3-s, MSSP-6.2.3-t, MSSP-8.2.3-c, MSSP-8.2.3-d
TEST_F(Updating, ThePersonAgreesAndTheNewPairTakesTheOldOnesPlace) {
  const std::string old_key = phone.msd->information().key_id;
  const Step question = ask();
  EXPECT_EQ(house.mails("update_asked", "zhang@example.cn").size(), 1u);
  EXPECT_EQ(flows_of_updates(), 0);                      // nothing starts before the person's word
  EXPECT_EQ(must(house.services->updates.round()), 0u);  // asked once
  const auto open = must(submit("before"));
  const auto done = phone.confirm(question);
  ASSERT_OK(done);
  EXPECT_EQ(done->outcome, "certificate_updated");
  EXPECT_EQ(status().state, "DONE") << status().code;
  EXPECT_NE(certificate(), old);
  EXPECT_EQ(standing(old), State::revoked);
  EXPECT_EQ(standing(certificate()), State::good);
  EXPECT_NE(phone.msd->information().key_id, old_key);
  EXPECT_TRUE(must(x509::parse_certificate(certificate())).subject() ==
              must(x509::parse_certificate(old)).subject());
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_certificates WHERE state = 'superseded'"), 1);
  // A document that came in before is signed by the new pair.
  ASSERT_EQ(must(phone.sign()).outcome, "signed");
  EXPECT_EQ(must(house.services->transactions.query("shop", open.id)).result->certificate,
            certificate());
  house.settle();
  EXPECT_EQ(must(house.services->module.key_status(old_key)).state, "revoked");
  EXPECT_EQ(must(house.services->module.key_status(phone.msd->information().key_id)).state,
            "active");
  EXPECT_EQ(house.mails("certificate_updated", "zhang@example.cn").size(), 1u);
  phone.restart();
  expect_signs_with(certificate(), "after");
  EXPECT_EQ(standing(certificate()), State::good);
}

// shows: MSSP-6.2.3-d, MSSP-6.2.3-e
TEST_F(Updating, OnlyARightPinMakesANewKey) {
  const std::string key = phone.msd->information().key_id;
  const Step question = ask();
  int asked = 0;  // of the key centre, for a key or a half
  phone.on_answer = [&](int) { return ++asked > 0; };
  const Step again = must(phone.confirm(question, kWrongPin));
  EXPECT_EQ(again.kind, Step::Kind::confirm);
  EXPECT_TRUE(again.display->tries_left.has_value());
  EXPECT_EQ(asked, 1);  // whether the PIN is right, and nothing else
  EXPECT_EQ(flows_of_updates(), 0);
  EXPECT_EQ(phone.msd->information().key_id, key);
  expect_untouched();
  // A PIN that is no PIN is none either.
  EXPECT_ERROR(phone.confirm(again, "12"), Code::malformed);
  expect_untouched();
  EXPECT_EQ(must(phone.confirm(again)).outcome, "certificate_updated");
  EXPECT_NE(phone.msd->information().key_id, key);
}

// shows: MSSP-6.2.3-a3
TEST_F(Updating, WhoDeclinesOrDoesNotAnswerKeepsTheOldCertificate) {
  const Step question = ask();
  EXPECT_EQ(must(phone.cancel(question)).outcome, "declined");
  EXPECT_EQ(status().state, "CANCELLED");
  EXPECT_TRUE(house.log.mentions("mss.update_declined"));
  EXPECT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  EXPECT_EQ(must(house.services->updates.round()), 0u);  // not asked again
  EXPECT_EQ(flows_of_updates(), 0);
  expect_untouched();
  expect_signs_with(old, "t1");

  House second;
  const std::string li = second.add_person("李四", "li@example.cn");
  Phone silent(second);
  ASSERT_OK(silent.enrol(second.code_for(li)));
  second.clock.advance(std::chrono::hours(24 * 340));
  second.settle();
  second.clock.advance(services::mss::kQuestionLifetime + std::chrono::hours(1));
  second.settle();
  EXPECT_EQ(second.number("SELECT COUNT(*) FROM mss_updates WHERE is_open = 1"), 0);
  EXPECT_EQ(second.number("SELECT COUNT(*) FROM mobile_flows WHERE kind = 'update'"), 0);
  EXPECT_EQ(second.mails("update_failed", "li@example.cn").size(), 1u);
  EXPECT_OK(second.services->trust.check(silent.msd->information().certificate));
}

// shows: MSSP-6.2.3-a1
TEST_F(Updating, ThePromptOfTheAuthorityIsAskedByTheService) {
  ASSERT_EQ(must(phone.confirm(ask())).outcome, "certificate_updated");
  const base::Bytes second = certificate();
  house.clock.advance(must(x509::parse_certificate(second)).not_after() - house.clock.now() -
                      std::chrono::hours(24 * 20));
  EXPECT_EQ(must(house.services->certificate_flows.prompt_updates()), 1u);
  house.settle();
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_updates WHERE prompt <> ''"), 1);
  EXPECT_EQ(house.mails("update_asked").size(), 2u);  // once for both policies
  const Step question = must(phone.poll());
  ASSERT_EQ(question.kind, Step::Kind::confirm);
  EXPECT_EQ(flows_of_updates(), 1);
  EXPECT_EQ(must(phone.confirm(question)).outcome, "certificate_updated");
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mobile_prompts WHERE answer = 'confirmed'"), 1);
  EXPECT_EQ(standing(second), State::revoked);
  EXPECT_EQ(standing(certificate()), State::good);
}

// shows: MSSP-6.2.3-a1, MSSP-6.2.3-a2
TEST_F(Updating, HowLongBeforeTheEndBothPoliciesAskIsSet) {
  house.update_lead = std::chrono::hours(24 * 10);
  house.restart();  // twenty days before the end
  EXPECT_EQ(must(house.services->updates.round()), 0u);
  EXPECT_EQ(must(house.services->certificate_flows.prompt_updates()), 0u);
  ASSERT_EQ(must(phone.poll()).kind, Step::Kind::idle);
  house.clock.advance(std::chrono::hours(24 * 10));
  ASSERT_EQ(must(phone.confirm(ask())).outcome, "certificate_updated");
  const base::Bytes second = certificate();
  EXPECT_EQ(standing(second), State::good);
  // The second one came about by a flow of the authority's, so the authority prompts, too.
  const auto left = [&](std::chrono::hours time) {
    house.clock.advance(must(x509::parse_certificate(second)).not_after() - house.clock.now() -
                        time);
    return must(house.services->certificate_flows.prompt_updates());
  };
  EXPECT_EQ(left(std::chrono::hours(24 * 11)), 0u);
  EXPECT_EQ(left(std::chrono::hours(24 * 10)), 1u);
}

// shows: MSSP-8.3.2-b
TEST_F(Updating, TheActivationOfTheAuthorityGoesToTheDeviceOfItsCertificateOnly) {
  const std::string li = house.add_person("李四", "li@example.cn");
  Phone other(house);
  ASSERT_OK(other.enrol(house.code_for(li)));
  const std::string other_id =
      must(house.services->database->with_snapshot([&](sql::Transaction& tx) {
        return tx.get_row("SELECT device_id FROM mss_devices WHERE person_id = ?1", li);
      })).text(0);
  const std::string own_id =
      must(house.services->database->with_snapshot([&](sql::Transaction& tx) {
        return tx.get_row("SELECT device_id FROM mss_devices WHERE person_id = ?1", zhang);
      })).text(0);
  const Step question = ask();
  EXPECT_FALSE(must(house.services->updates.activation_for(own_id)).has_value());
  // The answer with the activation is lost: the service sends it again when the device asks.
  phone.on_answer = [&](int) { return flows_of_updates() == 0; };
  EXPECT_ERROR(phone.confirm(question), Code::unavailable);
  phone.on_answer = {};
  const auto activation = must(house.services->updates.activation_for(own_id));
  ASSERT_TRUE(activation.has_value());
  const auto sent = must(house.services->database->with_snapshot([](sql::Transaction& tx) {
    return tx.get_row("SELECT id, nonce, person, device FROM mobile_flows WHERE kind = 'update'");
  }));
  EXPECT_EQ(activation->flow, sent.text(0));
  EXPECT_EQ(activation->nonce, sent.bytes(1));
  EXPECT_EQ(activation->certificate_digest, crypto::sm3(old));
  EXPECT_EQ(sent.text(2), zhang);
  EXPECT_EQ(sent.text(3), own_id);
  EXPECT_FALSE(must(house.services->updates.activation_for(other_id)).has_value());
  EXPECT_EQ(must(other.poll()).kind, Step::Kind::idle);
  phone.restart();
  Step step = must(phone.poll());
  if (step.kind == Step::Kind::confirm) step = must(phone.confirm(step));
  EXPECT_NE(certificate(), old);
  EXPECT_EQ(must(other.poll()).kind, Step::Kind::idle);
}

// shows: MSSP-6.2.3-f, MSSP-8.2.3-b
TEST_F(Updating, NobodyExchangesTheRequestUnderTheOldKeysSignature) {
  const Step question = ask();
  device::UpdateRequest seen;
  // What the authority got: the signature verifies with the old key over nonce and request only.
  ASSERT_EQ(must(phone.confirm(question)).outcome, "certificate_updated");
  const auto row = must(house.services->database->with_snapshot(
      [](sql::Transaction& tx) { return tx.get_row("SELECT flow, nonce FROM mss_updates"); }));
  EXPECT_EQ(row.bytes(1).size(), services::mobile::kNonceSize);
  // A second request under the same flow is refused, whatever it is signed with.
  seen.flow = row.text(0);
  seen.csr = {1, 2, 3};
  seen.signature = {4};
  EXPECT_FALSE(house.services->updates.take_request(device(), seen).has_value());
  EXPECT_EQ(standing(certificate()), State::good);
}

// shows: MSSP-6.2.3-n, MSSP-6.2.3-p
// Whatever message or answer is lost, with the device killed there: exactly one pair is there, the
// old certificate is in force as long as the old pair is, and the update goes on to its end.
TEST(UpdateBreaks, AtAnyMessageLeaveOnePairThatSigns) {
  constexpr int kMessagesMax = 26;
  House house;
  struct One {
    std::unique_ptr<Phone> phone;
    std::string person;
    base::Bytes before;
  };
  std::vector<One> all;
  for (int i = 0; i < 2 * kMessagesMax; ++i) {
    const std::string person = house.add_person("李四", "li" + std::to_string(i) + "@example.cn");
    auto phone = std::make_unique<Phone>(house);
    ASSERT_OK(phone->enrol(house.code_for(person)));
    const base::Bytes before = phone->msd->information().certificate;
    all.push_back({std::move(phone), person, before});
  }
  house.clock.advance(must(x509::parse_certificate(all[0].before)).not_after() - house.clock.now() -
                      std::chrono::hours(24 * 20));
  house.settle();
  int messages = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Phone& phone = *all[i].phone;
    const base::Bytes& before = all[i].before;
    const int lost = static_cast<int>(i / 2) + 1;
    phone.carried = 0;
    const auto hook = [&](int number) { return number != lost; };
    if (i % 2 == 0)
      phone.on_message = hook;
    else
      phone.on_answer = hook;
    base::Result<Step> step = phone.poll();
    for (int round = 0; round < 12; ++round) {
      if (step && step->kind == Step::Kind::confirm) step = phone.confirm(*step);
      if (step && (step->kind == Step::Kind::finished || step->kind == Step::Kind::idle)) break;
      phone.restart();
      ASSERT_EQ(phone.msd->information().stage, Stage::enrolled) << lost;
      if (phone.msd->information().certificate == before) {
        EXPECT_OK(house.services->trust.check(before)) << lost;
      }
      step = phone.poll();
    }
    messages = std::max(messages, phone.carried);
    ASSERT_OK(step) << lost;
    const base::Bytes after = phone.msd->information().certificate;
    EXPECT_NE(after, before) << lost;
    EXPECT_OK(house.services->trust.check(after)) << lost;
    EXPECT_ERROR(house.services->trust.check(before), Code::revoked) << lost;
    phone.on_message = phone.on_answer = {};
    ASSERT_OK(house.services->transactions.submit(
        "shop", house.request("shop", "t" + std::to_string(i), all[i].person, "text")));
    EXPECT_EQ(must(phone.sign()).outcome, "signed") << lost;
  }
  EXPECT_GE(messages, 12);
  EXPECT_LE(messages, kMessagesMax);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM mss_certificates WHERE state = 'active'"),
            static_cast<std::int64_t>(all.size()));
}

// shows: MSSP-6.2.3-l, MSSP-6.2.3-u
TEST_F(Updating, AnUpdateThatBreaksOffLeavesTheOldPairAndRevokesTheNewCertificate) {
  const Step question = ask();
  // The device is lost sight of after the authority has issued.
  phone.on_answer = [&](int) {
    return house.number("SELECT COUNT(*) FROM mss_certificates WHERE state = 'issued'") == 0;
  };
  EXPECT_ERROR(phone.confirm(question), Code::unavailable);
  phone.on_answer = {};
  EXPECT_EQ(status().step, "issued");
  expect_untouched();
  const auto issued = status().serial;
  house.clock.advance(services::mss::kUpdateLifetime + std::chrono::hours(1));
  house.settle();
  EXPECT_NE(status().state, "OPEN");
  EXPECT_EQ(must(house.services->authority.standing(issued)).state, State::revoked);
  EXPECT_EQ(house.mails("update_failed", "zhang@example.cn").size(), 1u);
  // It comes back too late, is told so, and goes on with the old pair.
  const auto late = phone.poll();
  ASSERT_OK(late);
  EXPECT_EQ(late->kind, Step::Kind::refused);
  phone.restart();
  expect_untouched();
  expect_signs_with(old, "t1");
}

// shows: MSSP-6.2.3-u, MSSP-8.2.3-d
TEST_F(Updating, ACertificateThatTheDeviceRefusesIsRevokedAtOnce) {
  const Step question = ask();
  phone.on_answer = [&](int) {
    return house.number("SELECT COUNT(*) FROM mss_certificates WHERE state = 'issued'") == 0;
  };
  EXPECT_ERROR(phone.confirm(question), Code::unavailable);
  const base::Bytes fresh = must(house.services->database->with_snapshot([](sql::Transaction& tx) {
                              return tx.get_row("SELECT certificate FROM mss_updates");
                            })).bytes(0);
  EXPECT_EQ(standing(fresh), State::unknown);  // not published
  EXPECT_TRUE(must(house.services->updates.acknowledge(device(), {crypto::sm3(fresh), "denied"})));
  house.settle();
  EXPECT_EQ(status().state, "FAILED");
  EXPECT_EQ(standing(fresh), State::revoked);
  EXPECT_EQ(house.mails("update_failed", "zhang@example.cn").size(), 1u);
  expect_untouched();
}

TEST_F(Updating, WhatTheAuthorityRefusesLeavesTheOldPair) {
  const Step question = ask();
  house.weather.authority_refuses = Code::denied;
  const auto refused = phone.confirm(question);
  ASSERT_OK(refused);
  EXPECT_EQ(refused->kind, Step::Kind::refused);
  expect_untouched();
  house.weather.authority_refuses.reset();
  expect_signs_with(old, "t1");
}

// shows: MSSP-6.2.3-a2
TEST_F(Updating, AForeignOrEarlyMessageChangesNothing) {
  const Step question = ask();
  auto& updates = house.services->updates;
  const services::mss::Device foreign{.id = "another",
                                      .person_id = zhang,
                                      .channel_public_key = {},
                                      .channel_state = {},
                                      .state = "active"};
  EXPECT_ERROR(updates.confirm(foreign, update_id()), Code::not_found);
  EXPECT_ERROR(updates.decline(foreign, update_id()), Code::not_found);
  EXPECT_ERROR(updates.take_request(foreign, {update_id(), {1}, {2}}), Code::not_found);
  EXPECT_ERROR(updates.confirm(device(), "nothing"), Code::not_found);
  EXPECT_FALSE(must(updates.acknowledge(device(), {crypto::sm3(old), {}})));
  EXPECT_FALSE(must(updates.activation_for(device().id)).has_value());
  EXPECT_EQ(status().step, "asked");
  EXPECT_EQ(flows_of_updates(), 0);
  ASSERT_OK(phone.cancel(question));
  EXPECT_ERROR(updates.confirm(device(), update_id()), Code::conflict);
  EXPECT_EQ(flows_of_updates(), 0);
  expect_untouched();
}

// The keys that the device keeps whole lie under a secret of the joint key: it passes to the next.
TEST_F(Updating, TheLocalKeysOfTheDeviceStay) {
  const auto use = [&](device::LocalService service, base::Bytes data) {
    const Step shown = must(phone.msd->use_local_key({service, "mail", std::move(data)}));
    return must(phone.confirm(shown)).message;
  };
  const base::Bytes key = use(device::LocalService::generate, {});
  ASSERT_EQ(must(phone.confirm(ask())).outcome, "certificate_updated");
  EXPECT_FALSE(use(device::LocalService::sign, {1, 2, 3}).empty());
  house.settle();  // the old key ends in the key centre
  EXPECT_FALSE(use(device::LocalService::sign, {1, 2, 3}).empty());
  ASSERT_EQ(must(phone.msd->local_keys()).size(), 1u);
  EXPECT_EQ(must(phone.msd->local_keys())[0].public_key, key);
}

// A revocation while an update is under way ends both.
TEST_F(Updating, ARevokedCertificateIsNotUpdated) {
  const Step question = ask();
  ASSERT_OK(phone.cancel(question));
  ASSERT_EQ(must(phone.confirm(must(phone.msd->revoke_certificate(0)))).outcome,
            "certificate_revoked");
  house.settle();
  EXPECT_FALSE(must(house.services->updates.question_for(device().id)).has_value());
  EXPECT_EQ(flows_of_updates(), 0);
}

}  // namespace
}  // namespace heqi::testing
