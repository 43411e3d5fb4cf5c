// heqi/sql/group_commit.h: transactions that wait at the same time share one commit, and so one
// write to the disk. What each of them promises stays: run returns when its own change is durable.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

#include <heqi/sql/database.h>

namespace heqi::sql {

// GroupCommit leads the transactions of many threads through a writer, a thread of its own.
// Thread-safe; ends when no run is on its way any more.
class GroupCommit {
 public:
  explicit GroupCommit(Database& database);
  ~GroupCommit();

  // run does what Database::with_transaction does. function may be called more than once, each time
  // from the start; it must not call run. One that fails leaves nothing and disturbs no other.
  template <class Function>
  std::invoke_result_t<Function, Transaction&> run(Function&& function) {
    using Returned = std::invoke_result_t<Function, Transaction&>;
    std::optional<Returned> returned;
    Job job;
    job.act = [&](Transaction& tx) -> base::Status {
      returned.emplace(function(tx));
      if (!*returned) return returned->error();
      return {};
    };
    finish(job);
    if (!job.outcome) return job.outcome.error();
    return *std::move(returned);
  }

  // largest is the most transactions that one commit has carried.
  std::size_t largest();
  // waiting is how many transactions wait for the writer to finish the group at hand.
  std::size_t waiting();

 private:
  // Job is one transaction that waits. outcome is that of its act, or of the commit.
  struct Job {
    std::function<base::Status(Transaction&)> act;
    base::Status outcome;
    std::mutex mutex;  // of is_done; its own, so that those who are told do not meet at one
    std::condition_variable told;
    bool is_done = false;

    void tell();
    void wait();
  };
  void finish(Job& job);
  void write_groups();
  std::vector<Job*> next_group();
  void commit(const std::vector<Job*>& jobs);
  void commit_alone(Job& job);
  enum class Undo : std::uint8_t { none, savepoints };  // of a transaction that refuses
  base::Status commit_together(const std::vector<Job*>& jobs, Undo undo);
  static base::Status run_bare(Job& job, Transaction& tx);
  static base::Status run_in_savepoint(Job& job, Transaction& tx);

  Database& database_;
  std::mutex mutex_;
  std::condition_variable changed_;  // waiting_ has its first, or is_over_
  std::vector<Job*> waiting_;
  bool is_over_ = false;
  std::size_t largest_ = 0;
  std::thread writer_;
};

}  // namespace heqi::sql
