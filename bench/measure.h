// measure.h: runs rows with google-benchmark and gives medians of processor time.
#pragma once
#include <map>

#include "rows.h"

namespace heqi::bench {

// Effort is how long is measured: windows of so many seconds, of which the median counts. The
// windows of all rows are mixed, so that a disturbance hits ours and the peers alike.
struct Effort {
  int windows = 7;
  double seconds = 0.3;
};

// Measured is one row on one path; values are in the row's unit.
struct Measured {
  std::string name, path;  // "sm3_16k", "avx2"
  Unit unit = Unit::operations_per_second;
  bool yardstick = false;
  double value = 0;
  std::map<std::string, double> peers;
};

class ToolRuns;

// measure gives every row on every path, the fastest path of a row first. The peers' own tools run
// in windows among the others. Exits with a message when an operation fails: its figure would mean
// nothing.
std::vector<Measured> measure(const std::vector<Row>& rows, const Effort& effort, ToolRuns& tools);

// pin_to_one_core keeps this process, and what it starts, on the last processor core.
void pin_to_one_core();

}  // namespace heqi::bench
