// heqi/flow/jobs.h: work for later, kept in the outbox.
#pragma once
#include <string>

#include <heqi/flow/outbox.h>

namespace heqi::flow {

// Job is work of a kind, once for each key, not before due.
struct Job {
  std::string kind{};  // a topic of the outbox: "ca.crl"
  std::string key{};   // what it is for: "2026-11-21T09:00"; unique within kind for ever
  base::Bytes payload{};
  base::Time due{};
};

// Jobs schedules work and timers. A job that repeats schedules its next run in the transaction
// that does the present one.
class Jobs {
 public:
  explicit Jobs(Outbox& outbox) : outbox_(outbox) {}

  // schedule adds job; scheduling the same kind and key again does nothing.
  base::Status schedule(sql::Transaction& transaction, const Job& job);
  // cancel removes a job that has not run yet.
  base::Status cancel(sql::Transaction& transaction, const std::string& kind,
                      const std::string& key);
  // handle names the code of kind: see Outbox::handle.
  void handle(std::string kind, Handler handler, TopicOptions options = {});

 private:
  Outbox& outbox_;
};

}  // namespace heqi::flow
