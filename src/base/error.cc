#include <heqi/base/error.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include <heqi/base/result.h>

namespace heqi::base {
namespace {

constexpr ErrorText kRegistry[] = {
#define HEQI_ERROR(symbol, id, http, etsi, english, chinese, action_english, action_chinese) \
  {Code::symbol, id, http, etsi, english, chinese, action_english, action_chinese},
#include <heqi/base/errors.def>
#undef HEQI_ERROR
};

}  // namespace

const ErrorText& error_text(Code code) {
  return kRegistry[static_cast<std::size_t>(code)];
}

std::string to_line(const Error& error) {
  const ErrorText& text = error_text(error.code);
  std::string line(text.id);
  line.append(": ").append(text.english);
  if (!error.detail.empty()) line.append(" (").append(error.detail).append(")");
  return line;
}

}  // namespace heqi::base
