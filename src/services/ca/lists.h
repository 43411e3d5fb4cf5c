// lists.h: numbers of an authority's lists; full and delta lists count together (RFC 5280 §5.2.3).
#pragma once
#include <heqi/sql/database.h>

namespace heqi::services::ca {

// newest_list_number is 0 where there is no list yet. A change of status notes it, so that the next
// list is known to hold the change.
base::Result<std::int64_t> newest_list_number(sql::Transaction& tx, std::string_view authority);

}  // namespace heqi::services::ca
