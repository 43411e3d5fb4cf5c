// The key management centre for authorities of other organisations: what it asks of them, and what
// such an authority takes from it.
#include "api_fixture.h"

#include <heqi/services/kmc/transcript.h>
#include <heqi/x509/enveloped_key.h>

#include "external_kmc.h"

namespace heqi::api {
namespace {

using services::identity::Role;

constexpr const char* kMake = "/api/v1/encryption-keys";
constexpr const char* kRecover = "/api/v1/encryption-key-recoveries";

struct KeysForOthers : Api {
  std::string admin = administrator();
  crypto::PrivateKey device = must(crypto::PrivateKey::generate(house.random));
  crypto::PrivateKey fresh = must(crypto::PrivateKey::generate(house.random));

  KeysForOthers() { add_bank(); }
  static std::string wish(const std::string& id, const crypto::PrivateKey& receiver) {
    return R"({"id":")" + id + R"(","holder":"alice","receiver":")" +
           base::to_base64(receiver.public_key().encode()) + "\"}";
  }
  std::string recovery_wish(const std::string& id) {
    return R"({"id":")" + id + R"(","asked_by":"clerk","reason":"lost","receiver":")" +
           base::to_base64(fresh.public_key().encode()) + "\"}";
  }
  Response serve(const std::string& application, const std::string& keys_max = "10") {
    return ask(Method::post, "/api/v1/ca/authorities/" + application + "/serve",
               R"({"keys_max":)" + keys_max + "}", admin);
  }
  Response bank_asks(const std::string& target, std::string body = {}) {
    return answer(signed_by_bank(Method::post, target, std::move(body)));
  }
  void approve_twice(const std::string& recovery) {
    for (const char* who : {"second@example.cn", "third@example.cn"}) {
      add_user(who, Role::administrator);
      EXPECT_EQ(
          ask(Method::post, "/api/v1/ca/recoveries/" + recovery + "/approve", {}, sign_in(who))
              .status,
          204);
    }
  }
};

TEST_F(KeysForOthers, AnApplicationThatNobodyNamedAsAnAuthorityIsRefused) {
  expect_problem(bank_asks(kMake, wish("k", device)), Code::denied);
  expect_problem(serve("nobody"), Code::not_found);
  expect_problem(serve("bank", "0"), Code::malformed);
  expect_problem(serve("bank", "10000001"), Code::malformed);
  ASSERT_EQ(serve("bank").status, 200);
  EXPECT_EQ(bank_asks(kMake, wish("k", device)).status, 201);
  EXPECT_EQ(
      ask(Method::post, "/api/v1/ca/authorities/bank/end", R"({"reason":"over"})", admin).status,
      200);
  expect_problem(bank_asks(kMake, wish("k", device)), Code::denied);
  expect_problem(bank_asks(kRecover, recovery_wish("k")), Code::denied);
}

TEST_F(KeysForOthers, UsersOfTheDeskAskForNoKeysAndOnlyAdministratorsNameAuthorities) {
  const std::string outsider = member();
  add_user("clerk@example.cn", Role::operator_of_desk);
  const std::string clerk = sign_in("clerk@example.cn");
  for (const std::string& who : {admin, clerk, outsider, std::string()})
    for (const std::string& path :
         {std::string(kMake), std::string(kRecover), std::string(kRecover) + "/00/deliver"})
      expect_problem(ask(Method::post, path, wish("k", device), who), Code::unauthenticated, path);
  for (const char* act : {"serve", "end"}) {
    const std::string path = std::string("/api/v1/ca/authorities/bank/") + act;
    for (const std::string& who : {clerk, outsider})
      expect_problem(ask(Method::post, path, R"({"keys_max":1})", who), Code::denied, path);
    expect_problem(answer(signed_by_bank(Method::post, path, R"({"keys_max":1})")), Code::denied,
                   path);
  }
  expect_problem(ask(Method::get, "/api/v1/ca/authorities", {}, outsider), Code::denied);
  expect_problem(bank_asks(kMake, wish("k", device)), Code::denied);
}

// shows-part: ZSA37-DEP-f (at the centre; mutant: tests/mutants/ZSA37-DEP-f.replay)
TEST_F(KeysForOthers, ARequestPassesOnceAndOneThatIsAskedAgainGetsTheSameKey) {
  ASSERT_EQ(serve("bank").status, 200);
  const Request once = signed_by_bank(Method::post, kMake, wish("k", device));
  const Response first = answer(once);
  ASSERT_EQ(first.status, 201) << base::text_of(first.body);
  expect_problem(answer(once), Code::identity_replayed);
  Request changed = signed_by_bank(Method::post, kMake, wish("k", device));
  changed.body = base::to_bytes(wish("k", fresh));
  expect_problem(answer(changed), Code::unauthenticated);
  Request late = signed_by_bank(Method::post, kMake, wish("k", device));
  house.clock.advance(services::identity::kClockSkew + std::chrono::seconds(1));
  expect_problem(answer(late), Code::identity_clock_skew);

  const Response again = bank_asks(kMake, wish("k", device));
  EXPECT_EQ(text_at(again, "public_key"), text_at(first, "public_key"));
  expect_problem(bank_asks(kMake, wish("k", fresh)), Code::conflict);
  const auto enveloped = must(base::parse_base64(text_at(first, "enveloped_key")));
  EXPECT_OK(x509::open_enveloped_key(enveloped, device));
  EXPECT_ERROR(x509::open_enveloped_key(enveloped, fresh), Code::invalid_signature);
}

TEST_F(KeysForOthers, WhatIsNoRequestIsRefused) {
  ASSERT_EQ(serve("bank", "1").status, 200);
  expect_problem(bank_asks(kMake, "{}"), Code::malformed);
  expect_problem(bank_asks(kMake, wish("a/b", device)), Code::malformed);
  expect_problem(bank_asks(kMake, wish(std::string(57, 'a'), device)), Code::malformed);
  expect_problem(bank_asks(kMake, R"({"id":"k","holder":"h","receiver":"BAAB"})"),
                 Code::crypto_not_on_curve);
  expect_problem(bank_asks(kRecover, recovery_wish("k")), Code::not_found);
  ASSERT_EQ(bank_asks(kMake, wish("k", device)).status, 201);
  expect_problem(bank_asks(kMake, wish("l", device)), Code::limit_exceeded);
  const http::Json list = json_of(ask(Method::get, "/api/v1/ca/authorities", {}, admin));
  EXPECT_EQ(*list.find("authorities")->array()->front().find("keys_made")->integer(), 1);
}

TEST_F(KeysForOthers, ALostKeyIsGivenAgainWhenTwoOfTheCentresOfficersApproved) {
  ASSERT_EQ(serve("bank").status, 200);
  const std::string key = text_at(bank_asks(kMake, wish("k", device)), "public_key");
  const std::string recovery = text_at(bank_asks(kRecover, recovery_wish("k")), "recovery");
  ASSERT_FALSE(recovery.empty());
  const std::string deliver = std::string(kRecover) + "/" + recovery + "/deliver";
  expect_problem(bank_asks(deliver), Code::denied);
  approve_twice(recovery);
  // The centre's own officers are given nothing.
  expect_problem(ask(Method::post, "/api/v1/ca/recoveries/" + recovery + "/deliver", {}, admin),
                 Code::not_found);
  const Response given = bank_asks(deliver);
  ASSERT_EQ(given.status, 200) << base::text_of(given.body);
  EXPECT_EQ(text_at(given, "public_key"), key);
  const auto enveloped = must(base::parse_base64(text_at(given, "enveloped_key")));
  EXPECT_OK(x509::open_enveloped_key(enveloped, fresh));
  EXPECT_ERROR(x509::open_enveloped_key(enveloped, device), Code::invalid_signature);
}

// Between is the way to the centre: what passes there can be changed, kept, or lost.
struct Between final : base::Fetch {
  explicit Between(testing::House& of) : house(of) {}
  base::Result<base::FetchAnswer> fetch(const base::FetchRequest& request) override {
    Request arrived;
    arrived.method = Method::post;
    arrived.target = request.url.substr(request.url.find('/', 8));
    arrived.body = request.body;
    arrived.peer_address = "127.0.0.1";
    for (auto [name, value] : request.headers) {
      for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
      arrived.headers.emplace_back(std::move(name), std::move(value));
    }
    const Response got = house.services->router.answer(std::move(arrived));
    if (is_lost) return base::fail(Code::timeout, "10 s");
    base::FetchAnswer out{got.status, got.content_type, got.body};
    if (change) change(out);
    return out;
  }
  testing::House& house;
  bool is_lost = false;
  std::function<void(base::FetchAnswer&)> change;
};

// AuthorityWithoutCentre has an authority whose encryption keys are made at the house.
struct AuthorityWithoutCentre : KeysForOthers {
  AuthorityWithoutCentre() { EXPECT_EQ(serve("bank").status, 200); }
  program::ExternalKmc keys_of(const std::string& application) {
    return program::ExternalKmc(
        {.url = "https://kmc.test", .application = application, .key = "1", .tls_root = {}}, way,
        {signer, *house.services->database, house.clock, house.random});
  }
  Between way{house};
  x509::SoftwareSm2Signer signer{bank_key.clone(), house.random};
  program::ExternalKmc keys = keys_of("bank");
};

TEST_F(AuthorityWithoutCentre, GetsTheSameKeyAgainWhereAnAnswerWasLost) {
  way.is_lost = true;
  const auto lost = keys.make("k", "alice", device.public_key());
  ASSERT_ERROR(lost, Code::timeout);
  EXPECT_NE(lost.error().detail.find("https://kmc.test"), std::string::npos);
  way.is_lost = false;
  const auto first = keys.make("k", "alice", device.public_key()),
             second = keys.make("k", "alice", device.public_key());
  ASSERT_OK(first);
  ASSERT_OK(second);
  EXPECT_TRUE(first->public_key == second->public_key);
  EXPECT_OK(x509::open_enveloped_key(first->enveloped_key, device));
  EXPECT_ERROR(keys.make("k", "alice", fresh.public_key()), Code::conflict);
}

TEST_F(AuthorityWithoutCentre, RecoversThroughTheCentre) {
  const auto made = keys.make("k", "alice", device.public_key());
  ASSERT_OK(made);
  const auto recovery = keys.ask_recovery(
      {.key_id = "k", .asked_by = "clerk", .reason = "lost", .receiver = fresh.public_key()});
  ASSERT_OK(recovery);
  EXPECT_ERROR(keys.recover(*recovery), Code::denied);
  approve_twice(*recovery);
  const auto given = keys.recover(*recovery);
  ASSERT_OK(given);
  EXPECT_TRUE(given->public_key == made->public_key);
  EXPECT_OK(x509::open_enveloped_key(given->enveloped_key, fresh));
  EXPECT_ERROR(keys.recover("../" + *recovery), Code::malformed);
  EXPECT_ERROR(keys.recover("00"), Code::not_found);
  std::vector<std::string> told;
  const auto lines = must(services::kmc::read_transcript(*house.services->database));
  for (const services::kmc::Line& line : lines)
    if (line.event.ends_with("_elsewhere")) told.push_back(line.event + " " + line.subject);
  EXPECT_EQ(told, (std::vector<std::string>{"made_elsewhere k", "recovery_asked_elsewhere k",
                                            "recovered_elsewhere " + *recovery}));
}

TEST_F(AuthorityWithoutCentre, SaysWhatToDoWhereTheCentreDoesNotKnowIt) {
  auto stranger = keys_of("insurance");
  const auto unknown = stranger.make("k", "alice", device.public_key());
  ASSERT_ERROR(unknown, Code::denied);
  EXPECT_NE(unknown.error().detail.find("its administrator registers"), std::string::npos);
  EXPECT_EQ(
      ask(Method::post, "/api/v1/ca/authorities/bank/end", R"({"reason":"over"})", admin).status,
      200);
  EXPECT_ERROR(keys.make("k", "alice", device.public_key()), Code::denied);
}

// shows-part: ZSA37-DEP-f (at the authority; mutant: tests/mutants/ZSA37-DEP-f.answer)
TEST_F(AuthorityWithoutCentre, TakesNoAnswerThatDoesNotFit) {
  ASSERT_OK(keys.make("k", "alice", device.public_key()));
  const Response other = bank_asks(kMake, wish("other", device));
  // The whole answer to another request; another envelope, another key; no JSON; a server's fault.
  way.change = [&](base::FetchAnswer& out) { out.body = other.body; };
  EXPECT_ERROR(keys.make("k", "alice", device.public_key()), Code::untrusted);
  for (const char* part : {"public_key", "enveloped_key"}) {
    way.change = [&](base::FetchAnswer& out) {
      std::string text(base::text_of(out.body));
      const http::Json json = must(http::parse_json(out.body));
      const std::string own = *json.find(part)->text();
      text.replace(text.find(own), own.size(), text_at(other, part));
      out.body = base::to_bytes(text);
    };
    EXPECT_ERROR(keys.make("k", "alice", device.public_key()), Code::untrusted) << part;
  }
  way.change = [](base::FetchAnswer& out) { out.body = {'x'}; };
  EXPECT_FALSE(keys.make("k", "alice", device.public_key()));
  way.change = [](base::FetchAnswer& out) { out.status = 502; };
  EXPECT_ERROR(keys.make("k", "alice", device.public_key()), Code::unavailable);
}

}  // namespace
}  // namespace heqi::api
