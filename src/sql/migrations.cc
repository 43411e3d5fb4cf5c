#include <heqi/sql/migrations.h>

#include <heqi/base/text.h>

#include <map>

namespace heqi::sql {
namespace {

constexpr std::string_view kTable = R"(
CREATE TABLE IF NOT EXISTS schema_migrations (
  component {text} NOT NULL,
  number {int64} NOT NULL,
  name {text} NOT NULL,
  checksum {text} NOT NULL,
  applied_at {int64} NOT NULL,
  PRIMARY KEY (component, number)
) {strict})";

constexpr std::int64_t kLock = 0x68657169;  // "heqi": one migration at a time on a server

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

std::string title(const Component& component, const Migration& migration) {
  return std::string(component.name) + " " + std::to_string(migration.number) + " (" +
         std::string(migration.name) + ")";
}

base::Status check_lists(std::span<const Component> components) {
  std::map<std::string_view, int> names;
  for (const Component& component : components) {
    if (component.name.empty() || ++names[component.name] > 1)
      return base::fail(base::Code::internal,
                        "migrations: component \"" + std::string(component.name) + "\" twice");
    int expected = 1;
    for (const Migration& migration : component.migrations) {
      if (migration.number != expected++)
        return base::fail(base::Code::internal,
                          "migrations: a gap before " + title(component, migration));
      if (occurrences(migration.sql, "CREATE TABLE") != occurrences(migration.sql, "{strict}"))
        return base::fail(base::Code::internal,
                          "migrations: a table without {strict} in " + title(component, migration));
    }
  }
  return {};
}

base::Status apply_component(Transaction& transaction, const Component& component, base::Time now) {
  HEQI_TRY(const auto rows,
           transaction.query("SELECT number, checksum FROM schema_migrations WHERE component = ?1"
                             " ORDER BY number",
                             component.name));
  const auto known = static_cast<std::int64_t>(component.migrations.size());
  for (const Row& row : rows) {
    if (row.int64(0) > known)
      return base::fail(base::Code::storage_schema_newer,
                        std::string(component.name) + ": the data is at step " +
                            std::to_string(rows.back().int64(0)) + ", this program knows " +
                            std::to_string(known));
    const Migration& migration = component.migrations[static_cast<std::size_t>(row.int64(0) - 1)];
    if (checksum(migration.sql) != row.text(1))
      return base::fail(base::Code::storage_schema_changed, title(component, migration));
  }
  for (const Migration& migration : component.migrations.subspan(rows.size())) {
    HEQI_TRY(transaction.execute_script(migration.sql));
    HEQI_TRY(transaction.execute("INSERT INTO schema_migrations VALUES (?1, ?2, ?3, ?4, ?5)",
                                 component.name, migration.number, migration.name,
                                 checksum(migration.sql), now));
  }
  return {};
}

}  // namespace

std::string checksum(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  base::Bytes octets;
  for (int shift = 56; shift >= 0; shift -= 8)
    octets.push_back(static_cast<std::uint8_t>(hash >> shift));
  return base::to_hex(octets);
}

base::Status apply_migrations(Database& database, std::span<const Component> components,
                              const base::Clock& clock) {
  HEQI_TRY(check_lists(components));
  const base::Time now = clock.now();
  // READ COMMITTED, so that a node that has waited for the lock sees what the first one did.
  return database.with_claim([&](Transaction& transaction) -> base::Status {
    if (transaction.dialect().engine() == Engine::postgresql)
      HEQI_TRY(transaction.query("SELECT pg_advisory_xact_lock(?1)", kLock));
    HEQI_TRY(transaction.execute_script(kTable));
    for (const Component& component : components)
      HEQI_TRY(apply_component(transaction, component, now));
    return {};
  });
}

base::Result<std::vector<AppliedMigration>> list_migrations(Database& database) {
  return database.with_snapshot(
      [](Transaction& transaction) -> base::Result<std::vector<AppliedMigration>> {
        HEQI_TRY(const auto rows,
                 transaction.query("SELECT component, number, name, checksum, applied_at"
                                   " FROM schema_migrations ORDER BY component, number"));
        std::vector<AppliedMigration> list;
        for (const Row& row : rows)
          list.push_back(
              {row.text(0), static_cast<int>(row.int64(1)), row.text(2), row.text(3), row.time(4)});
        return list;
      });
}

}  // namespace heqi::sql
