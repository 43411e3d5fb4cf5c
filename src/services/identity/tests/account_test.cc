#include <heqi/services/identity/account.h>

#include <mutex>

#include "identity_fixture.h"

namespace heqi::services::identity {
namespace {

using base::Code;

base::SecretBytes secret(std::string_view text) {
  return base::SecretBytes::copy_of(base::bytes_of(text));
}

constexpr std::string_view kRight = "correct horse", kWrong = "battery staple";

class AccountTest : public IdentityFixture {
 protected:
  AccountTest() {
    const auto added = accounts.add({"Desk@Example.cn", Role::operator_of_desk}, secret(kRight));
    EXPECT_OK(added);
    user_id = added->id;
  }
  base::Result<Session> sign_in(std::string_view password,
                                const std::string& address = "10.0.0.1") {
    return accounts.sign_in("desk@example.cn", secret(password), address);
  }
  base::NullLog log;
  Accounts accounts{*database, clock, random, log, {.memory_kib = 64, .passes = 1}};
  std::string user_id;
};

// shows-part: ECP-ID-4b (fingerprint and face)
TEST_F(AccountTest, APasswordOpensASessionUntilItEnds) {
  const auto session = sign_in(kRight);
  ASSERT_OK(session);
  EXPECT_EQ(session->user.role, Role::operator_of_desk);
  const auto user = accounts.get_session(session->token);
  ASSERT_OK(user);
  EXPECT_EQ(user->id, user_id);
  EXPECT_ERROR(accounts.get_session(session->token + "x"), Code::unauthenticated);
  EXPECT_ERROR(accounts.get_session(""), Code::unauthenticated);
  ASSERT_OK(accounts.sign_out(session->token));
  EXPECT_ERROR(accounts.get_session(session->token), Code::unauthenticated);
}

TEST_F(AccountTest, NeitherPasswordNorTokenIsInTheDatabase) {
  if (heqi::testing::runs_on_postgresql()) GTEST_SKIP() << "reads the file of the other engine";
  const auto session = sign_in(kRight);
  EXPECT_FALSE(database_holds(kRight));
  EXPECT_FALSE(database_holds(session->token));
  EXPECT_TRUE(database_holds("$argon2id$v=19$m=64,t=1,p=1$"));
}

TEST_F(AccountTest, ASessionEndsWhenIdleAndAfterItsTime) {
  const auto session = sign_in(kRight);
  clock.advance(kSessionIdleTime - std::chrono::minutes(1));
  EXPECT_OK(accounts.get_session(session->token));
  clock.advance(kSessionIdleTime - std::chrono::minutes(1));
  EXPECT_OK(accounts.get_session(session->token));
  clock.advance(kSessionIdleTime);
  EXPECT_ERROR(accounts.get_session(session->token), Code::unauthenticated);
  const auto busy = sign_in(kRight);
  for (int i = 0; i < 36; ++i) {
    clock.advance(std::chrono::minutes(20));
    (void)accounts.get_session(busy->token).has_value();
  }
  EXPECT_ERROR(accounts.get_session(busy->token), Code::unauthenticated);
}

TEST_F(AccountTest, AWrongPasswordAndAnUnknownUserAreNotToldApart) {
  const auto wrong = sign_in(kWrong);
  const auto unknown = accounts.sign_in("nobody@example.cn", secret(kWrong), "10.0.0.1");
  ASSERT_ERROR(wrong, Code::identity_sign_in_failed);
  ASSERT_ERROR(unknown, Code::identity_sign_in_failed);
  EXPECT_EQ(wrong.error().detail, unknown.error().detail);
}

// shows-part: ECP-ID-4b (fingerprint and face)   mutant: tests/mutants/ECP-ID-4b
TEST_F(AccountTest, AfterTooManyWrongPasswordsTheAccountWaits) {
  for (int i = 0; i < kSignInTries; ++i)
    EXPECT_ERROR(sign_in(kWrong, "10.0.0." + std::to_string(i)), Code::identity_sign_in_failed);
  // The right one has to wait too, or it would tell.
  EXPECT_ERROR(sign_in(kRight, "10.1.1.1"), Code::rate_limited);
  clock.advance(kSignInWaitFirst);
  EXPECT_ERROR(sign_in(kWrong), Code::identity_sign_in_failed);
  clock.advance(kSignInWaitFirst);  // now it is twice as long
  EXPECT_ERROR(sign_in(kRight), Code::rate_limited);
  clock.advance(kSignInWaitFirst);
  EXPECT_OK(sign_in(kRight));
  EXPECT_ERROR(sign_in(kWrong), Code::identity_sign_in_failed);
  EXPECT_OK(sign_in(kRight));  // counted anew
}

TEST_F(AccountTest, TheWaitSurvivesARestart) {
  for (int i = 0; i < kSignInTries; ++i) (void)sign_in(kWrong).has_value();
  Accounts again{*database, clock, random, log, {.memory_kib = 64, .passes = 1}};
  EXPECT_ERROR(again.sign_in("desk@example.cn", secret(kRight), "10.0.0.9"), Code::rate_limited);
}

TEST_F(AccountTest, AnAddressThatTriesManyUsersWaits) {
  for (int i = 0; i < kAddressTries; ++i)
    EXPECT_ERROR(
        accounts.sign_in("user" + std::to_string(i) + "@example.cn", secret(kWrong), "10.9.9.9"),
        Code::identity_sign_in_failed);
  EXPECT_ERROR(sign_in(kRight, "10.9.9.9"), Code::rate_limited);
  EXPECT_OK(sign_in(kRight, "10.9.9.8"));
  clock.advance(kAddressWindow);
  EXPECT_OK(sign_in(kRight, "10.9.9.9"));
  // The addresses of one IPv6 network count as one.
  for (int i = 0; i < kAddressTries; ++i)
    (void)accounts
        .sign_in("nobody@example.cn", secret(kWrong), "2001:db8:0:1::" + std::to_string(i))
        .has_value();
  EXPECT_ERROR(sign_in(kRight, "2001:db8:0:1::ffff"), Code::rate_limited);
}

TEST_F(AccountTest, ASignInThatSucceedsDoesNotCountAgainstItsAddress) {
  for (int i = 0; i < 2 * kAddressTries; ++i) EXPECT_OK(sign_in(kRight));
}

TEST_F(AccountTest, ANewPasswordEndsAllSessions) {
  const auto session = sign_in(kRight);
  EXPECT_ERROR(accounts.change_password(user_id, secret(kWrong), secret("another password")),
               Code::identity_sign_in_failed);
  EXPECT_ERROR(accounts.change_password(user_id, secret(kRight), secret("short")), Code::malformed);
  ASSERT_OK(accounts.change_password(user_id, secret(kRight), secret("another password")));
  EXPECT_ERROR(accounts.get_session(session->token), Code::unauthenticated);
  EXPECT_ERROR(sign_in(kRight), Code::identity_sign_in_failed);
  EXPECT_OK(sign_in("another password"));
}

TEST_F(AccountTest, ADeactivatedUserIsOut) {
  const auto session = sign_in(kRight);
  ASSERT_OK(accounts.deactivate(user_id));
  EXPECT_ERROR(accounts.get_session(session->token), Code::unauthenticated);
  EXPECT_ERROR(sign_in(kRight), Code::identity_sign_in_failed);
  EXPECT_ERROR(accounts.deactivate("nobody"), Code::not_found);
}

TEST_F(AccountTest, UsersAreCheckedAndUnique) {
  EXPECT_ERROR(accounts.add({"DESK@example.cn"}, secret(kRight)), Code::conflict);
  EXPECT_ERROR(accounts.add({"nobody"}, secret(kRight)), Code::malformed);
  EXPECT_ERROR(accounts.add({"a@example.cn"}, secret("short")), Code::malformed);
  EXPECT_ERROR(accounts.add({"a@example.cn"}, base::SecretBytes(300)), Code::malformed);
  EXPECT_ERROR(parse_role("root"), Code::malformed);
  EXPECT_EQ(accounts.list(10)->size(), 1u);
}

TEST_F(AccountTest, TheFirstAdministratorIsMadeOnlyWhereThereIsNobody) {
  EXPECT_FALSE(accounts.open_setup()->has_value());
  EXPECT_ERROR(accounts.set_up("token", "admin@example.cn", secret(kRight), "10.0.0.1"),
               Code::conflict);
}

// shows-part: ECP-ADM-1 (organisation structure, seals and templates; a record of each change)
TEST_F(AccountTest, AnAdministratorStays) {
  EXPECT_ERROR(accounts.set_role("nobody", Role::auditor), Code::not_found);
  ASSERT_OK(accounts.set_role(user_id, Role::administrator));
  EXPECT_ERROR(accounts.set_role(user_id, Role::member), Code::conflict);
  EXPECT_ERROR(accounts.deactivate(user_id), Code::conflict);
  EXPECT_EQ(accounts.get(user_id)->role, Role::administrator);
  EXPECT_TRUE(accounts.get(user_id)->is_active);
  const auto other = accounts.add({"b@example.cn", Role::administrator}, secret(kRight));
  ASSERT_OK(accounts.deactivate(user_id));
  EXPECT_ERROR(accounts.set_role(other->id, Role::member), Code::conflict);
  ASSERT_OK(accounts.activate(user_id));
  EXPECT_OK(accounts.set_role(other->id, Role::member));
}

class EmptyDeskTest : public IdentityFixture {
 public:
  base::NullLog log;
  Accounts accounts{*database, clock, random, log, {.memory_kib = 64, .passes = 1}};
  base::Status set_up(std::string_view token, std::string_view peer = "10.0.0.1") {
    const auto made = accounts.set_up(token, "Admin@example.cn",
                                      base::SecretBytes::copy_of(base::bytes_of("long enough 1")),
                                      std::string(peer));
    return made ? base::Status() : made.error();
  }
};

// shows-part: ECP-ADM-1 (organisation structure, seals and templates; a record of each change)
TEST_F(EmptyDeskTest, TheFirstAdministratorIsMadeOnceWithAnyTokenThatWasShown) {
  // The first start may have died before it printed its token; the second prints another.
  const auto lost = accounts.open_setup(), shown = accounts.open_setup();
  ASSERT_TRUE(lost->has_value() && shown->has_value());
  EXPECT_NE(**lost, **shown);
  EXPECT_ERROR(set_up("no token"), Code::denied);
  EXPECT_ERROR(set_up(""), Code::denied);
  ASSERT_OK(set_up(**shown));
  EXPECT_EQ(accounts.list(10)->at(0).role, Role::administrator);
  EXPECT_OK(accounts.sign_in(
      "admin@example.cn", base::SecretBytes::copy_of(base::bytes_of("long enough 1")), "10.0.0.1"));
  EXPECT_ERROR(set_up(**shown), Code::conflict);
  EXPECT_ERROR(set_up(**lost), Code::conflict);
  EXPECT_FALSE(accounts.open_setup()->has_value());
  EXPECT_EQ(accounts.list(10)->size(), 1u);
}

TEST_F(EmptyDeskTest, ATokenEndsAfterADayAndGuessingIsSlow) {
  const auto token = accounts.open_setup();
  clock.advance(kSetupTime);
  EXPECT_ERROR(set_up(**token), Code::denied);
  for (std::int64_t i = 1; i < kAddressTries; ++i) EXPECT_ERROR(set_up("guess"), Code::denied);
  const auto fresh = accounts.open_setup();
  EXPECT_ERROR(set_up(**fresh), Code::rate_limited);
  EXPECT_OK(set_up(**fresh, "10.0.0.2"));
}

TEST_F(EmptyDeskTest, ABadAddressOrPasswordDoesNotUseTheTokenUp) {
  const auto token = accounts.open_setup();
  EXPECT_ERROR(accounts.set_up(**token, "nobody", base::SecretBytes(12), "10.0.0.1"),
               Code::malformed);
  EXPECT_ERROR(accounts.set_up(**token, "a@example.cn", base::SecretBytes(3), "10.0.0.1"),
               Code::malformed);
  EXPECT_OK(set_up(**token));
}

}  // namespace
}  // namespace heqi::services::identity
