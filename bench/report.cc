#include "report.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>

#include <heqi/base/json.h>

namespace heqi::bench {
namespace {

constexpr std::string_view kSignYardstick = "p256_sign", kVerifyYardstick = "p256_verify";

std::string_view unit_name(Unit unit) {
  return unit == Unit::megabytes_per_second ? "MB/s" : "1/s";
}

// rounded is a figure with three digits that count.
std::string rounded(double value) {
  char text[32];
  if (value >= 10000)
    std::snprintf(text, sizeof text, "%.0f k", value / 1000);
  else if (value >= 1000)
    std::snprintf(text, sizeof text, "%.2f k", value / 1000);
  else
    std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

std::string ratio(double ours, double theirs) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", theirs > 0 ? ours / theirs : 0);
  return text;
}

// fastest gives the first path of each row: measure puts the fastest there.
std::vector<const Measured*> fastest(const std::vector<Measured>& results) {
  std::vector<const Measured*> out;
  std::set<std::string> seen;
  for (const Measured& one : results)
    if (seen.insert(one.name).second) out.push_back(&one);
  return out;
}

const Measured* find(const std::vector<Measured>& results, std::string_view name) {
  const auto at = std::find_if(results.begin(), results.end(),
                               [&](const Measured& one) { return one.name == name; });
  return at == results.end() ? nullptr : &*at;
}

// yardstick_ratio compares an SM2 row with OpenSSL's ECDSA P-256 of the same run.
std::string yardstick_ratio(const std::vector<Measured>& results, const Measured& one) {
  if (one.yardstick || !one.name.starts_with("sm2_")) return "";
  const bool signs = one.name.starts_with("sm2_sign");
  if (!signs && !one.name.starts_with("sm2_verify")) return "";
  const Measured* yardstick = find(results, signs ? kSignYardstick : kVerifyYardstick);
  return yardstick == nullptr ? "" : ratio(one.value, yardstick->value);
}

void write_object(base::JsonWriter& json, const Measured& one, const std::string& name) {
  json.begin_object()
      .field("name", name)
      .key("value")
      .raw(std::to_string(one.value))
      .field("unit", unit_name(one.unit))
      .key("peers")
      .begin_object();
  for (const auto& [who, value] : one.peers) json.key(who).raw(std::to_string(value));
  json.end_object().end_object();
}

std::string table_cell(const Measured& one, const std::string& who) {
  const auto at = one.peers.find(who);
  if (at == one.peers.end()) return "–";
  return rounded(at->second) + " (" + ratio(one.value, at->second) + ")";
}

}  // namespace

std::string machine_name() {
  std::string processor = "unknown processor", compiler = "g++ ";
  std::ifstream info("/proc/cpuinfo");
  std::string model, family;
  for (std::string line; std::getline(info, line);) {
    const auto value = [&] { return line.substr(line.find(':') + 2); };
    if (line.starts_with("model name") && model.empty()) model = value();
    if (line.starts_with("cpu family") && family.empty()) family = value();
  }
  if (!model.empty()) processor = model + " (family " + family + ")";
#if defined(__clang__)
  compiler = "clang ";
#endif
  utsname system{};
  ::uname(&system);
  return processor + ", " + system.sysname + " " + system.release + ", " + compiler + __VERSION__;
}

std::string to_json(const std::vector<Measured>& results) {
  base::JsonWriter json;
  json.begin_array();
  for (const Measured* one : fastest(results)) write_object(json, *one, one->name);
  for (const Measured& one : results)
    if (!one.yardstick) write_object(json, one, one.name + "@" + one.path);
  return json.end_array().str() + "\n";
}

std::string to_table(const std::vector<Measured>& results) {
  std::string out =
      "| operation | Heqi | path | OpenSSL 3.0 (ratio) | libgcrypt (ratio) | Botan 2.19 (ratio) | "
      "× P-256 of OpenSSL |\n| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Measured* one : fastest(results)) {
    out += "| " + one->name + " | " + rounded(one->value) + " " +
           std::string(unit_name(one->unit)) + " | " + one->path;
    for (const char* who : {"openssl", "libgcrypt", "botan"}) out += " | " + table_cell(*one, who);
    out += " | " + yardstick_ratio(results, *one) + " |\n";
  }
  return out + "\nMedians of one run, one core, processor time: " + machine_name() + ".\n";
}

void print_text(const std::vector<Measured>& results, const std::vector<ToolVerdict>& verdicts) {
  std::printf("%s\n", machine_name().c_str());
  for (const Measured& one : results) {
    std::printf("%-34s %14.1f %s", (one.name + (one.yardstick ? "" : "@" + one.path)).c_str(),
                one.value, std::string(unit_name(one.unit)).c_str());
    for (const auto& [who, value] : one.peers)
      std::printf("  %s %.1f (x %s)", who.c_str(), value, ratio(one.value, value).c_str());
    const std::string against = yardstick_ratio(results, one);
    std::printf("%s%s\n", against.empty() ? "" : "  P-256 x ", against.c_str());
  }
  for (const ToolVerdict& verdict : verdicts)
    std::printf("%-34s %14.1f here, %.1f by its own tool: %s\n", verdict.name.c_str(),
                verdict.measured, verdict.tool, verdict.agrees ? "agrees" : "DISAGREES");
}

}  // namespace heqi::bench
