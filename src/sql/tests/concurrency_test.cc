// Many writers on both engines: nothing is lost, nothing is done twice.
#include <set>
#include <thread>

#include <heqi/sql/database.h>
#include <heqi/testing/engines.h>

namespace heqi::sql {
namespace {

using base::Code;
using base::Status;

template <class Engine>
class Concurrency : public testing::OnEngine<Engine> {
 protected:
  void create(std::string_view script) {
    ASSERT_OK(this->database_->with_transaction(
        [&](Transaction& t) { return t.execute_script(script); }));
  }
  static void in_parallel(int threads, const std::function<void(int)>& work) {
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back(work, i);
    for (std::thread& thread : running) thread.join();
  }
};
TYPED_TEST_SUITE(Concurrency, testing::Engines, testing::EngineName);

TYPED_TEST(Concurrency, IncrementsOfManyWritersAreAllCounted) {
  this->create(
      "CREATE TABLE counter (id {int64} PRIMARY KEY, n {int64} NOT NULL) {strict};"
      "INSERT INTO counter VALUES (1, 0), (2, 0), (3, 0)");
  std::atomic<std::int64_t> acknowledged{0};
  this->in_parallel(6, [&](int) {
    for (int i = 0; i < 20; ++i) {
      const auto done = this->database_->with_transaction([](Transaction& t) -> Status {
        HEQI_TRY(const auto row, t.get_row("SELECT n FROM counter WHERE id = 1"));
        HEQI_TRY(t.execute("UPDATE counter SET n = ?1 WHERE id = 1", row.int64(0) + 1));
        return {};
      });
      if (done)
        ++acknowledged;
      else
        EXPECT_ERROR(done, Code::unavailable);
    }
  });
  EXPECT_EQ(this->number("SELECT n FROM counter WHERE id = 1"), acknowledged.load());
  EXPECT_GT(acknowledged.load(), 60);
}

TYPED_TEST(Concurrency, OfManyInsertsUnderOneKeyOneWins) {
  this->create("CREATE TABLE seen (key {text} PRIMARY KEY, by {int64} NOT NULL) {strict}");
  std::atomic<int> winners{0};
  this->in_parallel(8, [&](int who) {
    for (int i = 0; i < 10; ++i) {
      const auto done = this->database_->with_transaction([&](Transaction& t) {
        return t.execute("INSERT INTO seen VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                         "message " + std::to_string(i), who);
      });
      EXPECT_OK(done);
      if (done && *done == 1) ++winners;
    }
  });
  EXPECT_EQ(winners.load(), 10);
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM seen"), 10);
}

TYPED_TEST(Concurrency, TwoWhoEachReadTheOtherCannotBothWrite) {
  this->create(
      "CREATE TABLE doctor (id {int64} PRIMARY KEY, on_call {int64} NOT NULL) {strict};"
      "INSERT INTO doctor VALUES (0, 1), (1, 1)");
  for (int round = 0; round < 10; ++round) {
    ASSERT_OK(this->run("UPDATE doctor SET on_call = 1"));
    this->in_parallel(2, [&](int who) {
      EXPECT_OK(this->database_->with_transaction([&](Transaction& t) -> Status {
        HEQI_TRY(const auto row, t.get_row("SELECT COUNT(*) FROM doctor WHERE on_call = 1"));
        if (row.int64(0) < 2) return {};
        HEQI_TRY(t.execute("UPDATE doctor SET on_call = 0 WHERE id = ?1", who));
        return {};
      }));
    });
    ASSERT_EQ(this->number("SELECT COUNT(*) FROM doctor WHERE on_call = 1"), 1);
  }
}

TYPED_TEST(Concurrency, TwoNodesNeverClaimTheSameJob) {
  this->create(
      "CREATE TABLE job (id {sequence_key}, name {text} NOT NULL, owner {int64}) {strict}");
  for (int i = 0; i < 60; ++i)
    ASSERT_OK(this->run("INSERT INTO job (name) VALUES (?1)", std::to_string(i)));
  std::mutex mutex;
  std::multiset<std::int64_t> claimed;
  this->in_parallel(3, [&](int node) {
    const auto database = this->open();
    ASSERT_NE(database, nullptr);
    for (;;) {
      const auto rows = database->with_claim([&](Transaction& t) {
        return t.query(
            "UPDATE job SET owner = ?1 WHERE id IN (SELECT id FROM job WHERE owner IS NULL"
            " ORDER BY id LIMIT 4 {skip_locked}) RETURNING id",
            node);
      });
      ASSERT_OK(rows);
      if (rows->empty()) break;
      const std::scoped_lock lock(mutex);
      for (const Row& row : *rows) claimed.insert(row.int64(0));
    }
  });
  EXPECT_EQ(claimed.size(), 60u);
  EXPECT_EQ(std::set<std::int64_t>(claimed.begin(), claimed.end()).size(), 60u);
}

TYPED_TEST(Concurrency, ReadersAreNotHeldUpByAWriter) {
  this->create("CREATE TABLE item (id {int64} PRIMARY KEY) {strict}");
  ASSERT_OK(this->database_->with_transaction([&](Transaction& t) -> Status {
    HEQI_TRY(t.execute("INSERT INTO item VALUES (1)"));
    // On another thread, while this transaction is open.
    std::int64_t seen = -1;
    std::thread reader([&] { seen = this->number("SELECT COUNT(*) FROM item"); });
    reader.join();
    EXPECT_EQ(seen, 0);
    return {};
  }));
  EXPECT_EQ(this->number("SELECT COUNT(*) FROM item"), 1);
}

}  // namespace
}  // namespace heqi::sql
