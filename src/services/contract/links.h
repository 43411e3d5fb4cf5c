// links.h: how a party's link and its notices are named in the database. A link itself is not kept.
#pragma once
#include <heqi/base/bytes.h>

#include <string>

namespace heqi::services::contract {

// link_digest is the SM3 digest by which a link is found.
base::Bytes link_digest(std::string_view link);

// party_id is "CONTRACT.POSITION", from which the ids of a party's notices begin.
std::string party_id(const std::string& contract, int position);

}  // namespace heqi::services::contract
