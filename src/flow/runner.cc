#include <heqi/flow/runner.h>

#include <heqi/base/error.h>

namespace heqi::flow {

Runner::Runner(Engine& engine, Outbox& outbox, base::Log& log, RunnerOptions options)
    : engine_(engine), outbox_(outbox), log_(log), options_(options) {}

Runner::~Runner() {
  stop();
}

base::Status Runner::start() {
  HEQI_CHECK(options_.threads > 0);
  HEQI_TRY(outbox_.release_claims());
  {
    const std::scoped_lock lock(signal_->mutex);
    HEQI_CHECK(!signal_->running && "a runner is started once");
    signal_->running = true;
  }
  outbox_.resume();
  outbox_.on_put([signal = signal_] { hint(*signal); });
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this, i] { work(i == 0); });
  return {};
}

void Runner::stop() {
  {
    const std::scoped_lock lock(signal_->mutex);
    if (!signal_->running) return;
    signal_->running = false;
  }
  outbox_.on_put(nullptr);
  outbox_.pause();
  signal_->woken.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  outbox_.resume();
}

void Runner::hint(Signal& signal) {
  {
    const std::scoped_lock lock(signal.mutex);
    ++signal.hints;
  }
  signal.woken.notify_all();
}

void Runner::wake() {
  hint(*signal_);
}

base::Result<std::size_t> Runner::run_once() {
  std::size_t total = 0;
  for (;;) {
    const std::size_t looked = do_rounds();
    HEQI_TRY(const std::size_t expired, engine_.expire_due(options_.expire_batch));
    HEQI_TRY(const std::size_t handled, outbox_.drain());
    if (looked + expired + handled == 0) return total;
    total += looked + expired + handled;
  }
}

std::size_t Runner::do_rounds() {
  std::size_t done = 0;
  for (Rounds& one : rounds_) {
    const auto result = one.round();
    if (result) done += *result;
    if (!result && !one.has_failed) {
      const std::string line = base::to_line(result.error());
      log_.error("flow.round_failed", {{"error", std::string_view(line)}});
    }
    one.has_failed = !result;
  }
  return done;
}

void Runner::work(bool first) {
  std::uint64_t seen = 0;
  for (;;) {
    {
      const std::scoped_lock lock(signal_->mutex);
      if (!signal_->running) return;
      seen = signal_->hints;
    }
    // One thread looks after the rounds and the deadlines, all deliver.
    if (first) do_rounds();
    auto expired = first ? engine_.expire_due(options_.expire_batch) : base::Result<std::size_t>(0);
    auto handled = expired ? outbox_.drain() : base::Result<std::size_t>(0);
    for (const auto* result : {&expired, &handled}) {
      if (*result) continue;
      const std::string line = base::to_line(result->error());
      log_.error("flow.round_failed", {{"error", std::string_view(line)}});
    }
    if (expired && handled && *expired + *handled > 0) continue;
    std::unique_lock lock(signal_->mutex);
    signal_->woken.wait_for(lock, options_.poll,
                            [&] { return !signal_->running || signal_->hints != seen; });
  }
}

}  // namespace heqi::flow
