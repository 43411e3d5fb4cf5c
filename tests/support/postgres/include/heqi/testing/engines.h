// heqi/testing/engines.h: typed suites that run every case on SQLite and on PostgreSQL.
//   template <class Engine> class MySuite : public testing::OnEngine<Engine> {};
//   TYPED_TEST_SUITE(MySuite, testing::Engines, testing::EngineName);
//   TYPED_TEST(MySuite, DoesSomething) { this->database_ … }
// For targets that link heqi_sql.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include <heqi/sql/database.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/postgres.h>
#include <heqi/testing/seeded.h>

namespace heqi::testing {

struct Sqlite {
  TemporaryFolder folder;
  base::Result<std::string> make_url() { return "sqlite:" + folder.path() + "/data.db"; }
};

struct Postgresql {
  base::Result<std::string> make_url() {
    PostgresCluster* cluster = shared_postgres();
    if (cluster == nullptr) return base::fail(base::Code::unavailable, "no PostgreSQL here");
    return cluster->make_database();
  }
};

struct EngineName {
  template <class Engine>
  static std::string GetName(int) {
    return std::is_same_v<Engine, Sqlite> ? "SQLite" : "PostgreSQL";
  }
};
using Engines = ::testing::Types<Sqlite, Postgresql>;

// OnEngine opens a fresh database for each case.
template <class Engine>
class OnEngine : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = engine_.make_url();
    if (!made) GTEST_SKIP() << "skipped: " << made.error().detail;
    url_ = *made;
    database_ = open();
  }

  std::unique_ptr<sql::Database> open() {
    auto opened = sql::Database::open({.url = url_});
    EXPECT_OK(opened);
    return opened ? std::move(*opened) : nullptr;
  }

  // run executes one statement in its own transaction.
  template <class... P>
  base::Result<std::int64_t> run(std::string_view statement, const P&... parameters) {
    return database_->with_transaction(
        [&](sql::Transaction& t) { return t.execute(statement, parameters...); });
  }
  template <class... P>
  base::Result<sql::Row> get(std::string_view statement, const P&... parameters) {
    return database_->with_snapshot(
        [&](sql::Transaction& t) { return t.get_row(statement, parameters...); });
  }
  std::int64_t number(std::string_view statement) {
    auto row = get(statement);
    EXPECT_OK(row);
    return row ? row->int64(0) : -1;
  }

  Engine engine_;
  std::string url_;
  std::unique_ptr<sql::Database> database_;
};

}  // namespace heqi::testing
