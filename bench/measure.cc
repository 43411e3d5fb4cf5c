#include "measure.h"

#include <benchmark/benchmark.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

#include <heqi/crypto/dispatch.h>

#include "tool_check.h"

namespace heqi::bench {
namespace {

std::vector<std::string_view> runnable_paths(const Row& row) {
  if (!row.primitives.empty() && !row.figure)
    for (const auto& primitive : crypto::primitive_paths())
      if (primitive.primitive == row.primitives.front()) return primitive.runnable;
  return {row.yardstick ? "" : "portable"};
}

// take_path puts every primitive on its fastest path, then those of the row on path.
void take_path(const Row& row, std::string_view path) {
  for (const auto& primitive : crypto::primitive_paths())
    (void)crypto::choose_path(primitive.primitive, primitive.runnable.front());
  for (const std::string& primitive : row.primitives) (void)crypto::choose_path(primitive, path);
}

void run(benchmark::State& state, const Row& row, std::string_view path, const Prepare& prepare) {
  take_path(row, path);
  const Operation operation = prepare();
  for (auto _ : state)
    if (!operation()) {
      state.SkipWithError("an operation failed");
      break;
    }
}

// Collector keeps the processor time of one operation, in seconds, for each window.
class Collector final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& one : runs) {
      if (one.error_occurred) {
        std::fprintf(stderr, "bench: %s: %s\n", one.benchmark_name().c_str(),
                     one.error_message.c_str());
        std::exit(1);
      }
      if (one.run_type != Run::RT_Iteration) continue;
      seconds_[one.run_name.function_name].push_back(one.cpu_accumulated_time /
                                                     static_cast<double>(one.iterations));
    }
  }
  double median(const std::string& name) const {
    std::vector<double> all = seconds_.at(name);
    std::sort(all.begin(), all.end());
    return all[all.size() / 2];
  }

 private:
  std::map<std::string, std::vector<double>> seconds_;
};

std::string benchmark_name(const Row& row, std::string_view suffix) {
  return row.name + std::string(suffix);
}

void add(const std::string& name, const Row& row, std::string_view path, const Prepare& prepare,
         const Effort& effort) {
  benchmark::RegisterBenchmark(
      name.c_str(),
      [&row, path, &prepare](benchmark::State& state) { run(state, row, path, prepare); })
      ->MinTime(effort.seconds)
      ->Repetitions(effort.windows);
}

// add_tools makes each command of a peer's tool a benchmark whose every window is one run of it;
// the time that is given for it means nothing.
void add_tools(const std::vector<Row>& rows, const Effort& effort, ToolRuns& tools) {
  std::set<std::vector<std::string>> commands;
  for (const Row& row : rows)
    for (const Peer& peer : row.peers)
      if (!peer.tool.arguments.empty()) commands.insert(peer.tool.arguments);
  for (const auto& command : commands) {
    std::string name = "tool";
    for (const std::string& argument : command) name += " " + argument;
    benchmark::RegisterBenchmark(name.c_str(),
                                 [command, &tools](benchmark::State& state) {
                                   for (auto _ : state) {
                                     if (!tools.run(command))
                                       state.SkipWithError("`openssl speed` says nothing");
                                     state.SetIterationTime(1);
                                   }
                                 })
        ->Iterations(1)
        ->UseManualTime()
        ->Repetitions(effort.windows);
  }
}

double in_unit(const Row& row, double amount, double seconds) {
  const double rate = amount / seconds;
  return row.unit == Unit::megabytes_per_second ? rate / 1e6 : rate;
}

}  // namespace

std::vector<Measured> measure(const std::vector<Row>& rows, const Effort& effort, ToolRuns& tools) {
  for (const Row& row : rows) {
    for (const std::string_view path : runnable_paths(row))
      if (!row.figure)
        add(benchmark_name(row, "@" + std::string(path)), row, path, row.prepare, effort);
    for (const Peer& peer : row.peers)
      if (!peer.figure) add(benchmark_name(row, "/" + peer.who), row, "", peer.prepare, effort);
  }
  add_tools(rows, effort, tools);
  char program[] = "heqi_bench", mixed[] = "--benchmark_enable_random_interleaving=true";
  char* arguments[] = {program, mixed, nullptr};
  int count = 2;
  benchmark::Initialize(&count, arguments);
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);

  std::vector<Measured> out;
  for (const Row& row : rows)
    for (const std::string_view path : runnable_paths(row)) {
      Measured one{row.name, std::string(path), row.unit, row.yardstick, 0, {}};
      if (row.figure) take_path(row, path);
      one.value = row.figure ? row.figure()
                             : in_unit(row, row.amount,
                                       collector.median(benchmark_name(row, "@" + one.path)));
      for (const Peer& peer : row.peers)
        one.peers[peer.who] = peer.figure
                                  ? peer.figure()
                                  : in_unit(row, peer.amount > 0 ? peer.amount : row.amount,
                                            collector.median(benchmark_name(row, "/" + peer.who)));
      out.push_back(std::move(one));
    }
  return out;
}

void pin_to_one_core() {
  cpu_set_t allowed, one;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  for (std::size_t core = CPU_SETSIZE; core-- > 0;) {
    if (!CPU_ISSET(core, &allowed)) continue;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    (void)::sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

}  // namespace heqi::bench
