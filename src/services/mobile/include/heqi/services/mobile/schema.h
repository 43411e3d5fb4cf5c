// heqi/services/mobile/schema.h: the tables of the interface to mobile signature services.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::services::mobile {

const sql::Component& schema();  // the component "mobile"

}  // namespace heqi::services::mobile
