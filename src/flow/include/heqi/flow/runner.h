// heqi/flow/runner.h: the threads that keep flows moving.
#pragma once
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <heqi/flow/engine.h>
#include <heqi/flow/outbox.h>

namespace heqi::flow {

struct RunnerOptions {
  int threads = 2;                                       // that deliver messages
  base::Duration poll = std::chrono::milliseconds(500);  // without a hint
  std::size_t expire_batch = 100;
};

// Runner ends flows at their deadlines and drains the outbox: in its threads between start and
// stop, or step by step in tests with run_once.
class Runner {
 public:
  Runner(Engine& engine, Outbox& outbox, base::Log& log, RunnerOptions options = {});
  ~Runner();

  // start gives back the claims of a former life of this node and starts the threads.
  base::Status start();
  // stop waits for the handlers that run.
  void stop();
  // wake asks for a round now.
  void wake();

  // run_once expires what is due and delivers until nothing is due at the clock's now. Returns the
  // number of expired flows and handled messages.
  base::Result<std::size_t> run_once();

 private:
  void work(bool first);

  Engine& engine_;
  Outbox& outbox_;
  base::Log& log_;
  RunnerOptions options_;
  std::mutex mutex_;
  std::condition_variable woken_;
  std::uint64_t hints_ = 0;
  bool running_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace heqi::flow
