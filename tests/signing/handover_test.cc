// The evidence package to a legal service: over TLS, as a signed request, until it is heard; and
// never without consent, to a stranger's wish, or before the contract is complete.
#include <heqi/http/json.h>
#include <heqi/http/multipart.h>
#include <heqi/services/identity/signed_request.h>

#include "evidence_world.h"
#include "listener.h"

namespace heqi::testing {
namespace {

using base::Code;
using services::contract::Consent;
using services::contract::Handover;

// Court is a legal service.
struct Court : Listener {
  using Listener::Listener;
  program::LegalSettings settings(const std::string& name) const {
    return {.service = {.name = name, .title = "某某仲裁委员会", .address = url()},
            .trusted_pem = identity.certificate_pem};
  }
};

// Read is a parcel as the service takes it apart.
struct Read {
  std::string statement;
  Bytes token, package;
  std::string text(std::initializer_list<std::string_view> path) const {
    const http::Json json = must(http::parse_json(base::bytes_of(statement)));
    const http::Json* at = &json;
    for (const std::string_view name : path) at = at ? at->find(name) : nullptr;
    return at && at->text() ? *at->text() : std::string();
  }
};

Read read(const http::Request& request) {
  const auto parts =
      must(http::parse_multipart(request.header("content-type").value_or(""), request.body));
  EXPECT_EQ(parts.size(), 3U);
  Read out;
  for (const http::Part& part : parts) {
    if (part.name == "statement") out.statement = base::text_of(part.body);
    if (part.name == "statement_time") out.token = base::to_bytes(part.body);
    if (part.name == "package") out.package = base::to_bytes(part.body);
  }
  return out;
}

struct LegalHandover : ::testing::Test {
  static void SetUpTestSuite() { made = std::make_unique<Installation>(); }
  static void TearDownTestSuite() { made.reset(); }

  base::SystemRandom random;
  Court court{random};

  LegalHandover() {
    made->house.weather = {};
    made->house.legal = {court.settings("court")};
    made->house.restart();
    id = made->sign_all();
  }
  services::contract::Handovers& handovers() { return made->house.services->handovers; }
  Consent consent() {
    return {.contract = id,
            .service = "court",
            .by = "person:" + made->zhang_id,
            .by_name = "张三",
            .words = words_of(made->get(id), made->house.legal[0].service).chinese};
  }
  Handover state() { return must(handovers().list(id)).at(0); }
  void wait_and_settle(int minutes) {
    for (int i = 0; i < minutes; ++i) {
      made->house.settle();
      made->house.clock.advance(std::chrono::minutes(1));
    }
  }
  // is_of_platform is what the service checks before it believes.
  bool is_of_platform(const http::Request& request) {
    const auto read = services::identity::read_signed_request(request);
    if (!read || read->application != program::kApplicationId) return false;
    const auto key = must(
        crypto::PublicKey::decode(must(made->house.services->module.public_key("application"))));
    return crypto::verify(key, base::bytes_of(canonical_request(*read)), read->signature)
        .has_value();
  }
  void expect_nothing_left() {
    wait_and_settle(3);
    EXPECT_TRUE(court.heard().empty());
    EXPECT_TRUE(must(handovers().list(id)).empty());
    for (const auto& entry : must(made->platform().history(made->owner, id)))
      EXPECT_FALSE(entry.act.starts_with("legal_")) << entry.act;
  }

  std::string id;
  static inline std::unique_ptr<Installation> made;
};

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
TEST_F(LegalHandover, ThePackageArrivesSignedWithTheConsentAndVerifiesThere) {
  const base::Time asked_at = made->house.clock.now();
  ASSERT_OK(handovers().ask(consent()));
  EXPECT_EQ(state().state, "waiting");
  EXPECT_TRUE(court.heard().empty());
  made->house.settle();
  ASSERT_EQ(court.heard().size(), 1U);
  const http::Request request = court.heard()[0];
  EXPECT_TRUE(is_of_platform(request));
  const Read parcel = read(request);
  EXPECT_EQ(parcel.package, must(made->packages().package(made->owner, id)));
  const auto report = must(judge(parcel.package, made->trust(), made->house.clock.now(),
                                 made->house.services->trust.algorithms()));
  EXPECT_EQ(report.verdict, evidence::Verdict::valid) << words(report);
  EXPECT_EQ(report.contract, id);
  EXPECT_EQ(parcel.text({"contract"}), id);
  EXPECT_EQ(parcel.text({"address"}), court.url());
  EXPECT_EQ(parcel.text({"consent", "by"}), "person:" + made->zhang_id);
  EXPECT_EQ(parcel.text({"consent", "name"}), "张三");
  EXPECT_EQ(parcel.text({"consent", "words"}), consent().words);
  EXPECT_EQ(parcel.text({"consent", "at"}), base::to_rfc3339(asked_at));
  EXPECT_EQ(parcel.text({"package", "sm3"}), base::to_hex(crypto::sm3(parcel.package)));
  EXPECT_EQ(parcel.text({"message"}), state().id);
  EXPECT_EQ(
      must(made->house.services->trust.time_of(parcel.token, base::bytes_of(parcel.statement))),
      asked_at);
  EXPECT_EQ(state().state, "heard");
  std::vector<std::string> acts;
  for (const auto& entry : must(made->platform().history(made->owner, id)))
    if (entry.act.starts_with("legal_")) acts.push_back(entry.act + " " + entry.actor);
  EXPECT_EQ(acts, (std::vector<std::string>{"legal_consent person:" + made->zhang_id,
                                            "legal_heard platform"}));
}

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
TEST_F(LegalHandover, AServiceThatIsDownDelaysAndNothingIsLostOverARestart) {
  court.refuse_next(2, 503);
  ASSERT_OK(handovers().ask(consent()));
  made->house.settle();
  EXPECT_EQ(state().state, "waiting");
  EXPECT_EQ(state().failure, "unavailable");
  made->house.restart();
  wait_and_settle(15);
  const auto heard = court.heard();
  ASSERT_EQ(heard.size(), 3U);
  for (const http::Request& one : heard) {
    EXPECT_TRUE(is_of_platform(one));
    EXPECT_EQ(read(one).statement, read(heard[0]).statement);  // the service drops repeats
    EXPECT_EQ(read(one).token, read(heard[0]).token);
    EXPECT_EQ(read(one).package, read(heard[0]).package);
  }
  EXPECT_EQ(state().state, "heard");
  EXPECT_EQ(state().failure, "");
  made->house.restart();
  wait_and_settle(15);
  EXPECT_EQ(court.heard().size(), 3U);
}

// The platform's last breath comes between the service's answer and the record of it.
TEST_F(LegalHandover, WhatWasHeardAndNotRecordedIsToldAgainAsTheSame) {
  ASSERT_OK(handovers().ask(consent()));
  made->house.settle();
  const auto forget =
      made->house.services->database->with_transaction([&](sql::Transaction& tx) -> base::Status {
        HEQI_TRY(tx.execute("UPDATE contract_handovers SET state = 'waiting' WHERE id = ?1",
                            state().id));
        HEQI_TRY(
            tx.execute("UPDATE flow_outbox SET delivered_at = NULL, due_at = created_at "
                       "WHERE message_id = ?1",
                       state().id + ".handover"));
        return {};
      });
  ASSERT_OK(forget);
  made->house.restart();
  wait_and_settle(3);
  ASSERT_EQ(court.heard().size(), 2U);
  EXPECT_EQ(read(court.heard()[0]).statement, read(court.heard()[1]).statement);
  EXPECT_EQ(state().state, "heard");
}

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
// mutant: tests/mutants/ECP-3.2.4.2-f.words
TEST_F(LegalHandover, NothingLeavesWithoutTheWordsOfThisVeryHandover) {
  Consent other = consent();
  for (const std::string& said :
       {std::string(), std::string("true"), consent().words + " ",
        words_of(made->get(made->first), made->house.legal[0].service).chinese,
        words_of(made->get(id), {.name = "court", .title = "别处", .address = court.url()}).chinese,
        words_of(made->get(id),
                 {.name = "court", .title = "某某仲裁委员会", .address = "https://b/"})
            .english}) {
    other.words = said;
    EXPECT_ERROR(handovers().ask(other), Code::conflict) << said;
  }
  expect_nothing_left();
}

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
// mutant: tests/mutants/ECP-3.2.4.2-f.service
TEST_F(LegalHandover, NothingLeavesToAServiceThatTheOperatorHasNotSet) {
  for (const std::string name : {"", "nobody", "COURT", "court "}) {
    Consent other = consent();
    other.service = name;
    EXPECT_ERROR(handovers().ask(other), Code::not_found) << name;
  }
  expect_nothing_left();
}

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
// mutant: tests/mutants/ECP-3.2.4.2-f.side
TEST_F(LegalHandover, OnlyASideOfTheContractConsents) {
  for (const std::string& who :
       {std::string("user:another"), std::string("person:another"), made->zhang_id, std::string(),
        std::string("platform"), "user:" + made->zhang_id, std::string("*")}) {
    Consent other = consent();
    other.by = who;
    EXPECT_ERROR(handovers().ask(other), Code::not_found) << who;
  }
  expect_nothing_left();
  Consent sender = consent();
  sender.by = made->owner;
  EXPECT_OK(handovers().ask(sender));
}

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
// mutant: tests/mutants/ECP-3.2.4.2-f.complete
TEST_F(LegalHandover, AContractThatIsNotCompleteGoesNowhere) {
  id = made->begin();
  EXPECT_ERROR(handovers().ask(consent()), Code::conflict);
  made->sign(made->zhang, kZhang);
  EXPECT_ERROR(handovers().ask(consent()), Code::conflict);
  EXPECT_OK(made->platform().withdraw(made->owner, id, "test"));
  EXPECT_ERROR(handovers().ask(consent()), Code::conflict);
  expect_nothing_left();
}

TEST_F(LegalHandover, WithoutAPackageThereIsNoConsent) {
  made->house.weather.time_is_trusted = false;
  EXPECT_ERROR(handovers().ask(consent()), Code::time_untrusted);
  made->house.weather.time_is_trusted = true;
  expect_nothing_left();
}

TEST_F(LegalHandover, AConsentIsGivenOnceUntilTheServiceRefuses) {
  const Handover first = must(handovers().ask(consent()));
  Consent again = consent();
  again.by = "person:" + made->li_id;
  EXPECT_EQ(must(handovers().ask(again)).id, first.id);
  made->house.settle();
  EXPECT_EQ(must(handovers().ask(again)).id, first.id);
  wait_and_settle(3);
  EXPECT_EQ(court.heard().size(), 1U);
}

TEST_F(LegalHandover, AServiceThatWantsItNeverAgainIsNotAskedAgain) {
  court.refuse_next(1, 410);
  const Handover first = must(handovers().ask(consent()));
  wait_and_settle(5);
  EXPECT_EQ(court.heard().size(), 1U);
  EXPECT_EQ(state().state, "refused");
  EXPECT_EQ(state().failure, "denied");
  const Handover second = must(handovers().ask(consent()));
  EXPECT_NE(second.id, first.id);
  wait_and_settle(2);
  EXPECT_EQ(must(handovers().list(id)).at(1).state, "heard");
}

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
// mutant: tests/mutants/ECP-3.2.4.2-f.address
TEST_F(LegalHandover, AConsentIsForTheAddressThatWasShown) {
  Court elsewhere(random);
  court.refuse_next(1, 503);
  ASSERT_OK(handovers().ask(consent()));
  made->house.settle();
  made->house.legal = {elsewhere.settings("court")};
  made->house.restart();
  wait_and_settle(15);
  EXPECT_TRUE(elsewhere.heard().empty());
  EXPECT_EQ(state().state, "refused");
}

TEST_F(LegalHandover, AServiceWhoseCertificateNobodyVouchesForGetsNothing) {
  made->house.legal[0].trusted_pem = http::testing::make_test_identity().certificate_pem;
  made->house.restart();
  ASSERT_OK(handovers().ask(consent()));
  wait_and_settle(5);
  EXPECT_TRUE(court.heard().empty());
  EXPECT_EQ(state().state, "waiting");
  made->house.legal = {court.settings("court")};
  made->house.restart();
  wait_and_settle(15);
  EXPECT_EQ(court.heard().size(), 1U);
}

TEST_F(LegalHandover, AServiceThatWasTakenOutOfTheSettingsWaitsForItsReturn) {
  ASSERT_OK(handovers().ask(consent()));
  made->house.legal.clear();
  made->house.restart();
  wait_and_settle(5);
  EXPECT_TRUE(court.heard().empty());
  EXPECT_EQ(state().state, "waiting");
  made->house.legal = {court.settings("court")};
  made->house.restart();
  wait_and_settle(15);
  EXPECT_EQ(state().state, "heard");
}

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
// mutant: tests/mutants/ECP-3.2.4.2-f.package
TEST_F(LegalHandover, APackageThatWasExchangedMeanwhileDoesNotLeave) {
  ASSERT_OK(handovers().ask(consent()));
  ASSERT_OK(made->house.services->database->with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE contract_evidence SET file = (SELECT file FROM contract_evidence WHERE "
        "contract_id = ?2) WHERE contract_id = ?1",
        id, made->first);
  }));
  wait_and_settle(3);
  EXPECT_TRUE(court.heard().empty());
  EXPECT_EQ(state().failure, "conflict");
}

TEST(LegalSettings, AreReadFromAFolderAndFaultsAreNamed) {
  TemporaryFolder folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    ASSERT_OK(base::write_file(folder.path() + "/" + name, base::bytes_of(text)));
  };
  write("b-court.toml", "title = \"某法院\"\nurl = \"https://court.example/cases\"\n");
  write("a.toml", "title = \"A\"\nurl = \"https://a.example\"\ntrust = \"a.pem\"\n");
  write("a.pem", "-----BEGIN CERTIFICATE-----\n");
  write("notes.txt", "not a setting");
  const auto read = must(program::read_legal_settings(folder.path()));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].service.name, "a");
  EXPECT_EQ(read[0].trusted_pem, "-----BEGIN CERTIFICATE-----\n");
  EXPECT_EQ(read[1].service.title, "某法院");
  EXPECT_TRUE(must(program::read_legal_settings("")).empty());
  EXPECT_ERROR(program::read_legal_settings(folder.path() + "/none"), Code::not_found);
  const auto parsed = [&](const std::string& file, const std::string& text) {
    return program::parse_legal_settings(folder.path(), file, text);
  };
  EXPECT_ERROR(parsed("x.toml", "url = \"https://a\"\n"), Code::not_found);
  EXPECT_ERROR(parsed("x.toml", "title = \"A\"\n"), Code::not_found);
  EXPECT_ERROR(parsed("x.toml", "title = \"\"\nurl = \"https://a\"\n"), Code::malformed);
  EXPECT_ERROR(parsed("x.toml", "title = \"A\"\nurl = \"http://a.example\"\n"), Code::malformed);
  EXPECT_ERROR(parsed("x.toml", "title = \"A\"\nurl = \"https://u:p@a\"\n"), Code::malformed);
  EXPECT_ERROR(parsed("x.toml", "title = \"A\"\nurl = \"https://a\"\nmore = 1\n"), Code::malformed);
  EXPECT_FALSE(parsed("x.toml", "title = \"A\"\nurl = \"https://a\"\ntrust = \"no.pem\"\n"));
  for (const std::string name : {"Übel.toml", "A.toml", ".toml", "a b.toml"})
    EXPECT_ERROR(parsed(name, "title = \"A\"\nurl = \"https://a\"\n"), Code::malformed) << name;
}

}  // namespace
}  // namespace heqi::testing
