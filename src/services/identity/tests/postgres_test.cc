#include <heqi/services/identity/account.h>
#include <heqi/services/identity/application.h>
#include <heqi/services/identity/schema.h>
#include <heqi/services/identity/verification.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>

#include "identity_fixture.h"

namespace heqi::services::identity {
namespace {

using base::Code;

// Every statement of this service once on PostgreSQL, refusals included.
TEST(OnPostgresql, TheServiceBehavesAsOnSqlite) {
  heqi::testing::PostgresCluster* const cluster = heqi::testing::shared_postgres();
  if (cluster == nullptr)
    GTEST_SKIP() << "there is no PostgreSQL server program; ./dev packages test installs it";
  const auto url = cluster->make_database();
  ASSERT_OK(url);
  auto database = sql::Database::open({.url = *url});
  ASSERT_OK(database);
  heqi::testing::FakeClock clock{*base::parse_rfc3339("2026-11-21T12:00:00Z")};
  heqi::testing::SeededRandom random{7};
  const sql::Component components[] = {schema()};
  ASSERT_OK(sql::apply_migrations(**database, components, clock));
  const IdentityKey key{&mac_of_tests};

  Persons persons{**database, clock, random, key};
  SandboxProvider sandbox{random};
  Verifications verifications{**database, persons, sandbox, clock, random};
  const auto person = persons.add({"张三", "z@example.cn", "", kZhangNumber});
  ASSERT_OK(person);
  EXPECT_ERROR(persons.add({"张三", "z@example.cn", "", kZhangNumber}), Code::conflict);
  EXPECT_EQ(persons.find_by_email("z@example.cn")->size(), 1u);
  const auto verification = verifications.start(person->id, kZhangNumber);
  ASSERT_OK(verification);
  EXPECT_ERROR(verifications.submit(verification->id, base::bytes_of("x")), Code::identity_refused);
  ASSERT_OK(verifications.submit(verification->id, base::bytes_of(verification->challenge)));

  base::NullLog log;
  Accounts accounts{**database, clock, random, log, {.memory_kib = 64, .passes = 1}};
  const auto token = accounts.open_setup();
  ASSERT_OK(token);
  const base::SecretBytes password = base::SecretBytes::copy_of(base::bytes_of("long enough 1"));
  ASSERT_OK(accounts.set_up(**token, "admin@example.cn", password, "10.0.0.1"));
  EXPECT_ERROR(accounts.set_up(**token, "b@example.cn", password, "10.0.0.1"), Code::conflict);
  const auto session = accounts.sign_in("admin@example.cn", password, "10.0.0.1");
  ASSERT_OK(session);
  clock.advance(std::chrono::minutes(2));
  EXPECT_OK(accounts.get_session(session->token));
  EXPECT_ERROR(accounts.sign_in("admin@example.cn", base::SecretBytes(12), "10.0.0.1"),
               Code::identity_sign_in_failed);
  EXPECT_ERROR(accounts.deactivate(session->user.id), Code::conflict);
  ASSERT_OK(accounts.add({"b@example.cn", Role::administrator}, password));
  EXPECT_OK(accounts.deactivate(session->user.id));
  EXPECT_ERROR(accounts.get_session(session->token), Code::unauthenticated);

  Applications applications{**database, clock, random};
  const crypto::PrivateKey private_key = *crypto::PrivateKey::generate(random);
  ASSERT_OK(applications.add("银行", "bank"));
  EXPECT_ERROR(applications.add("银行", "bank"), Code::conflict);
  ASSERT_OK(applications.add_key("bank", "k1", private_key.public_key().encode()));
  SignedRequest request;
  request.application = "bank";
  request.key = "k1";
  request.method = "GET";
  request.path = "/";
  request.time = base::micros(clock.now()) / 1'000'000;
  request.nonce = std::string(16, 'n');
  request.signature =
      *crypto::sign(private_key, base::bytes_of(canonical_request(request)), random);
  EXPECT_OK(applications.verify(request));
  EXPECT_ERROR(applications.verify(request), Code::identity_replayed);
  EXPECT_OK(applications.set_state("bank", ApplicationState::cancelled));
  EXPECT_ERROR(applications.verify(request), Code::unauthenticated);
}

}  // namespace
}  // namespace heqi::services::identity
