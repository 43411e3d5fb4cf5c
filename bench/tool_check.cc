#include "tool_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <sstream>

namespace heqi::bench {
namespace {

constexpr int kTimes = 3;

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

double field_from_end(const std::string& line, unsigned from_end) {
  std::vector<double> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ':');) fields.push_back(std::atof(field.c_str()));
  return from_end < fields.size() ? fields[fields.size() - 1 - from_end] : 0;
}

double tool_figure(const Row& row, const ToolFigure& figure) {
  std::vector<double> values;
  for (int i = 0; i < kTimes; ++i)
    values.push_back(field_from_end(last_line(figure.arguments), figure.field_from_end));
  std::sort(values.begin(), values.end());
  const double median = values[values.size() / 2];
  return row.unit == Unit::megabytes_per_second ? median / 1e6 : median;
}

double measured_figure(const std::vector<Measured>& results, const Row& row, const Peer& peer) {
  for (const Measured& one : results)
    if (one.name == row.name) return one.peers.at(peer.who);
  return 0;
}

}  // namespace

std::vector<ToolVerdict> check_tools(const std::vector<Row>& rows,
                                     const std::vector<Measured>& results) {
  std::vector<ToolVerdict> out;
  for (const Row& row : rows)
    for (const Peer& peer : row.peers) {
      if (peer.tool.arguments.empty()) continue;
      ToolVerdict verdict{row.name + "/" + peer.who, measured_figure(results, row, peer),
                          tool_figure(row, peer.tool), false};
      verdict.agrees =
          verdict.tool > 0 && std::abs(verdict.measured / verdict.tool - 1) <= kToolTolerance;
      out.push_back(verdict);
    }
  return out;
}

}  // namespace heqi::bench
