#include "checks.h"

#include <algorithm>

#include <heqi/base/text.h>

namespace heqi::services::identity {

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

base::Status check_name(std::string_view text, std::size_t max, std::string_view what) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (base::trim(text).empty() || text.size() > max || !plain || !base::is_utf8(text))
    return base::fail(base::Code::malformed, std::string(what) + ": expected 1 to " +
                                                 std::to_string(max) + " octets of text");
  return {};
}

bool is_of(std::string_view text, std::string_view alphabet) {
  return text.find_first_not_of(alphabet) == std::string_view::npos;
}

base::Result<std::string> draw_id(base::Random& random) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  HEQI_TRY(const base::Bytes bytes, base::random_bytes(random, 16));
  std::string out;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::uint8_t byte : bytes) {
    group = group << 8 | byte;
    for (bits += 8; bits >= 5; bits -= 5) out.push_back(alphabet[group >> (bits - 5) & 31]);
    group &= 0xff;
  }
  out.push_back(alphabet[group << (5 - bits) & 31]);
  return out;
}

std::string code_text(base::ByteView bytes) {
  std::string out;
  for (std::uint8_t byte : bytes) out.push_back(kCodeAlphabet[byte & 31]);
  return out;
}

base::Result<std::string> draw_code_text(base::Random& random, std::size_t count) {
  HEQI_TRY(const base::Bytes bytes, base::random_bytes(random, count));
  return code_text(bytes);
}

}  // namespace heqi::services::identity
