#include "rows.h"

namespace heqi::bench {
namespace {

struct Entry {
  std::string_view name;
  void (*add)(std::vector<Row>&);
};
std::vector<Entry>& entries() {
  static std::vector<Entry> list;
  return list;
}

}  // namespace

Group::Group(std::string_view name, void (*add)(std::vector<Row>&)) {
  entries().push_back({name, add});
}

std::vector<Row> Group::rows_of(std::string_view name) {
  std::vector<Row> out;
  for (const Entry& entry : entries())
    if (name.empty() || entry.name == name) entry.add(out);
  return out;
}

}  // namespace heqi::bench
