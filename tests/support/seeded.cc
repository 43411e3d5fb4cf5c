#include <heqi/testing/seeded.h>

#include <algorithm>
#include <filesystem>

#include <heqi/testing/expect.h>

namespace heqi::testing {

std::uint64_t SeededRandom::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);  // splitmix64
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

base::Status SeededRandom::fill(base::MutableByteView out) {
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(next() >> 56);
  return {};
}

base::Status ScriptedRandom::fill(base::MutableByteView out) {
  if (out.size() > script_.size() - used_)
    return base::fail(base::Code::crypto_random_failed, "the script has ended");
  std::copy_n(script_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
  used_ += out.size();
  return {};
}

base::Result<base::Bytes> MemoryStore::read(std::string_view name, std::size_t size_max) const {
  const auto found = files.find(name);
  if (found == files.end()) return base::fail(base::Code::not_found, std::string(name));
  if (found->second.size() > size_max)
    return base::fail(base::Code::limit_exceeded, std::string(name));
  return found->second;
}

base::Status MemoryStore::write(std::string_view name, base::ByteView content) {
  if (!base::is_file_name(name)) return base::fail(base::Code::malformed, std::string(name));
  files[std::string(name)] = base::to_bytes(content);
  return {};
}

base::Status MemoryStore::create(std::string_view name, base::ByteView content) {
  if (files.contains(name)) return base::fail(base::Code::conflict, std::string(name));
  return write(name, content);
}

base::Status MemoryStore::append(std::string_view name, base::ByteView content) {
  base::append(files[std::string(name)], content);
  return {};
}

base::Status MemoryStore::remove(std::string_view name) {
  if (const auto found = files.find(name); found != files.end()) files.erase(found);
  return {};
}

base::Result<std::vector<std::string>> MemoryStore::list(std::string_view folder) const {
  std::vector<std::string> names;
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  for (const auto& [name, content] : files)
    if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos)
      names.push_back(name.substr(prefix.size()));
  return names;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "heqi-test-XXXXXX").string();
  HEQI_CHECK(mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

base::Bytes hex(std::string_view text) {
  std::string digits;
  for (char c : text)
    if (c != ' ' && c != '\n') digits.push_back(c);
  auto bytes = base::parse_hex(digits);
  EXPECT_OK(bytes);
  return bytes ? *bytes : base::Bytes{};
}

}  // namespace heqi::testing
