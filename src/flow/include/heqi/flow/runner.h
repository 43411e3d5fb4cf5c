// heqi/flow/runner.h: the threads that keep flows moving.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
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
  // Round is one look at something that does not put messages into the outbox by itself; gives the
  // number of things that it did.
  using Round = std::function<base::Result<std::size_t>()>;

  Runner(Engine& engine, Outbox& outbox, base::Log& log, RunnerOptions options = {});
  ~Runner();

  // look_after adds a round, before start. One that fails is logged once, and tried again.
  void look_after(Round round) { rounds_.push_back({std::move(round), false}); }
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
  // Signal outlives the runner in the hints that transactions still hold.
  struct Signal {
    std::mutex mutex;
    std::condition_variable woken;
    std::uint64_t hints = 0;
    bool running = false;
  };
  static void hint(Signal& signal);
  void work(bool first);
  std::size_t do_rounds();

  Engine& engine_;
  Outbox& outbox_;
  base::Log& log_;
  RunnerOptions options_;
  struct Rounds {
    Round round;
    bool has_failed;
  };
  std::vector<Rounds> rounds_;
  std::shared_ptr<Signal> signal_ = std::make_shared<Signal>();
  std::vector<std::thread> threads_;
};

}  // namespace heqi::flow
