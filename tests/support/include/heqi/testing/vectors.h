// heqi/testing/vectors.h: golden data. A .vec file starts with a line `# origin; licence`; then
// come blocks of `name = value` lines with an empty line between them; other lines that start with
// # are comments.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/bytes.h>

namespace heqi::testing {

class Vector {
 public:
  // text is the value as it stands; a name that is absent fails the test and gives "".
  const std::string& text(std::string_view name) const;
  base::Bytes bytes(std::string_view name) const;  // hexadecimal
  bool has(std::string_view name) const { return values_.contains(name); }
  void set(std::string name, std::string value) { values_[std::move(name)] = std::move(value); }
  bool empty() const { return values_.empty(); }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// read_vectors reads vectors/<name>; the test fails if it is missing or holds nothing.
std::vector<Vector> read_vectors(std::string_view folder, std::string_view name);

}  // namespace heqi::testing
