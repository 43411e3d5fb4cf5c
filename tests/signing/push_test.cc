// What an application is told at the address that it registered (GB/T 38646 §8.1.2): over TLS, as a
// signed request, until it says that it has heard.
#include <heqi/http/json.h>
#include <heqi/services/identity/signed_request.h>

#include "listener.h"

namespace heqi::testing {
namespace {

using base::Code;

struct Push : ::testing::Test {
  base::SystemRandom random;
  Listener bank{random};
  House house;
  std::string zhang;
  std::optional<Phone> phone;

  Push() {
    house.push_roots = bank.identity.certificate_pem;
    house.restart();
    zhang = house.add_person("张三", "zhang@example.cn");
    phone.emplace(house);
    EXPECT_OK(phone->enrol(house.code_for(zhang)));
    EXPECT_OK(applications().set_push_url("bank", bank.url()));
  }
  services::identity::Applications& applications() { return house.services->applications; }
  std::string submit(const std::string& id) {
    return must(house.services->transactions.submit(
                    "bank", house.request("bank", id, zhang, "the words of the contract")))
        .id;
  }
  void wait_and_settle(int minutes) {
    for (int i = 0; i < minutes; ++i) {
      house.settle();
      house.clock.advance(std::chrono::minutes(1));
    }
  }
  std::string text(const http::Request& request, std::string_view field) {
    const http::Json body = must(http::parse_json(request.body));
    const http::Json* value = body.find(field);
    return value && value->text() ? *value->text() : std::string();
  }
  // is_of_platform is what an application checks before it believes.
  bool is_of_platform(const http::Request& request) {
    const auto read = services::identity::read_signed_request(request);
    if (!read || read->application != program::kApplicationId) return false;
    const auto key =
        must(crypto::PublicKey::decode(must(house.services->module.public_key("application"))));
    return crypto::verify(key, base::bytes_of(canonical_request(*read)), read->signature)
        .has_value();
  }
};

// shows: MSSP-8.1.2, MSSP-6.1-i
TEST_F(Push, TheResultIsToldUntilItIsHeardAndThenNoMore) {
  bank.refuse_next(2, 503);
  const std::string id = submit("t-1");
  ASSERT_OK(phone->sign());
  wait_and_settle(5);
  const auto heard = bank.heard();
  ASSERT_EQ(heard.size(), 3u);
  for (const http::Request& one : heard) {
    EXPECT_TRUE(is_of_platform(one));
    EXPECT_EQ(text(one, "message"), text(heard[0], "message"));  // the application drops repeats
    EXPECT_EQ(text(one, "transaction"), id);
    EXPECT_EQ(text(one, "ap_transaction"), "t-1");
    EXPECT_EQ(text(one, "state"), "DONE");
  }
  const auto status = must(house.services->transactions.query("bank", id));
  EXPECT_EQ(text(heard[2], "signature"), base::to_base64(status.result->signature));
  house.restart();
  wait_and_settle(15);
  EXPECT_EQ(bank.heard().size(), 3u);
}

// shows: MSSP-8.1.2
TEST_F(Push, AFailureIsToldWithItsReason) {
  submit("t-1");
  ASSERT_OK(phone->cancel(must(phone->poll())));
  house.settle();
  ASSERT_EQ(bank.heard().size(), 1u);
  EXPECT_EQ(text(bank.heard()[0], "state"), "CANCELLED");
  EXPECT_EQ(text(bank.heard()[0], "code"), "cancelled");
  EXPECT_EQ(text(bank.heard()[0], "signature"), "");
}

TEST_F(Push, ASignatureIsForThisBodyAndThisAddress) {
  submit("t-1");
  ASSERT_OK(phone->sign());
  house.settle();
  ASSERT_EQ(bank.heard().size(), 1u);
  http::Request changed = bank.heard()[0];
  changed.body.push_back(' ');
  EXPECT_FALSE(is_of_platform(changed));
  changed = bank.heard()[0];
  changed.target = "/elsewhere";
  EXPECT_FALSE(is_of_platform(changed));
}

TEST_F(Push, NobodyIsToldWhoseCertificateNobodyVouchesFor) {
  house.push_roots = http::testing::make_test_identity().certificate_pem;
  house.restart();
  phone.emplace(house);
  ASSERT_OK(phone->enrol(house.code_for(zhang)));
  submit("t-1");
  ASSERT_OK(phone->sign());
  wait_and_settle(3);
  EXPECT_TRUE(bank.heard().empty());
}

TEST_F(Push, ASuspendedApplicationIsToldWhenItIsActiveAgain) {
  submit("t-1");
  ASSERT_OK(phone->sign());
  ASSERT_OK(applications().set_state("bank", services::identity::ApplicationState::suspended));
  wait_and_settle(2);
  EXPECT_TRUE(bank.heard().empty());
  ASSERT_OK(applications().set_state("bank", services::identity::ApplicationState::active));
  wait_and_settle(15);
  EXPECT_EQ(bank.heard().size(), 1u);
}

TEST_F(Push, AnApplicationThatHasGoneIsNotAskedAgain) {
  bank.refuse_next(100, 410);
  submit("t-1");
  ASSERT_OK(phone->sign());
  wait_and_settle(10);
  EXPECT_EQ(bank.heard().size(), 1u);
}

TEST_F(Push, AnApplicationWithoutAnAddressIsNotTold) {
  ASSERT_OK(applications().set_push_url("bank", ""));
  const std::string id = submit("t-1");
  ASSERT_OK(phone->sign());
  wait_and_settle(2);
  EXPECT_TRUE(bank.heard().empty());
  EXPECT_EQ(must(house.services->transactions.query("bank", id)).state, "DONE");
  EXPECT_EQ(must(house.services->outbox.count()).dead, 0);
}

TEST_F(Push, TheEndOfItsContractIsToldToTheApplicationThatSentIt) {
  auto& platform = house.services->platform;
  const auto draft = must(platform.create({.owner = "application:bank",
                                           .title = "租约",
                                           .parties = {{zhang, {}}},
                                           .document = house.example(),
                                           .expires_at = {}}));
  ASSERT_OK(platform.start("application:bank", draft.id));
  house.settle();
  EXPECT_TRUE(bank.heard().empty());
  ASSERT_OK(platform.withdraw("application:bank", draft.id, "不再需要"));
  house.settle();
  ASSERT_EQ(bank.heard().size(), 1u);
  const http::Request told = bank.heard()[0];
  EXPECT_TRUE(is_of_platform(told));
  EXPECT_EQ(text(told, "kind"), "contract");
  EXPECT_EQ(text(told, "contract"), draft.id);
  EXPECT_EQ(text(told, "event"), "withdrawn");
  EXPECT_EQ(text(told, "reason"), "不再需要");
}

TEST_F(Push, AnAddressThatWouldLeakOrMisleadIsRefused) {
  for (const std::string url :
       {"http://bank.example/told", "http://127.0.0.1.bank.example/", "http://127.0.0.1@evil/",
        "https://user:secret@bank.example/", "https://", "https:///told", "https://:443/told",
        "ftp://bank.example/", "file:///etc/passwd", "bank.example/told", "https://bank.example/#x",
        "https://bank.example/a b", "https://bank.example/\r\nhost: evil", "https://银行.example/"})
    EXPECT_ERROR(applications().set_push_url("bank", url), Code::malformed) << url;
  EXPECT_ERROR(applications().set_push_url("bank", "https://b/" + std::string(500, 'a')),
               Code::malformed);
  EXPECT_ERROR(applications().set_push_url("nobody", "https://bank.example/"), Code::not_found);
  for (const std::string url : {"https://bank.example", "https://bank.example:8443/told?by=heqi",
                                "https://[2001:db8::1]/told", "http://127.0.0.1:9000/told",
                                "http://localhost/told", "http://127.0.0.1"})
    EXPECT_OK(applications().set_push_url("bank", url)) << url;
}

}  // namespace
}  // namespace heqi::testing
