// The ID number that a person states from a link is a claim until the provider confirms it: it can
// be put right, and stands in nobody's way for long.
#include "api_fixture.h"

namespace heqi::api {
namespace {

constexpr const char *kAddress = "li@example.cn", *kNumber = "11010519491231002X";

struct Claims : Api {
  std::string li, link, token;

  Claims() {
    li = must(house.services->persons.add({.name = "李四", .email = kAddress})).id;
    services::contract::ContractRequest request;
    request.owner = "application:desk";
    request.title = "租赁合同";
    request.parties = {{.person_id = li, .placement = {}}};
    request.document = house.example();
    auto& platform = house.services->platform;
    must(platform.start("application:desk", must(platform.create(request)).id));
    house.settle();
    link = house.link_for(kAddress);
    token = open_link(link, kAddress);
  }
  Response state(const std::string& number) {
    base::JsonWriter json;
    json.begin_object().field("name", "李四").field("id_number", number).end_object();
    return ask(Method::post, "/s/" + link + "/identity", json.str(), token);
  }
  Response prove(const Response& check, const std::string& evidence) {
    base::JsonWriter json;
    json.begin_object()
        .field("check", text_at(check, "check"))
        .field("evidence", evidence)
        .end_object();
    return ask(Method::post, "/s/" + link + "/identity/evidence", json.str(), token);
  }
  services::identity::Person person() { return must(house.services->persons.get(li)); }
  // the_owner is somebody else, whose number kNumber is.
  base::Result<services::identity::Person> the_owner() {
    return house.services->persons.add(
        {.name = "张三", .email = "zhang@example.cn", .id_number = kNumber});
  }
};

// shows: MSSP-6.2.2-a   mutant: tests/mutants/MSSP-6.2.2-a.claim
TEST_F(Claims, AMistypedNumberIsStatedAgainAndTheEarlierCheckProvesNothing) {
  const Response first = state(kNumber);
  ASSERT_EQ(first.status, 201) << base::text_of(first.body);
  const Response second = state("E12345678");
  ASSERT_EQ(second.status, 201) << base::text_of(second.body);
  EXPECT_FALSE(prove(first, text_at(first, "challenge")).status == 200);
  EXPECT_FALSE(person().is_verified());
  EXPECT_EQ(prove(second, text_at(second, "challenge")).status, 200);
  EXPECT_TRUE(person().is_verified());
  EXPECT_EQ(person().id_number_masked, "E12****78");
  expect_problem(state(kNumber), Code::denied);  // confirmed is confirmed
}

TEST_F(Claims, ANumberThatTheProviderRefusedIsNobodys) {
  const Response check = state(kNumber);
  for (int i = 0; i < services::identity::kEvidenceTries; ++i) {
    EXPECT_FALSE(person().id_number_masked.empty());
    expect_problem(prove(check, "wrong"), Code::identity_refused);
  }
  EXPECT_TRUE(person().id_number_masked.empty());
  EXPECT_OK(the_owner());
}

TEST_F(Claims, AClaimStandsInItsOwnersWayForHalfAnHourAtMost) {
  const Response check = state(kNumber);
  ASSERT_EQ(check.status, 201);
  EXPECT_ERROR(the_owner(), Code::conflict);
  house.clock.advance(services::identity::kVerificationTime);
  EXPECT_OK(the_owner());
  EXPECT_TRUE(person().id_number_masked.empty());
  EXPECT_FALSE(prove(check, text_at(check, "challenge")).status == 200);
  expect_problem(state(kNumber), Code::denied);
  EXPECT_FALSE(person().is_verified());
}

TEST_F(Claims, ANumberThatSomebodyElseToldIsNoClaim) {
  const std::string number = "440308199901010012";
  const auto wang = must(house.services->persons.add(
      {.name = "王五", .email = "wang@example.cn", .id_number = number}));
  EXPECT_ERROR(house.services->persons.claim_id_number(wang.id, kNumber), Code::conflict);
  EXPECT_OK(house.services->persons.release_claim(wang.id));
  house.clock.advance(services::identity::kVerificationTime * 2);
  expect_problem(state(number), Code::denied);
  EXPECT_TRUE(must(house.services->persons.matches(wang.id, number)));
}

TEST_F(Claims, NumbersCannotBeTriedAtTheProviderForEver) {
  for (int i = 0; i < services::identity::kLinkIdentityTries; ++i)
    EXPECT_EQ(state("E1234567" + std::to_string(i)).status, 201) << i;
  expect_problem(state("E12345679"), Code::rate_limited);
}

}  // namespace
}  // namespace heqi::api
