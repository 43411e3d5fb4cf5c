// heqi_bench [GROUP] [--json FILE] [--table] [--only PREFIX] [--quick]: our primitives beside the
// peers, on one core. Exit code 3: a peer's own tool gave another figure, the run is void.
#include <cstdio>
#include <cstring>
#include <fstream>

#include "report.h"

namespace {

using namespace heqi::bench;

struct Wanted {
  std::string group, json, only;
  bool as_table = false, is_quick = false;
};

// parse is false for what is not known.
bool parse(int argc, char** argv, Wanted& wanted) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool has_next = i + 1 < argc;
    if (argument == "--table")
      wanted.as_table = true;
    else if (argument == "--quick")
      wanted.is_quick = true;
    else if (argument == "--json" && has_next)
      wanted.json = argv[++i];
    else if (argument == "--only" && has_next)
      wanted.only = argv[++i];
    else if (!argument.starts_with("-") && wanted.group.empty())
      wanted.group = argument;
    else
      return false;
  }
  return true;
}

std::vector<Row> rows_of(const Wanted& wanted) {
  std::vector<Row> rows = Group::rows_of(wanted.group);
  std::erase_if(rows, [&](const Row& row) { return !row.name.starts_with(wanted.only); });
  return rows;
}

// report_disagreement names the figures that make the run void, and is true where there are some.
bool report_disagreement(const std::vector<ToolVerdict>& verdicts) {
  bool is_void = false;
  for (const ToolVerdict& verdict : verdicts) {
    if (verdict.agrees) continue;
    is_void = true;
    std::fprintf(stderr, "bench: %s: %.1f here, %.1f by its own tool\n", verdict.name.c_str(),
                 verdict.measured, verdict.tool);
  }
  if (is_void)
    std::fprintf(stderr,
                 "bench: a peer's own tool gives another figure: this run is void (was something "
                 "else running?)\n");
  return is_void;
}

int measure_and_report(const Wanted& wanted) {
  const std::vector<Row> rows = rows_of(wanted);
  if (rows.empty()) {
    std::fprintf(stderr, "bench: there is nothing of that name\n");
    return 2;
  }
  pin_to_one_core();
  ToolRuns tools;
  const auto results = measure(rows, wanted.is_quick ? Effort{3, 0.05} : Effort{}, tools);
  const auto verdicts = check_tools(rows, results, tools);
  if (wanted.as_table)
    std::printf("%s", to_table(results).c_str());
  else
    print_text(results, verdicts);
  if (report_disagreement(verdicts)) return 3;
  if (!wanted.json.empty() && !(std::ofstream(wanted.json) << to_json(results))) {
    std::fprintf(stderr, "bench: cannot write %s\n", wanted.json.c_str());
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Wanted wanted;
  if (!parse(argc, argv, wanted)) {
    std::fprintf(stderr,
                 "usage: heqi_bench [GROUP] [--json FILE] [--table] [--only PREFIX] [--quick]\n");
    return 2;
  }
  return measure_and_report(wanted);
}
