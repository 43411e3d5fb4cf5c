#include <heqi/sql/group_commit.h>

#include <algorithm>

namespace heqi::sql {

// Whoever finds no leader leads: it takes all that wait, commits them, and wakes them and the next
// leader. While it writes, the next group gathers; nobody waits for company.
void GroupCommit::finish(Job& job) {
  if (database_.dialect().engine() == Engine::postgresql)
    return commit_alone(job);  // it groups the commits of its connections itself
  std::unique_lock lock(mutex_);
  waiting_.push_back(&job);
  while (!job.is_done) {
    if (has_leader_) {
      job.turn.wait(lock);
      continue;
    }
    has_leader_ = true;
    const std::vector<Job*> group = std::exchange(waiting_, {});
    largest_ = std::max(largest_, group.size());
    lock.unlock();
    commit(group);
    lock.lock();
    has_leader_ = false;
    for (Job* one : group) {
      one->is_done = true;
      one->turn.notify_one();
    }
    if (!waiting_.empty()) waiting_.front()->turn.notify_one();
  }
}

std::size_t GroupCommit::largest() {
  const std::lock_guard lock(mutex_);
  return largest_;
}

void GroupCommit::commit(const std::vector<Job*>& jobs) {
  if (jobs.size() > 1) {
    const base::Status done = commit_together(jobs);
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

base::Status GroupCommit::commit_together(const std::vector<Job*>& jobs) {
  return database_.with_transaction([&](Transaction& tx) -> base::Status {
    for (Job* job : jobs) {
      HEQI_TRY(tx.execute("SAVEPOINT job"));
      job->outcome = job->act(tx);
      if (!job->outcome) {
        HEQI_TRY(tx.execute("ROLLBACK TO SAVEPOINT job"));
      }
      HEQI_TRY(tx.execute("RELEASE SAVEPOINT job"));
    }
    return {};
  });
}

}  // namespace heqi::sql
