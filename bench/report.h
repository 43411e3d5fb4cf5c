// report.h: the results as text, as the JSON of `./dev bench --json` and as the table of the
// README.
#pragma once
#include "tool_check.h"

namespace heqi::bench {

// machine_name says on what was measured: processor, system, compiler.
std::string machine_name();

// to_json is a list of {"name", "value", "unit", "peers": {who: value}}; "sm3_16k" is the fastest
// path, "sm3_16k@avx2" a certain one.
std::string to_json(const std::vector<Measured>& results);

// to_table is a Markdown table of the fastest paths with their ratios to the peers.
std::string to_table(const std::vector<Measured>& results);

void print_text(const std::vector<Measured>& results, const std::vector<ToolVerdict>& verdicts);

}  // namespace heqi::bench
