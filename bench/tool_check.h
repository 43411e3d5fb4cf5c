// tool_check.h: a peer's figure counts only if the peer's own tool gives it too.
#pragma once
#include <map>

#include "measure.h"

namespace heqi::bench {

// ToolRuns is what `openssl speed` said, run after run, on the same core and in the same time as
// the rest is measured: one at the end would meet another neighbour, or another clock, of the
// machine.
class ToolRuns {
 public:
  // run runs the tool once, for a second a figure. False where it says nothing.
  bool run(const std::vector<std::string>& arguments);
  // median is in the row's unit; 0 where a run had no such field, or there was none.
  double median(const Row& row, const ToolFigure& figure) const;

 private:
  std::map<std::vector<std::string>, std::vector<std::vector<double>>> fields_;
};

// ToolVerdict is one comparison of both medians.
struct ToolVerdict {
  std::string name;  // of the row
  double measured = 0, tool = 0;
  bool agrees = false;
};

inline constexpr double kToolTolerance = 0.10;

// check_tools compares every peer of rows that names its tool. A figure that is missing does not
// agree.
std::vector<ToolVerdict> check_tools(const std::vector<Row>& rows,
                                     const std::vector<Measured>& results, const ToolRuns& tools);

}  // namespace heqi::bench
