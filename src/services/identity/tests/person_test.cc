#include "identity_fixture.h"

namespace heqi::services::identity {
namespace {

using base::Code;

class PersonTest : public IdentityFixture {
 protected:
  base::Result<Person> add(std::string name, std::string number,
                           std::string email = "Zhang@Example.cn") {
    return persons.add({std::move(name), std::move(email), "13800138000", std::move(number)});
  }
  Persons persons{*database, clock, random, key};
  SandboxProvider sandbox{random};
  Verifications verifications{*database, persons, sandbox, clock, random};
};

// shows-part: ECP-ID-9 (the masks are applied by the interface for telephone and e-mail)
TEST_F(PersonTest, AnIdNumberIsFoundAgainWithoutBeingKept) {
  if (heqi::testing::runs_on_postgresql()) GTEST_SKIP() << "reads the file of the other engine";
  const auto person = add("张三", kZhangNumber);
  ASSERT_OK(person);
  EXPECT_EQ(person->id_number_masked, "110*************2X");
  EXPECT_EQ(person->email, "zhang@example.cn");
  EXPECT_EQ(person->state, PersonState::unverified);
  const auto found = persons.find_by_id_number("11010519491231002x");
  ASSERT_OK(found);
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->id, person->id);
  EXPECT_FALSE(persons.find_by_id_number(kLiNumber)->has_value());
  EXPECT_FALSE(database_holds(kZhangNumber));
  EXPECT_FALSE(database_holds("19491231"));
  EXPECT_TRUE(database_holds("110*************2X"));  // the search itself works
}

TEST_F(PersonTest, OneIdNumberIsOnePerson) {
  ASSERT_OK(add("张三", kZhangNumber));
  EXPECT_ERROR(add("张小三", kZhangNumber), Code::conflict);
  EXPECT_ERROR(add("张小三", "11010519491231002x"), Code::conflict);
  ASSERT_OK(add("李四", kLiNumber));
  EXPECT_EQ(persons.find_by_email("ZHANG@example.cn")->size(), 2u);
}

TEST_F(PersonTest, WhoeverAddsAPersonKeepsThemAndNobodyElseDoes) {
  const auto kept = [&](std::string keeper, std::string number, std::string name = "张三") {
    return persons.add({.name = std::move(name),
                        .email = "zhang@example.cn",
                        .id_number = std::move(number),
                        .keeper = std::move(keeper)});
  };
  const auto first = kept("user:a", kZhangNumber);
  ASSERT_OK(first);
  EXPECT_TRUE(*persons.is_kept_by(first->id, "user:a"));
  EXPECT_FALSE(*persons.is_kept_by(first->id, "user:b"));
  EXPECT_FALSE(*persons.is_kept_by(first->id, ""));
  // Who knows name, address and number gets the same person; who guesses does not.
  EXPECT_ERROR(kept("user:b", kZhangNumber, "张四"), Code::conflict);
  EXPECT_TRUE(persons.list_kept_by("user:b", 10)->empty());
  EXPECT_EQ(kept("user:b", kZhangNumber)->id, first->id);
  EXPECT_EQ(persons.list_kept_by("user:b", 10)->size(), 1u);
  // Without a number one finds only one's own persons again.
  EXPECT_EQ(kept("user:a", "")->id, first->id);
  const auto other = kept("user:c", "");
  ASSERT_OK(other);
  EXPECT_NE(other->id, first->id);
  EXPECT_EQ(kept("user:c", "")->id, other->id);
  EXPECT_ERROR(verifications.start(other->id, kZhangNumber), Code::denied);
  EXPECT_ERROR(verifications.start(first->id, ""), Code::denied);
  EXPECT_OK(verifications.start(other->id, ""));
}

TEST_F(PersonTest, NumbersThatCannotBeAreRefusedWithoutRepeatingThem) {
  for (const char* number : {"", "110105194912310020", "11010519491331002X", "11010519490230002X",
                             "1101051949123100", "11010519491231002Y", "1101051949123100X2",
                             "12345", "A1", "E1234567 9", "E12345678901234567890"}) {
    const auto refused = check_id_number(number);
    ASSERT_ERROR(refused, Code::malformed) << number;
    if (*number == '\0') continue;
    EXPECT_EQ(refused.error().detail.find(number), std::string::npos);
  }
  EXPECT_OK(check_id_number("E12345678"));  // a passport
  EXPECT_ERROR(add("", kZhangNumber), Code::malformed);
  EXPECT_ERROR(add("a\nb", kZhangNumber), Code::malformed);
  EXPECT_ERROR(add("张三", kZhangNumber, "nobody"), Code::malformed);
}

TEST_F(PersonTest, MasksHideTheMiddle) {
  EXPECT_EQ(mask_phone("13800138000"), "138****8000");
  EXPECT_EQ(mask_phone("12345"), "*****");
  EXPECT_EQ(mask_email("zhang@example.cn"), "z***@example.cn");
  EXPECT_EQ(mask_email("@"), "***");
  EXPECT_EQ(mask_id_number("123"), "***");
}

// shows-part: ECP-ID-1 (the identity-card images and the liveness clip of a real provider)
TEST_F(PersonTest, OnlyTheProvidersSuccessMakesAPersonVerified) {
  const auto person = add("张三", kZhangNumber);
  auto verification = verifications.start(person->id, kZhangNumber);
  ASSERT_OK(verification);
  EXPECT_TRUE(verification->challenge.starts_with("SANDBOX ")) << verification->challenge;
  EXPECT_ERROR(verifications.submit(verification->id, base::bytes_of("something else")),
               Code::identity_refused);
  EXPECT_FALSE(persons.get(person->id)->is_verified());
  const auto done = verifications.submit(verification->id, base::bytes_of(verification->challenge));
  ASSERT_OK(done);
  EXPECT_EQ(done->state, VerificationState::verified);
  EXPECT_TRUE(persons.get(person->id)->is_verified());
  EXPECT_EQ(persons.get(person->id)->verified_by, "sandbox");
  // Ended: neither again, nor another one.
  EXPECT_ERROR(verifications.submit(verification->id, base::bytes_of(verification->challenge)),
               Code::conflict);
  EXPECT_ERROR(verifications.start(person->id, kZhangNumber), Code::conflict);
}

TEST_F(PersonTest, AVerificationEndsAfterTooManyTriesAndAfterItsTime) {
  const auto person = add("张三", kZhangNumber);
  const auto first = verifications.start(person->id, kZhangNumber);
  for (int i = 0; i < kEvidenceTries; ++i)
    EXPECT_ERROR(verifications.submit(first->id, base::bytes_of("wrong")), Code::identity_refused);
  EXPECT_ERROR(verifications.submit(first->id, base::bytes_of(first->challenge)), Code::conflict);
  EXPECT_EQ(verifications.get(first->id)->state, VerificationState::refused);
  const auto second = verifications.start(person->id, kZhangNumber);
  ASSERT_OK(second);
  clock.advance(kVerificationTime);
  EXPECT_EQ(verifications.get(second->id)->state, VerificationState::expired);
  EXPECT_ERROR(verifications.submit(second->id, base::bytes_of(second->challenge)), Code::expired);
  EXPECT_FALSE(persons.get(person->id)->is_verified());
}

TEST_F(PersonTest, TheSandboxRefusesTheNamesMadeForIt) {
  const auto refused = add("拒绝一", kZhangNumber), other = add("Refused Two", kLiNumber);
  EXPECT_ERROR(verifications.start(refused->id, kZhangNumber), Code::identity_refused);
  EXPECT_ERROR(verifications.start(other->id, kLiNumber), Code::identity_refused);
}

// shows-part: ECP-LAW-4 (the fresh check at signing time)
TEST_F(PersonTest, SomebodyElsesIdNumberDoesNotVerify) {
  ASSERT_OK(add("张父", kZhangNumber));
  const auto child = add("张子", kLiNumber);
  EXPECT_ERROR(verifications.start(child->id, kZhangNumber), Code::denied);
}

TEST_F(PersonTest, StatesLeadOnlyWhereTheyShould) {
  const auto person = add("张三", kZhangNumber);
  EXPECT_ERROR(persons.set_state(person->id, PersonState::verified), Code::conflict);
  EXPECT_ERROR(persons.set_state(person->id, PersonState::suspended), Code::conflict);
  const auto verification = verifications.start(person->id, kZhangNumber);
  ASSERT_OK(verifications.submit(verification->id, base::bytes_of(verification->challenge)));
  EXPECT_OK(persons.set_state(person->id, PersonState::suspended));
  EXPECT_OK(persons.set_state(person->id, PersonState::verified));
  EXPECT_OK(persons.set_state(person->id, PersonState::cancelled));
  EXPECT_ERROR(persons.set_state(person->id, PersonState::verified), Code::conflict);
  EXPECT_ERROR(persons.get("nobody"), Code::not_found);
}

}  // namespace
}  // namespace heqi::services::identity
