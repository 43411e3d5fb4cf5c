// identity_fixture.h: a fresh database with this service's tables.
#pragma once
#include <heqi/base/text.h>
#include <heqi/crypto/hmac.h>
#include <heqi/services/identity/schema.h>
#include <heqi/services/identity/verification.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>

namespace heqi::services::identity {

// mac_of_tests stands in place of the module.
inline base::Result<base::Bytes> mac_of_tests(base::ByteView message) {
  const crypto::Digest made = crypto::hmac_sm3(base::Bytes(32, 0x5a), message);
  return base::Bytes(made.begin(), made.end());
}

class IdentityFixture : public ::testing::Test {
 protected:
  IdentityFixture() {
    auto opened =
        sql::Database::open({.url = heqi::testing::usual_database(folder.path(), "data.db")});
    EXPECT_OK(opened);
    database = std::move(*opened);
    const sql::Component components[] = {schema()};
    EXPECT_OK(sql::apply_migrations(*database, components, clock));
  }
  // database_holds looks for text in the files as they are on disk.
  bool database_holds(std::string_view text) {
    for (const char* name : {"/data.db", "/data.db-wal"}) {
      const auto content = base::read_file(folder.path() + name, std::size_t{1} << 26);
      if (content && base::text_of(*content).find(text) != std::string_view::npos) return true;
    }
    return false;
  }

  heqi::testing::TemporaryFolder folder;
  heqi::testing::FakeClock clock{*base::parse_rfc3339("2026-11-21T12:00:00Z")};
  heqi::testing::SeededRandom random{7};
  IdentityKey key{&mac_of_tests};
  std::unique_ptr<sql::Database> database;
};

// Numbers with a right check digit, of nobody.
inline constexpr const char* kZhangNumber = "11010519491231002X";
inline constexpr const char* kLiNumber = "440524188001010014";

}  // namespace heqi::services::identity
