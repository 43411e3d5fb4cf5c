// origin.h: the platform that the worlds of this test program begin with.
#pragma once
#include "world.h"

namespace heqi::faults {

inline Template& origin() {
  static const std::unique_ptr<Template> made = [] {
    auto out = Template::make();
    HEQI_CHECK(out.has_value());
    return *std::move(out);
  }();
  return *made;
}

// as_lines is what a failed search shows.
inline std::string as_lines(const std::set<std::string>& found) {
  std::string out;
  for (const std::string& find : found) out += find + "\n";
  return out;
}

}  // namespace heqi::faults
