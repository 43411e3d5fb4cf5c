// tool_check.h: a peer's figure counts only if the peer's own tool gives it too.
#pragma once
#include "measure.h"

namespace heqi::bench {

// ToolVerdict is one comparison with `openssl speed` of the same run, on the same core.
struct ToolVerdict {
  std::string name;  // of the row
  double measured = 0, tool = 0;
  bool agrees = false;
};

inline constexpr double kToolTolerance = 0.10;

// check_tools runs `openssl speed` for every peer of rows that names its tool. A figure that cannot
// be read does not agree.
std::vector<ToolVerdict> check_tools(const std::vector<Row>& rows,
                                     const std::vector<Measured>& results);

}  // namespace heqi::bench
