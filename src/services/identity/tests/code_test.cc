#include <thread>

#include "identity_fixture.h"

namespace heqi::services::identity {
namespace {

using base::Code;
using base::Status;

// Told keeps what the listener was told.
class Told final : public CodeListener {
 public:
  Status code_issued(sql::Transaction&, const Person& person, const std::string& code_id,
                     base::Time) override {
    issued.push_back(person.id + " " + code_id);
    return {};
  }
  Status code_voided(sql::Transaction&, const Person& person, const std::string& code_id) override {
    voided.push_back(person.id + " " + code_id);
    return {};
  }
  std::vector<std::string> issued, voided;
};

class CodeTest : public IdentityFixture {
 protected:
  CodeTest() {
    zhang = verified("张三", kZhangNumber);
    li = verified("李四", kLiNumber);
  }
  std::string verified(std::string name, std::string number) {
    const auto person = persons.add({std::move(name), "a@example.cn", "", number});
    EXPECT_OK(person);
    const auto verification = verifications.start(person->id, number);
    EXPECT_OK(verifications.submit(verification->id, base::bytes_of(verification->challenge)));
    return person->id;
  }
  std::string new_code(const std::string& person_id) {
    const auto issued = codes.issue(person_id);
    EXPECT_OK(issued);
    const auto text = codes.text_of(issued->id);
    EXPECT_OK(text);
    return *text;
  }
  // wrong differs from code in its last character only.
  static std::string wrong(std::string code) {
    code.back() = code.back() == '2' ? '3' : '2';
    return code;
  }

  Persons persons{*database, clock, random, key};
  SandboxProvider sandbox{random};
  Verifications verifications{*database, persons, sandbox, clock, random};
  Told told;
  Codes codes{*database, persons, clock, random, key, told};
  std::string zhang, li;
};

// shows: MSSP-6.2.2-pre2
TEST_F(CodeTest, ACodeAuthenticatesItsPersonOnceAndOnOneDevice) {
  const std::string code = new_code(zhang);
  EXPECT_EQ(code.size(), 18u) << code;
  const auto person = codes.redeem(code, "device-1");
  ASSERT_OK(person);
  EXPECT_EQ(person->id, zhang);
  EXPECT_ERROR(codes.redeem(code, "device-2"), Code::identity_code_void);
  EXPECT_EQ(*codes.find_device_person("device-1"), zhang);
  EXPECT_EQ(*codes.find_device_person("device-2"), std::nullopt);
  // A device whose enrolment broke off goes on with its code; for a while.
  EXPECT_OK(codes.redeem(code, "device-1"));
  clock.advance(kCodeTime);
  EXPECT_ERROR(codes.redeem(code, "device-1"), Code::expired);
}

// shows: MSSP-6.2.2-pre2
TEST_F(CodeTest, ACodeExpires) {
  const auto issued = codes.issue(zhang);
  const std::string code = *codes.text_of(issued->id);
  clock.advance(kCodeTime);
  EXPECT_ERROR(codes.redeem(code, "device-1"), Code::expired);
  EXPECT_ERROR(codes.text_of(issued->id), Code::identity_code_void);
  EXPECT_EQ(*codes.find_device_person("device-1"), std::nullopt);
}

// shows-part: MSSP-6.2.2-a (the request of the CA)
TEST_F(CodeTest, OnlyAVerifiedPersonGetsACode) {
  const auto stranger = persons.add({"王五", "w@example.cn", "", "E12345678"});
  ASSERT_OK(stranger);
  EXPECT_ERROR(codes.issue(stranger->id), Code::identity_unverified);
  EXPECT_ERROR(codes.issue("nobody"), Code::not_found);
  ASSERT_OK(persons.set_state(li, PersonState::suspended));
  EXPECT_ERROR(codes.issue(li), Code::identity_unverified);
  EXPECT_TRUE(told.issued.empty());
}

TEST_F(CodeTest, ACodeOfAPersonSuspendedSinceIsRefused) {
  const std::string code = new_code(zhang);
  ASSERT_OK(persons.set_state(zhang, PersonState::suspended));
  EXPECT_ERROR(codes.redeem(code, "device-1"), Code::identity_unverified);
  EXPECT_EQ(*codes.find_device_person("device-1"), std::nullopt);
}

// shows: MSSP-6.2.2-pre   mutant: tests/mutants/MSSP-6.2.2-pre
TEST_F(CodeTest, ADeviceThatIsBoundToSomebodyElseIsRefused) {
  ASSERT_OK(codes.redeem(new_code(zhang), "device-1"));
  EXPECT_ERROR(codes.redeem(new_code(li), "device-1"), Code::denied);
  EXPECT_EQ(*codes.find_device_person("device-1"), zhang);
  EXPECT_OK(codes.redeem(new_code(zhang), "device-1"));  // their own again
  ASSERT_OK(codes.release_device("device-1"));
  EXPECT_OK(codes.redeem(new_code(li), "device-1"));
}

// shows-part: MSSP-6.2.2-d2 (that the CA hears of it is program's wiring)   mutant:
// tests/mutants/MSSP-6.2.2-d2
TEST_F(CodeTest, WrongTriesAreCountedAndTheLastOneVoidsTheCode) {
  const auto issued = codes.issue(zhang);
  const std::string code = *codes.text_of(issued->id);
  for (std::int64_t left = kCodeTries - 1; left > 0; --left) {
    const auto refused = codes.redeem(wrong(code), "device-1");
    ASSERT_ERROR(refused, Code::identity_code_wrong);
    EXPECT_NE(refused.error().detail.find("tries left: " + std::to_string(left)),
              std::string::npos);
  }
  EXPECT_TRUE(told.voided.empty());
  EXPECT_ERROR(codes.redeem(wrong(code), "device-1"), Code::identity_code_void);
  EXPECT_EQ(told.voided, std::vector<std::string>{zhang + " " + issued->id});
  EXPECT_ERROR(codes.redeem(code, "device-1"), Code::identity_code_void);
  EXPECT_ERROR(codes.text_of(issued->id), Code::identity_code_void);
}

TEST_F(CodeTest, ParallelGuessesAreCountedOneByOne) {
  const std::string code = new_code(zhang);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&] { (void)codes.redeem(wrong(code), "device-1").has_value(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_ERROR(codes.redeem(code, "device-1"), Code::identity_code_void);
  EXPECT_EQ(told.voided.size(), 1u);
}

TEST_F(CodeTest, ATryIsNotLostOnARightCode) {
  const std::string code = new_code(zhang);
  EXPECT_ERROR(codes.redeem(wrong(code), "device-1"), Code::identity_code_wrong);
  EXPECT_OK(codes.redeem(code, "device-1"));
  EXPECT_OK(codes.redeem(code, "device-1"));
}

TEST_F(CodeTest, ANewCodeVoidsTheOldOne) {
  const std::string old = new_code(zhang), others = new_code(li), next = new_code(zhang);
  EXPECT_ERROR(codes.redeem(old, "device-1"), Code::identity_code_void);
  EXPECT_OK(codes.redeem(next, "device-1"));
  EXPECT_OK(codes.redeem(others, "device-2"));
}

TEST_F(CodeTest, WritingItDifferentlyDoesNotMatter) {
  std::string code = new_code(zhang);
  std::string spaced;
  for (char c : code) {
    if (c == '-') continue;
    spaced.push_back(c >= 'A' ? static_cast<char>(c + 32) : c);
    spaced.push_back(' ');
  }
  EXPECT_OK(codes.redeem(spaced, "device-1"));
}

TEST_F(CodeTest, WhatIsNotACodeIsRefused) {
  const std::string code = new_code(zhang);
  for (const std::string& text :
       std::vector<std::string>{"", "K7QF2M", code + "2", code.substr(1), "111111-11111-11111",
                                std::string(16, '2'), "' OR 1=1 --", std::string(100000, '2')})
    EXPECT_ERROR(codes.redeem(text, "device-1"), Code::identity_code_wrong) << text.substr(0, 40);
  EXPECT_ERROR(codes.redeem(code, ""), Code::malformed);
  EXPECT_ERROR(codes.redeem(code, std::string(200, 'd')), Code::malformed);
}

TEST_F(CodeTest, TheSecretHalfStandsNowhereInTheDatabase) {
  const std::string code = new_code(zhang);
  EXPECT_TRUE(database_holds(code.substr(0, 6)));  // the locator: the search itself works
  std::string secret = code.substr(7, 5) + code.substr(13);
  EXPECT_FALSE(database_holds(secret));
  EXPECT_FALSE(database_holds(code.substr(7, 5)));
  ASSERT_OK(codes.redeem(code, "device-1"));
  EXPECT_FALSE(database_holds(code.substr(13)));
  // Another installation's key gives another code: a copied database is worth nothing.
  IdentityKey other{base::SecretBytes::copy_of(base::Bytes(32, 0x5b))};
  Codes stolen{*database, persons, clock, random, other, told};
  const auto issued = codes.issue(li);
  EXPECT_NE(*stolen.text_of(issued->id), *codes.text_of(issued->id));
}

TEST_F(CodeTest, TheListenerIsToldInTheTransaction) {
  EXPECT_ERROR(database->with_transaction([&](sql::Transaction& transaction) -> Status {
    HEQI_TRY(codes.issue_in(transaction, zhang));
    return base::fail(Code::conflict, "rolled back");
  }),
               Code::conflict);
  ASSERT_EQ(told.issued.size(), 1u);
  EXPECT_ERROR(codes.text_of(told.issued[0].substr(told.issued[0].find(' ') + 1)), Code::not_found);
}

}  // namespace
}  // namespace heqi::services::identity
