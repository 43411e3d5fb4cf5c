// Who may have a contract's evidence package handed to a legal service: its sender and its parties,
// each with consent; nobody else, and nobody without.
#include "api_fixture.h"

namespace heqi::api {
namespace {

using services::identity::Role;

// Legal is a complete contract and a service that is set; what leaves there is tests/signing's.
struct Legal : ApiContracts {
  std::string id, link;

  Legal() {
    house.legal = {
        {.service = {.name = "court", .title = "某法院", .address = "http://127.0.0.1:9/x"},
         .trusted_pem = {}}};
    house.restart();
    testing::Phone signer(house);
    EXPECT_OK(signer.enrol(house.code_for(zhang)));
    id = text_at(answer(form(description(), house.example(), token)), "id");
    EXPECT_EQ(ask(Method::post, path("/start"), {}, token).status, 202);
    house.settle();
    link = house.link_for("zhang@example.cn");
    EXPECT_EQ(ask(Method::post, "/s/" + link + "/sign").status, 202);
    EXPECT_OK(signer.sign());
    house.settle();
    EXPECT_EQ(text_at(ask(Method::get, path(""), {}, token), "state"), "complete");
  }
  std::string path(const std::string& rest = "/legal") { return "/api/v1/contracts/" + id + rest; }
  std::string words(const std::string& language = "words_zh") {
    const http::Json json = json_of(ask(Method::get, path(), {}, token));
    return *json.find("services")->array()->at(0).find(language)->text();
  }
  static std::string consent(const std::string& words, std::string_view given = "true") {
    base::JsonWriter json;
    json.begin_object().field("service", "court").field("words", words).end_object();
    std::string out = json.str();
    out.pop_back();
    return out + ",\"consent\":" + std::string(given) + "}";
  }
  std::size_t handovers() { return must(house.services->handovers.list(id)).size(); }
};

TEST_F(Legal, TheSenderSeesTheWordsConsentsAndSeesTheState) {
  const std::string text = words(), english = words("words_en");
  for (const std::string_view said : {"租赁合同", "某法院", "http://127.0.0.1:9/x"}) {
    EXPECT_NE(text.find(said), std::string::npos) << said;
    EXPECT_NE(english.find(said), std::string::npos) << said;
  }
  const Response made = ask(Method::post, path(), consent(english), token);
  ASSERT_EQ(made.status, 202) << base::text_of(made.body);
  EXPECT_EQ(text_at(made, "state"), "waiting");
  house.settle();
  const http::Json shown = json_of(ask(Method::get, path(), {}, token));
  ASSERT_EQ(shown.find("handovers")->array()->size(), 1U);
  const http::Json& one = shown.find("handovers")->array()->at(0);
  EXPECT_EQ(*one.find("id")->text(), text_at(made, "id"));
  EXPECT_EQ(*one.find("failure")->text(), "unavailable");  // nobody is there
  EXPECT_EQ(text_at(ask(Method::post, path(), consent(text), token), "id"), text_at(made, "id"));
}

// mutant: tests/mutants/ECP-3.2.4.2-f.consent
// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
TEST_F(Legal, WithoutConsentNothingIsHandedOver) {
  const std::string text = words();
  expect_problem(ask(Method::post, path(), consent(text, "false"), token), Code::denied);
  for (const std::string given : {"\"true\"", "1", "null", "\"\""})
    expect_problem(ask(Method::post, path(), consent(text, given), token), Code::malformed, given);
  expect_problem(ask(Method::post, path(), R"({"service":"court","words":"x"})", token),
                 Code::malformed);
  expect_problem(ask(Method::post, path(), R"({"service":"court","consent":true})", token),
                 Code::malformed);
  expect_problem(ask(Method::post, path(), consent("我同意"), token), Code::conflict);
  expect_problem(ask(Method::post, path(), "{}", token), Code::malformed);
  EXPECT_EQ(handovers(), 0U);
}

// mutant: tests/mutants/ECP-3.2.4.2-f.sender
// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
TEST_F(Legal, WhoIsNotTheSenderConsentsToNothing) {
  const std::string body = consent(words());
  expect_problem(ask(Method::post, path(), body), Code::unauthenticated);
  expect_problem(ask(Method::get, path()), Code::unauthenticated);
  add_user("other@example.cn", Role::member);
  const std::string other = sign_in("other@example.cn");
  expect_problem(ask(Method::post, path(), body, other), Code::not_found);
  expect_problem(ask(Method::get, path(), {}, other), Code::not_found);
  const std::string admin = administrator();
  expect_problem(ask(Method::post, path(), body, admin), Code::not_found);
  EXPECT_EQ(ask(Method::get, path(), {}, admin).status, 200);
  add_user("auditor@example.cn", Role::auditor);
  const std::string auditor = sign_in("auditor@example.cn");
  expect_problem(ask(Method::post, path(), body, auditor), Code::denied);
  EXPECT_EQ(ask(Method::get, path(), {}, auditor).status, 200);
  EXPECT_EQ(handovers(), 0U);
}

// shows-part: ECP-3.2.4.2-f (connectors of real services; answers of the service)
TEST_F(Legal, APartyConsentsFromTheLinkAfterTheCodeAndNotBefore) {
  const std::string body = consent(words()), there = "/s/" + link + "/legal";
  expect_problem(ask(Method::post, there, body), Code::unauthenticated);
  expect_problem(ask(Method::get, there), Code::unauthenticated);
  expect_problem(ask(Method::post, there, body, token), Code::unauthenticated);
  expect_problem(ask(Method::post, "/s/nobodys-link/legal", body), Code::not_found);
  EXPECT_EQ(handovers(), 0U);
  const std::string session = open_link(link, "zhang@example.cn");
  EXPECT_EQ(ask(Method::get, there, {}, session).status, 200);
  EXPECT_EQ(ask(Method::post, there, body, session).status, 202);
  ASSERT_EQ(handovers(), 1U);
  EXPECT_EQ(must(house.services->handovers.list(id)).at(0).by, "person:" + zhang);
  Request foreign = make(Method::post, there, body);
  foreign.headers.emplace_back("authorization", "Bearer " + session);
  foreign.headers.emplace_back("origin", "https://evil.example");
  foreign.headers.emplace_back("sec-fetch-site", "cross-site");
  expect_problem(answer(std::move(foreign)), Code::denied);
}

TEST_F(Legal, AnApplicationThatDidNotSendItConsentsToNothing) {
  add_bank();
  const std::string body = consent(words());
  expect_problem(answer(signed_by_bank(Method::post, path(), body)), Code::not_found);
  EXPECT_EQ(handovers(), 0U);
}

}  // namespace
}  // namespace heqi::api
