// heqi/base/error_id.h: the dotted ids of the registry (error.h) without its texts: a device sends
// and reads ids, and what shows its person a text has the texts itself.
#pragma once
#include <string_view>

#include <heqi/base/error.h>

namespace heqi::base {

// error_id is the id of code; find_error (error.h) is the way back.
std::string_view error_id(Code code);

}  // namespace heqi::base
