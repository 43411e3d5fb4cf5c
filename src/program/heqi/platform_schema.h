// platform_schema.h: the tables of everything that lives in the platform's one database.
#pragma once
#include <heqi/base/clock.h>
#include <heqi/sql/database.h>

namespace heqi::program {

// apply_platform_schema brings the platform's database to the tables of this version. Errors: those
// of sql::apply_migrations.
base::Status apply_platform_schema(sql::Database& database, const base::Clock& clock);

}  // namespace heqi::program
