#include <heqi/sql/group_commit.h>

#include <algorithm>
#include <thread>

namespace heqi::sql {

void GroupCommit::Job::tell(Turn to) {
  const std::lock_guard lock(mutex);  // held to the end: who is told leaves, and takes this along
  turn = to;
  told.notify_one();
}

GroupCommit::Turn GroupCommit::Job::wait() {
  std::unique_lock lock(mutex);
  told.wait(lock, [this] { return turn != Turn::waits; });
  return turn;
}

// Whoever finds no leader leads: it takes all that wait, commits them, and tells them and the next
// leader. While it writes, the next group gathers.
void GroupCommit::finish(Job& job) {
  if (database_.dialect().engine() == Engine::postgresql)
    return commit_alone(job);  // it groups the commits of its connections itself
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(&job);
    if (!std::exchange(has_leader_, true)) job.turn = Turn::leads;
  }
  if (job.wait() == Turn::leads) lead();
}

// lead commits those that wait, the leader's own job among them. Who is about to join goes first
// where all processors are busy: nobody waits for company, but a flush is worth more than a turn.
void GroupCommit::lead() {
  std::this_thread::yield();
  std::vector<Job*> group;
  {
    const std::lock_guard lock(mutex_);
    group.swap(waiting_);
    largest_ = std::max(largest_, group.size());
  }
  commit(group);
  Job* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    has_leader_ = !waiting_.empty();
    if (has_leader_) next = waiting_.front();
  }
  if (next != nullptr) next->tell(Turn::leads);
  for (Job* job : group) job->tell(Turn::done);
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
