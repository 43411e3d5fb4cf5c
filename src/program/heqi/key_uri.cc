#include "key_uri.h"

#include <set>

namespace heqi::program {

using base::Code;
using base::fail;
using base::Result;

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return out;
}

int digit_of(char one) {
  if (one >= '0' && one <= '9') return one - '0';
  if (one >= 'a' && one <= 'f') return one - 'a' + 10;
  if (one >= 'A' && one <= 'F') return one - 'A' + 10;
  return -1;
}

Result<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : digit_of(text[i + 2]);
    if (low < 0) return fail(Code::malformed, "the key's URI: % without two digits");
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

}  // namespace

Result<std::vector<UriAttribute>> parse_key_uri(std::string_view scheme, std::string_view text) {
  if (!text.starts_with(scheme))
    return fail(Code::malformed, "not a URI of " + std::string(scheme));
  text.remove_prefix(scheme.size());
  const std::size_t query = text.find('?');
  std::vector<std::string_view> all = split(text.substr(0, query), ';');
  if (query != std::string_view::npos)
    for (const std::string_view one : split(text.substr(query + 1), '&')) all.push_back(one);
  std::vector<UriAttribute> out;
  std::set<std::string_view> seen;
  for (const std::string_view one : all) {
    const std::size_t equals = one.find('=');
    const std::string_view name = one.substr(0, equals);
    if (name.starts_with("pin"))
      return fail(Code::denied, "a PIN does not belong into an argument: use --password-file");
    if (equals == std::string_view::npos || !seen.insert(name).second)
      return fail(Code::malformed, "the key's URI: \"" + std::string(one) + "\"");
    HEQI_TRY(std::string value, unescape(one.substr(equals + 1)));
    out.push_back({std::string(name), std::move(value)});
  }
  return out;
}

}  // namespace heqi::program
