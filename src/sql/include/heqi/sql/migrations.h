// heqi/sql/migrations.h: the schema carries its version; it only goes forward.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/sql/database.h>

namespace heqi::sql {

// Migration is one step of a component's schema, in the common dialect (dialect.h). Once released
// its text never changes: the checksum of the text is kept in the database and compared at start.
struct Migration {
  int number;             // 1, 2, 3 … without gaps
  std::string_view name;  // "certificates"
  std::string_view sql;   // statements separated by ';'; every CREATE TABLE ends with {strict}
};

// Component is a service's part of the schema: its name ("ca") and all its steps in order. Table
// names start with the component's name.
struct Component {
  std::string_view name;
  std::span<const Migration> migrations;
};

// checksum is the 64-bit FNV-1a of text in hexadecimal: it notices accidents, not attackers.
std::string checksum(std::string_view text);

// apply_migrations brings the schema of all components up to date, in one transaction, once however
// many nodes start together. Fails with storage_schema_newer where the database has a step that
// this program does not know (an older program on newer data), storage_schema_changed where the
// text of an applied step is another now, internal where a list has gaps or a table without
// {strict}, and the errors of Transaction. After an error nothing has changed.
base::Status apply_migrations(Database& database, std::span<const Component> components,
                              const base::Clock& clock);

// AppliedMigration is one row of the table schema_migrations.
struct AppliedMigration {
  std::string component{};
  int number = 0;
  std::string name{};
  std::string checksum{};
  base::Time applied_at{};
};
base::Result<std::vector<AppliedMigration>> list_migrations(Database& database);

}  // namespace heqi::sql
