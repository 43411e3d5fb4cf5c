// profile_rules.h: the profile files that are built in, one text each.
#pragma once
#include <span>
#include <string_view>

namespace heqi::services::ca {

std::span<const std::string_view> profile_texts();  // made from profiles/*.profile

}  // namespace heqi::services::ca
