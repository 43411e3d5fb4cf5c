// flow/check_input.h: checks of what callers hand in, against the limits of flow.h.
#pragma once
#include <string>
#include <string_view>

#include <heqi/base/result.h>
#include <heqi/flow/flow.h>

namespace heqi::flow {

// check_name fails with malformed where text is empty, longer than kNameMax, or not UTF-8.
base::Status check_name(std::string_view what, std::string_view text);
base::Status check_optional_name(std::string_view what, std::string_view text);
base::Status check_data(std::string_view what, base::ByteView data);
base::Status check_ending(const Ending& ending);

// shortened is text cut to kDetailMax octets at the end of a character; what is not UTF-8 becomes
// "(not text)".
std::string shortened(std::string_view text);

}  // namespace heqi::flow
