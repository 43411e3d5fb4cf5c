#include <heqi/sql/group_commit.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <atomic>
#include <latch>
#include <thread>

namespace heqi::sql {
namespace {

using base::Code;

class GroupCommitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = *Database::open({.url = "sqlite:" + folder_.path() + "/group.db"});
    ASSERT_OK(database_->with_transaction([](Transaction& tx) {
      return tx.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, thread INTEGER) STRICT");
    }));
    group_.emplace(*database_);
  }
  std::int64_t count(std::string_view where) {
    return (*database_->with_snapshot([&](Transaction& tx) {
             return tx.get_row("SELECT COUNT(*) FROM rows WHERE " + std::string(where));
           }))
        .int64(0);
  }
  base::Result<std::int64_t> insert(std::int64_t number, std::int64_t thread) {
    return group_->run([&](Transaction& tx) {
      return tx.execute("INSERT INTO rows (number, thread) VALUES (?1, ?2)", number, thread);
    });
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
  std::optional<GroupCommit> group_;
};

// hold keeps the leader inside its transaction until all others wait.
TEST_F(GroupCommitTest, TransactionsThatWaitTogetherShareACommitAndEachHasItsOwnResult) {
  constexpr int kThreads = 16;
  std::latch inside(1), go(1);
  std::thread leader([&] {
    EXPECT_OK(group_->run([&](Transaction& tx) {
      inside.count_down();
      go.wait();
      return tx.execute("INSERT INTO rows (number, thread) VALUES (1000, 0)");
    }));
  });
  inside.wait();
  std::vector<std::thread> threads;
  for (int i = 1; i <= kThreads; ++i) threads.emplace_back([&, i] { EXPECT_EQ(*insert(i, i), 1); });
  while (group_->waiting() < kThreads) std::this_thread::yield();
  go.count_down();
  leader.join();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count("number = thread"), kThreads);
  EXPECT_EQ(count("1 = 1"), kThreads + 1);
  EXPECT_EQ(group_->largest(), std::size_t{kThreads});
}

TEST_F(GroupCommitTest, OneThatRefusesLeavesNothingAndTheOthersCommit) {
  std::latch start(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      const auto done = group_->run([&](Transaction& tx) -> base::Status {
        HEQI_TRY(tx.execute("INSERT INTO rows (number, thread) VALUES (?1, ?2)", i, i));
        if (i % 2 == 1) return base::fail(Code::denied, "odd");
        return {};
      });
      EXPECT_EQ(done.has_value(), i % 2 == 0);
      if (!done) {
        EXPECT_EQ(done.error().code, Code::denied);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count("1 = 1"), 4);
  EXPECT_EQ(count("number % 2 = 1"), 0);
}

// Who refuses before it has changed anything costs the others nothing; who refuses after it has
// them do their work again, and leaves nothing all the same.
TEST_F(GroupCommitTest, ARefusalAfterAChangeIsUndoneForTheWholeGroupAndOthersAreDoneAgain) {
  for (const bool changes_first : {false, true}) {
    std::latch inside(1), go(1);
    std::atomic<int> honest_calls{0};
    std::thread leader([&] {
      EXPECT_OK(group_->run([&](Transaction&) -> base::Status {
        inside.count_down();
        go.wait();
        return {};
      }));
    });
    inside.wait();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&, i] {
        const int number = i + (changes_first ? 100 : 0);
        const auto done = group_->run([&](Transaction& tx) -> base::Status {
          const bool refuses = i % 4 == 3;
          if (!refuses) ++honest_calls;
          if (!refuses || changes_first) {
            HEQI_TRY(tx.execute("INSERT INTO rows (number, thread) VALUES (?1, 7)", number));
          }
          return refuses ? base::fail(Code::denied, "the fourth") : base::Status();
        });
        EXPECT_EQ(done.has_value(), i % 4 != 3);
      });
    while (group_->waiting() < 8) std::this_thread::yield();
    go.count_down();
    leader.join();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(count(changes_first ? "number >= 100" : "number < 100"), 6);
    EXPECT_EQ(count("number % 4 = 3"), 0);
    EXPECT_GE(honest_calls, changes_first ? 7 : 6);
    if (!changes_first) {
      EXPECT_EQ(honest_calls, 6) << "nobody's work was done twice";
    }
  }
}

TEST_F(GroupCommitTest, AStatementThatFailsSpoilsItsOwnTransactionOnly) {
  ASSERT_OK(insert(5, 99));
  std::latch start(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      const auto done = insert(i, i);
      EXPECT_EQ(done.has_value(), i != 5) << i;
      if (!done) {
        EXPECT_EQ(done.error().code, Code::conflict);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count("1 = 1"), 8);
  EXPECT_EQ(count("number = 5 AND thread = 99"), 1);
}

TEST_F(GroupCommitTest, OneInsideAnotherIsAMistakeOfTheProgramAndNotADeadlock) {
  const auto nested = [&](Transaction&) -> base::Status {
    return insert(1, 1).has_value() ? base::Status() : base::fail(Code::internal);
  };
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";  // the writer is a thread
  EXPECT_DEATH(static_cast<void>(group_->run(nested)), "not nested");
  EXPECT_DEATH(static_cast<void>(database_->with_transaction(nested)), "not nested");
}

TEST_F(GroupCommitTest, ManyTransactionsOfManyThreadsAllStand) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_OK(insert(t * 100 + i, t));
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count("1 = 1"), 320);
}

}  // namespace
}  // namespace heqi::sql
