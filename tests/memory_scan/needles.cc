#include "needles.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/crypto/curve.h>
#include <heqi/crypto/sm4.h>
#include <heqi/testing/process_memory.h>

namespace heqi::faults {
namespace {

constexpr std::size_t kLabelSize = 24, kHeadSize = kLabelSize + 8, kStartSize = 8;
constexpr std::size_t kNeedleMax = 256;

base::Bytes reversed(base::Bytes octets) {
  std::reverse(octets.begin(), octets.end());
  return octets;
}

bool is_scalar(const std::string& name) {
  static const std::set<std::string> kScalars = {"d1", "d2", "k1", "k2", "k3", "k4"};
  return kScalars.contains(name);
}

crypto::Scalar scalar_of(const base::Bytes& words) {
  std::array<std::uint64_t, 4> form{};
  std::memcpy(form.data(), words.data(), sizeof form);
  return crypto::Scalar::from_words(form);
}

// round_keys_of is what an SM4 key is turned into: a thief computes the key from four of them.
base::Bytes round_keys_of(const base::Bytes& key) {
  const crypto::Sm4 expanded(crypto::Sm4Key(std::span<const std::uint8_t, 16>(key.data(), 16)));
  const auto* start = reinterpret_cast<const std::uint8_t*>(&expanded);
  return base::Bytes(start, start + 16);
}

std::uint64_t start_of(const std::uint8_t* octets) {
  std::uint64_t start = 0;
  std::memcpy(&start, octets, kStartSize);
  return start;
}

// place_of spreads starts over a table of 2^24.
std::size_t place_of(std::uint64_t start) {
  return static_cast<std::size_t>((start * 0x9e3779b97f4a7c15U) >> 40);
}

}  // namespace

base::Result<std::vector<Record>> read_records(const std::string& path) {
  std::vector<Record> records;
  auto read = base::read_file(path, std::size_t{1} << 24);
  if (!read && read.error().code == base::Code::not_found) return records;
  HEQI_TRY(const base::Bytes content, std::move(read));
  for (std::size_t at = 0; at + kHeadSize <= content.size();) {
    const char* label = reinterpret_cast<const char*>(content.data() + at);
    std::uint64_t size = 0;
    std::memcpy(&size, content.data() + at + kLabelSize, sizeof size);
    at += kHeadSize;
    if (size > content.size() - at) return base::fail(base::Code::malformed, path);
    const auto from = content.begin() + static_cast<std::ptrdiff_t>(at);
    records.push_back({std::string(label, ::strnlen(label, kLabelSize)),
                       base::Bytes(from, from + static_cast<std::ptrdiff_t>(size))});
    at += size;
  }
  return records;
}

void Needles::add(const std::string& name, base::Bytes octets) {
  HEQI_CHECK(octets.size() >= kStartSize && octets.size() <= kNeedleMax);
  const std::uint64_t start = start_of(octets.data());
  starts_[place_of(start)] = true;
  by_start_.emplace(start, needles_.size());
  needles_.emplace_back(name, std::move(octets));
}

void Needles::add_halves(const std::string& name, const base::Bytes& octets) {
  const auto middle = octets.begin() + static_cast<std::ptrdiff_t>(octets.size() / 2);
  add("first half of " + name, base::Bytes(octets.begin(), middle));
  add("second half of " + name, base::Bytes(middle, octets.end()));
}

void Needles::add_octets(const std::string& name, base::Bytes octets) {
  const std::string hex = base::to_hex(octets);
  std::string upper = hex;
  for (char& c : upper)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 32);
  add(name + " in hexadecimal", base::to_bytes(hex));
  if (upper != hex) add(name + " in upper-case hexadecimal", base::to_bytes(upper));
  // Without the end, which depends on what follows.
  add(name + " in Base64",
      base::to_bytes(base::to_base64(octets).substr(0, octets.size() / 3 * 4)));
  add(name + " reversed", reversed(octets));
  add(name, std::move(octets));
}

void Needles::add_text(const std::string& name, const std::string& text) {
  add_octets(name, base::to_bytes(text));
  base::Bytes wide;
  for (const char c : text) {
    wide.push_back(static_cast<std::uint8_t>(c));
    wide.push_back(0);
  }
  add(name + " in UTF-16", std::move(wide));
}

void Needles::add_scalar(const std::string& name, const crypto::Scalar& v) {
  const std::pair<std::string, crypto::Scalar> forms[] = {
      {name, v},
      {"1/" + name, v.inverse()},
      {"1/(1+" + name + ")", (v + crypto::Scalar::from_word(1)).inverse()}};
  for (const auto& [form_name, value] : forms) {
    const auto plain = value.encode();
    add_octets(form_name, base::Bytes(plain.begin(), plain.end()));
    const auto* words = reinterpret_cast<const std::uint8_t*>(value.words().data());
    base::Bytes form(words, words + crypto::kScalarSize);
    add_halves(form_name, base::Bytes(plain.begin(), plain.end()));
    add_halves(form_name + " reversed", reversed(base::Bytes(plain.begin(), plain.end())));
    add_halves(form_name + " in Montgomery's form", form);
    add(form_name + " in Montgomery's form, big-endian", reversed(form));
    add(form_name + " in Montgomery's form", std::move(form));
  }
}

void Needles::add_records(const std::vector<Record>& records) {
  for (const Record& record : records) {
    if (record.octets.empty() || !added_.emplace(record.name, record.octets).second) continue;
    if (is_scalar(record.name)) {
      add_scalar(record.name, scalar_of(record.octets));
      continue;
    }
    add_octets(record.name, record.octets);
    if (record.name == "TK") add("round keys of TK", round_keys_of(record.octets));
  }
}

void Needles::add_joint_keys(const std::vector<Record>& records) {
  std::set<base::Bytes> d1, d2;
  for (const Record& record : records) {
    if (record.name == "d1") d1.insert(record.octets);
    if (record.name == "d2") d2.insert(record.octets);
  }
  for (const base::Bytes& mine : d1)
    for (const base::Bytes& theirs : d2)
      add_scalar("the whole key",
                 scalar_of(mine) * scalar_of(theirs) - crypto::Scalar::from_word(1));
}

void Needles::find(base::ByteView content, std::set<std::string>& found) const {
  if (content.size() < kStartSize) return;
  for (std::size_t at = 0; at + kStartSize <= content.size(); ++at) {
    const std::uint8_t* here = content.data() + at;
    const std::uint64_t start = start_of(here);
    if (!starts_[place_of(start)]) continue;
    const auto [begin, end] = by_start_.equal_range(start);
    for (auto one = begin; one != end; ++one) {
      const auto& [name, needle] = needles_[one->second];
      if (needle.size() <= content.size() - at &&
          std::memcmp(here, needle.data(), needle.size()) == 0)
        found.insert(name);
    }
  }
}

base::Result<std::set<std::string>> find_in_memory(pid_t process, const Needles& needles) {
  std::set<std::string> found;
  HEQI_TRY(testing::read_memory(
      std::to_string(process),
      {.overlap = kNeedleMax,
       .wants = {},
       .read = [&](const testing::Mapping& mapping, std::span<std::uint8_t> block) {
         std::set<std::string> here;
         needles.find(block, here);
         for (const std::string& name : here) found.insert(name + " @ " + mapping.line);
         return true;
       }}));
  return found;
}

std::set<std::string> find_in_files(const std::string& folder, const Needles& needles) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto content = base::read_file(entry.path().string(), std::size_t{1} << 30);
    if (!content) {
      found.insert("not readable @ " + entry.path().string());
      continue;
    }
    std::set<std::string> here;
    needles.find(*content, here);
    for (const std::string& name : here) found.insert(name + " @ " + entry.path().string());
  }
  return found;
}

}  // namespace heqi::faults
