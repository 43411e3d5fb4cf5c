#include <heqi/testing/vectors.h>

#include <fstream>

#include <heqi/testing/expect.h>

namespace heqi::testing {

const std::string& Vector::text(std::string_view name) const {
  static const std::string none;
  const auto found = values_.find(name);
  EXPECT_NE(found, values_.end()) << "the vector has no " << name;
  return found == values_.end() ? none : found->second;
}

base::Bytes Vector::bytes(std::string_view name) const {
  return hex(text(name));
}

std::vector<Vector> read_vectors(std::string_view folder, std::string_view name) {
  const std::string path = std::string(folder) + "/" + std::string(name);
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::vector<Vector> out;
  Vector current;
  std::string line;
  const auto end_block = [&] {
    if (!current.empty()) out.push_back(std::move(current));
    current = Vector();
  };
  for (bool first = true; std::getline(file, line); first = false) {
    EXPECT_TRUE(!first || line.starts_with("# ")) << path << ": no line of origin";
    if (line.starts_with('#')) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string::npos)
      end_block();
    else
      current.set(std::string(base::trim(std::string_view(line).substr(0, equals))),
                  std::string(base::trim(std::string_view(line).substr(equals + 1))));
  }
  end_block();
  EXPECT_FALSE(out.empty()) << path;
  return out;
}

}  // namespace heqi::testing
