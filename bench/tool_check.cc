#include "tool_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <sstream>

namespace heqi::bench {
namespace {

struct Closer {
  void operator()(std::FILE* pipe) const { ::pclose(pipe); }
};

// last_line runs `openssl speed` and gives its last line, which holds the figures.
std::string last_line(const std::vector<std::string>& arguments) {
  std::string command = "openssl speed -mr -seconds 1";
  for (const std::string& argument : arguments) command += " " + argument;
  const std::unique_ptr<std::FILE, Closer> pipe(::popen((command + " 2>/dev/null").c_str(), "r"));
  std::string last;
  std::array<char, 512> line;
  while (pipe && std::fgets(line.data(), line.size(), pipe.get()) != nullptr)
    if (line[0] == '+') last = line.data();
  return last;
}

std::vector<double> fields_of(const std::string& line) {
  std::vector<double> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ':');) fields.push_back(std::atof(field.c_str()));
  return fields;
}

double measured_figure(const std::vector<Measured>& results, const Row& row, const Peer& peer) {
  for (const Measured& one : results)
    if (one.name == row.name) return one.peers.at(peer.who);
  return 0;
}

}  // namespace

bool ToolRuns::run(const std::vector<std::string>& arguments) {
  const std::vector<double> fields = fields_of(last_line(arguments));
  fields_[arguments].push_back(fields);
  return !fields.empty();
}

double ToolRuns::median(const Row& row, const ToolFigure& figure) const {
  const auto runs = fields_.find(figure.arguments);
  if (runs == fields_.end()) return 0;
  std::vector<double> values;
  for (const std::vector<double>& fields : runs->second) {
    if (figure.field_from_end >= fields.size()) return 0;
    values.push_back(fields[fields.size() - 1 - figure.field_from_end]);
  }
  std::sort(values.begin(), values.end());
  const double median = values[values.size() / 2];
  return row.unit == Unit::megabytes_per_second ? median / 1e6 : median;
}

std::vector<ToolVerdict> check_tools(const std::vector<Row>& rows,
                                     const std::vector<Measured>& results, const ToolRuns& tools) {
  std::vector<ToolVerdict> out;
  for (const Row& row : rows)
    for (const Peer& peer : row.peers) {
      if (peer.tool.arguments.empty()) continue;
      ToolVerdict verdict{row.name + "/" + peer.who, measured_figure(results, row, peer),
                          tools.median(row, peer.tool), false};
      verdict.agrees =
          verdict.tool > 0 && std::abs(verdict.measured / verdict.tool - 1) <= kToolTolerance;
      out.push_back(verdict);
    }
  return out;
}

}  // namespace heqi::bench
