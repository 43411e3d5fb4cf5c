#include "check_input.h"

#include <heqi/base/text.h>

namespace heqi::flow {

base::Status check_name(std::string_view what, std::string_view text) {
  if (text.empty()) return base::fail(base::Code::malformed, std::string(what) + " is empty");
  return check_optional_name(what, text);
}

base::Status check_optional_name(std::string_view what, std::string_view text) {
  if (text.size() > kNameMax || !base::is_utf8(text) || text.find('\0') != std::string_view::npos)
    return base::fail(base::Code::malformed, std::string(what) + " is not text of at most " +
                                                 std::to_string(kNameMax) + " octets");
  return {};
}

base::Status check_data(std::string_view what, base::ByteView data) {
  if (data.size() > kDataMax)
    return base::fail(base::Code::limit_exceeded,
                      std::string(what) + " of " + std::to_string(data.size()) +
                          " octets is larger than " + std::to_string(kDataMax));
  return {};
}

base::Status check_ending(const Ending& ending) {
  if (ending.outcome == Outcome::failed) return check_name("the code of a failure", ending.code);
  return check_optional_name("the code of an ending", ending.code);
}

std::string shortened(std::string_view text) {
  if (!base::is_utf8(text) || text.find('\0') != std::string_view::npos) return "(not text)";
  if (text.size() <= kDetailMax) return std::string(text);
  std::size_t end = kDetailMax;
  while (end > 0 && (static_cast<std::uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

}  // namespace heqi::flow
