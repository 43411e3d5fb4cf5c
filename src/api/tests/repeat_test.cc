// The repeat of a request that creates makes nothing new, whatever died in between.
#include "api_fixture.h"

namespace heqi::api {
namespace {

struct Repeat : ApiContracts {
  Request contract(const std::string& key, const std::string& title = "租赁合同") {
    Request request =
        form(R"({"title":")" + title + R"(","parties":[{"person":")" + zhang + "\"}]}",
             house.example(), token);
    request.headers.emplace_back("idempotency-key", key);
    return request;
  }
  std::int64_t contracts() { return house.number("SELECT COUNT(*) FROM contract_contracts"); }
};

// shows-part: ECP-ADM-3 (keys and signed callbacks)
TEST_F(Repeat, ARepeatedContractIsTheSameOneAfterARestartToo) {
  const Response first = answer(contract("order-4711"));
  ASSERT_EQ(first.status, 201) << base::text_of(first.body);
  const Response again = answer(contract("order-4711"));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(text_at(again, "id"), text_at(first, "id"));
  house.restart();
  EXPECT_EQ(text_at(answer(contract("order-4711")), "id"), text_at(first, "id"));
  EXPECT_EQ(contracts(), 1);
  // What has happened to it since is told, and not undone.
  ASSERT_EQ(
      ask(Method::post, "/api/v1/contracts/" + text_at(first, "id") + "/start", {}, token).status,
      202);
  EXPECT_EQ(text_at(answer(contract("order-4711")), "state"), "signing");
}

TEST_F(Repeat, TheBoundaryBetweenPartsIsNotAPartOfTheRequest) {
  const Response first = answer(contract("k"));
  Request again = contract("k");
  std::string body(base::text_of(again.body));
  for (std::size_t at; (at = body.find("--b0undary")) != std::string::npos;)
    body.replace(at, 10, "--an0ther1");
  again.body = base::to_bytes(body);
  again.headers[0].second = "multipart/form-data; boundary=an0ther1";
  EXPECT_EQ(text_at(answer(std::move(again)), "id"), text_at(first, "id"));
}

TEST_F(Repeat, AKeyNamesOneRequestOfOneOwner) {
  ASSERT_EQ(answer(contract("k")).status, 201);
  expect_problem(answer(contract("k", "另一份合同")), Code::conflict);
  EXPECT_EQ(contracts(), 1);
  EXPECT_EQ(answer(contract("k2")).status, 201);
  EXPECT_EQ(answer(form(description(), house.example(), token)).status, 201);
  EXPECT_EQ(answer(form(description(), house.example(), token)).status, 201);
  EXPECT_EQ(contracts(), 4);
  add_user("other@example.cn", services::identity::Role::member);
  keep(zhang, "other@example.cn");
  token = sign_in("other@example.cn");
  EXPECT_EQ(answer(contract("k", "另一份合同")).status, 201);
  EXPECT_EQ(contracts(), 5);
}

TEST_F(Repeat, ARequestThatWasRefusedMayBeRepeatedRight) {
  Request bad = contract("k");
  bad.body = base::to_bytes("--b0undary--\r\n");
  expect_problem(answer(std::move(bad)), Code::malformed);
  EXPECT_EQ(answer(contract("k")).status, 201);
}

TEST_F(Repeat, AKeyIsOneToSixtyFourVisibleCharacters) {
  for (const std::string& key : {std::string(), std::string(65, 'k'), std::string("a b"),
                                 std::string("合同"), std::string("a\x7f")})
    expect_problem(answer(contract(key)), Code::malformed, key);
  EXPECT_EQ(contracts(), 0);
  EXPECT_EQ(answer(contract(std::string(64, 'k'))).status, 201);
}

struct RepeatPerson : Api {
  std::string token = member();

  Response add(const std::string& key, const std::string& name = "张三") {
    Request request = make(Method::post, "/api/v1/persons",
                           R"({"name":")" + name + R"(","email":"zhang@example.cn"})");
    request.headers.emplace_back("authorization", "Bearer " + token);
    request.headers.emplace_back("idempotency-key", key);
    return answer(std::move(request));
  }
  static std::string verification(const Response& response) {
    const http::Json json = json_of(response);
    return *json.find("verification")->find("id")->text();
  }
};

// shows-part: ECP-ADM-3 (keys and signed callbacks)
TEST_F(RepeatPerson, ARepeatGetsThePersonAndTheCheckThatWasStarted) {
  const Response first = add("k");
  ASSERT_EQ(first.status, 201) << base::text_of(first.body);
  house.restart();
  const Response again = add("k");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(text_at(again, "id"), text_at(first, "id"));
  EXPECT_EQ(verification(again), verification(first));
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM identity_persons"), 1);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM identity_verifications"), 1);
}

TEST_F(RepeatPerson, AKeyNamesOneRequestOfOneKeeper) {
  ASSERT_EQ(add("k").status, 201);
  expect_problem(add("k", "李四"), Code::conflict);
  expect_problem(add("a key with blanks"), Code::malformed);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM identity_persons"), 1);
  add_user("other@example.cn", services::identity::Role::member);
  token = sign_in("other@example.cn");
  EXPECT_EQ(add("k", "李四").status, 201);
  EXPECT_EQ(house.number("SELECT COUNT(*) FROM identity_persons"), 2);
}

}  // namespace
}  // namespace heqi::api
