#include <heqi/sql/group_commit.h>

#include <algorithm>
#include <utility>

#include "writing.h"

namespace heqi::sql {

void GroupCommit::Job::tell() {
  const std::lock_guard lock(mutex);  // held to the end: who is told leaves, and takes this along
  is_done = true;
  told.notify_one();
}

void GroupCommit::Job::wait() {
  std::unique_lock lock(mutex);
  told.wait(lock, [this] { return is_done; });
}

// PostgreSQL groups the commits of its connections itself.
GroupCommit::GroupCommit(Database& database) : database_(database) {
  if (database_.dialect().engine() == Engine::sqlite)
    writer_ = std::thread([this] { write_groups(); });
}

GroupCommit::~GroupCommit() {
  if (!writer_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_one();
  writer_.join();
}

void GroupCommit::finish(Job& job) {
  if (!writer_.joinable()) return commit_alone(job);
  Writing::check_not_to(&database_);  // the writer would wait for who waits for it
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&job);
    if (waiting_.size() == 1) changed_.notify_one();
  }
  job.wait();
}

// write_groups takes all that wait, commits them, and tells them. While it writes, the next group
// gathers; nobody waits for company.
void GroupCommit::write_groups() {
  for (;;) {
    const std::vector<Job*> group = next_group();
    if (group.empty()) return;
    commit(group);
    for (Job* job : group) job->tell();
  }
}

// next_group is empty when it is over.
std::vector<GroupCommit::Job*> GroupCommit::next_group() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
  largest_ = std::max(largest_, waiting_.size());
  return std::exchange(waiting_, {});
}

std::size_t GroupCommit::largest() {
  const std::lock_guard lock(mutex_);
  return largest_;
}

std::size_t GroupCommit::waiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void GroupCommit::commit(const std::vector<Job*>& jobs) {
  // Savepoints cost more than most transactions do: they are taken when one was missed.
  for (const Undo undo : {Undo::none, Undo::savepoints}) {
    if (jobs.size() == 1) break;
    const base::Status done = commit_together(jobs, undo);
    if (done) return;
    // Where the disk or the connection failed, another try could do twice what was done.
    if (done.error().code == base::Code::storage || done.error().code == base::Code::unavailable) {
      for (Job* job : jobs) job->outcome = done;
      return;
    }
  }
  // One alone, or a group that a failing statement has spoilt: then each by itself.
  for (Job* job : jobs) commit_alone(*job);
}

void GroupCommit::commit_alone(Job& job) {
  job.outcome = database_.with_transaction([&](Transaction& tx) { return job.act(tx); });
}

base::Status GroupCommit::commit_together(const std::vector<Job*>& jobs, Undo undo) {
  return database_.with_transaction([&](Transaction& tx) -> base::Status {
    for (Job* job : jobs) {
      HEQI_TRY(undo == Undo::savepoints ? run_in_savepoint(*job, tx) : run_bare(*job, tx));
    }
    return {};
  });
}

// run_bare fails where the job refuses after it has changed something: then the group is over.
base::Status GroupCommit::run_bare(Job& job, Transaction& tx) {
  const std::int64_t before = tx.changed_rows();
  job.outcome = job.act(tx);
  if (job.outcome || tx.changed_rows() == before) return {};
  return base::fail(base::Code::conflict, "a refused transaction of the group has left changes");
}

base::Status GroupCommit::run_in_savepoint(Job& job, Transaction& tx) {
  HEQI_TRY(tx.execute("SAVEPOINT job"));
  job.outcome = job.act(tx);
  if (!job.outcome) {
    HEQI_TRY(tx.execute("ROLLBACK TO SAVEPOINT job"));
  }
  HEQI_TRY(tx.execute("RELEASE SAVEPOINT job"));
  return {};
}

}  // namespace heqi::sql
