// heqi/services/mss/schema.h: the tables of the mobile signature service.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::services::mss {

const sql::Component& schema();  // the component "mss"

}  // namespace heqi::services::mss
