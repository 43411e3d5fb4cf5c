// What only one of the engines can show: files and their modes, servers that go away.
#include <sys/stat.h>

#include <thread>

#include <heqi/base/file_store.h>

#include <heqi/sql/database.h>
#include <heqi/testing/engines.h>

namespace heqi::sql {
namespace {

using base::Code;
using base::Status;

Status create_and_fill(Database& database) {
  return database.with_transaction([](Transaction& t) {
    return t.execute_script(
        "CREATE TABLE item (id {int64} PRIMARY KEY) {strict};"
        "INSERT INTO item VALUES (1)");
  });
}

base::Result<std::int64_t> count_items(Database& database) {
  return database.with_snapshot([](Transaction& t) -> base::Result<std::int64_t> {
    HEQI_TRY(const auto row, t.get_row("SELECT COUNT(*) FROM item"));
    return row.int64(0);
  });
}

Status insert_item(Database& database, int id) {
  return database.with_transaction([&](Transaction& t) -> Status {
    HEQI_TRY(t.execute("INSERT INTO item VALUES (?1)", id));
    return {};
  });
}

TEST(DatabaseUrl, OneOfNoKnownKindIsRefused) {
  for (const char* url : {"", "sqlite:", "mysql://x", "/path/file.db", "SQLITE:/x"})
    EXPECT_ERROR(Database::open({.url = url}), Code::malformed) << url;
  EXPECT_ERROR(Database::open({.url = "sqlite:/x", .attempts_max = 0}), Code::malformed);
}

TEST(SqliteFile, IsReadableByItsOwnerOnlyTheLogToo) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/data.db";
  auto database = Database::open({.url = "sqlite:" + path});
  ASSERT_OK(database);
  ASSERT_OK(create_and_fill(**database));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((path + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST(SqliteFile, IsFlushedAtEveryCommit) {
  const testing::TemporaryFolder folder;
  auto database = Database::open({.url = "sqlite:" + folder.path() + "/data.db"});
  ASSERT_OK(database);
  const auto ask = [&](const char* pragma) {
    return (*database)->with_transaction([&](Transaction& t) { return t.get_row(pragma); });
  };
  EXPECT_EQ(ask("PRAGMA journal_mode")->text(0), "wal");
  EXPECT_EQ(ask("PRAGMA synchronous")->int64(0), 2);
  EXPECT_EQ(ask("PRAGMA foreign_keys")->int64(0), 1);
}

TEST(SqliteFile, OfAnotherKindIsRefused) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/data.db";
  ASSERT_OK(base::write_file(path, base::Bytes(8192, 'x')));
  EXPECT_ERROR(Database::open({.url = "sqlite:" + path}), Code::storage);
}

TEST(SqliteFile, InAFolderThatIsAFileIsRefused) {
  const testing::TemporaryFolder folder;
  ASSERT_OK(base::write_file(folder.path() + "/file", {}));
  EXPECT_ERROR(Database::open({.url = "sqlite:" + folder.path() + "/file/data.db"}), Code::storage);
}

TEST(SqliteFile, HeldByAnotherWriterIsUnavailableAndFreeAgainAfterwards) {
  const testing::TemporaryFolder folder;
  const std::string url = "sqlite:" + folder.path() + "/data.db";
  auto one = Database::open({.url = url});
  auto other = Database::open({.url = url, .busy_timeout = std::chrono::milliseconds(20)});
  ASSERT_OK(one);
  ASSERT_OK(other);
  ASSERT_OK(create_and_fill(**one));
  ASSERT_OK((*one)->with_transaction([&](Transaction&) -> Status {
    EXPECT_ERROR(insert_item(**other, 2), Code::unavailable);
    EXPECT_EQ(*count_items(**other), 1);
    return {};
  }));
  EXPECT_OK(insert_item(**other, 2));
}

TEST(SqliteFile, IsCheckpointedWhenItsLogGrows) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.path() + "/data.db";
  auto database = Database::open({.url = "sqlite:" + path});
  ASSERT_OK(database);
  ASSERT_OK((*database)->with_transaction([](Transaction& t) {
    return t.execute_script("CREATE TABLE big (content {blob}) {strict}");
  }));
  for (int i = 0; i < 12; ++i)
    ASSERT_OK((*database)->with_transaction([](Transaction& t) {
      return t.execute("INSERT INTO big VALUES (?1)", base::Bytes(1'000'000, 7));
    }));
  struct stat data {
  }, log{};
  ASSERT_EQ(::stat(path.c_str(), &data), 0);
  ASSERT_EQ(::stat((path + "-wal").c_str(), &log), 0);
  EXPECT_GT(data.st_size, 4'000'000);
  EXPECT_LT(log.st_size, 8'000'000);
}

TEST(NestedTransactionDeathTest, IsAProgrammersError) {
  const testing::TemporaryFolder folder;
  auto database = Database::open({.url = "sqlite:" + folder.path() + "/data.db"});
  ASSERT_OK(database);
  EXPECT_DEATH(
      (void)(*database)->with_transaction([&](Transaction&) { return insert_item(**database, 1); }),
      "not nested");
}

TEST(RowDeathTest, AskedForAnotherTypeAborts) {
  const Row row({Cell{std::int64_t{1}}, Cell{}});
  EXPECT_DEATH((void)row.text(0), "text");
  EXPECT_DEATH((void)row.int64(1), "NULL");
  EXPECT_DEATH((void)row.int64(2), "column");
}

class PostgresServer : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = testing::PostgresCluster::start();
    if (!started) GTEST_SKIP() << "skipped: " << started.error().detail;
    cluster_ = std::move(*started);
    auto opened = Database::open({.url = *cluster_->make_database()});
    ASSERT_OK(opened);
    database_ = std::move(*opened);
    ASSERT_OK(create_and_fill(*database_));
  }
  std::unique_ptr<testing::PostgresCluster> cluster_;
  std::unique_ptr<Database> database_;
};

TEST_F(PostgresServer, ThatWasRestartedIsReconnectedTo) {
  ASSERT_OK(cluster_->restart());
  EXPECT_OK(insert_item(*database_, 2));
  ASSERT_OK(cluster_->restart());
  EXPECT_EQ(*count_items(*database_), 2);
}

TEST_F(PostgresServer, ThatIsAwayIsUnavailableAndUsedAgainWhenItIsBack) {
  ASSERT_OK(cluster_->stop());
  EXPECT_ERROR(insert_item(*database_, 2), Code::unavailable);
  EXPECT_ERROR(count_items(*database_), Code::unavailable);
  ASSERT_OK(cluster_->resume());
  EXPECT_OK(insert_item(*database_, 2));
  EXPECT_TRUE(database_->healthy());
}

TEST_F(PostgresServer, ThatDiesInsideATransactionIsAskedAgainFromTheStart) {
  int runs = 0;
  ASSERT_OK(database_->with_transaction([&](Transaction& t) -> Status {
    if (++runs == 1) HEQI_TRY(cluster_->restart());
    HEQI_TRY(t.execute("INSERT INTO item VALUES (2)"));
    return {};
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(*count_items(*database_), 2);
}

TEST_F(PostgresServer, ThatDiesAtTheCommitLeavesAnUnknownOutcomeAndNoSecondRun) {
  int runs = 0;
  const auto done = database_->with_transaction([&](Transaction& t) -> Status {
    ++runs;
    HEQI_TRY(t.execute("INSERT INTO item VALUES (2)"));
    EXPECT_OK(cluster_->restart());
    return {};
  });
  ASSERT_ERROR(done, Code::unavailable);
  EXPECT_NE(done.error().detail.find("outcome unknown"), std::string::npos);
  EXPECT_EQ(runs, 1);
}

TEST_F(PostgresServer, WithMoreThreadsThanConnectionsServesThemAll) {
  std::vector<std::thread> threads;
  std::atomic<int> served{0};
  for (int i = 0; i < 20; ++i)
    threads.emplace_back([&] {
      if (count_items(*database_)) ++served;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served.load(), 20);
}

}  // namespace
}  // namespace heqi::sql
