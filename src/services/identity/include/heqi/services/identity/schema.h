// heqi/services/identity/schema.h: the tables of this service.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::services::identity {

// schema is this service's component for sql::apply_migrations.
const sql::Component& schema();

}  // namespace heqi::services::identity
