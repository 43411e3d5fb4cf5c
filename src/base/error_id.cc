#include <heqi/base/error_id.h>

namespace heqi::base {
namespace {

constexpr std::string_view kIds[] = {
#define HEQI_ERROR(symbol, id, http, etsi, english, chinese, action_english, action_chinese) id,
#include <heqi/base/errors.def>
#undef HEQI_ERROR
};

}  // namespace

std::string_view error_id(Code code) {
  return kIds[static_cast<std::size_t>(code)];
}

std::optional<Code> find_error(std::string_view id) {
  for (std::size_t i = 0; i < std::size(kIds); ++i)
    if (kIds[i] == id) return static_cast<Code>(i);
  return std::nullopt;
}

}  // namespace heqi::base
