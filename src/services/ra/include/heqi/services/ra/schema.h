// heqi/services/ra/schema.h: the tables of the registration authority.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::services::ra {

const sql::Component& schema();  // the component "ra"

}  // namespace heqi::services::ra
