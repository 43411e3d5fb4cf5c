#include <heqi/keys/backup.h>

#include <algorithm>
#include <array>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/device/channel.h>
#include <heqi/keys/device_desk.h>
#include <heqi/keys/tries.h>

namespace heqi::keys {
namespace {

using base::Code;
using base::Result;
using base::Status;
using sql::Cell;
using sql::Row;
using sql::Transaction;

constexpr SealContext kContext{"backup", "page", 1};
constexpr std::int64_t kVersion = 2;
constexpr std::int64_t kBeforeTenants = 1;
// More messages than a channel carries between a backup and its return.
constexpr std::uint64_t kChannelLeap = std::uint64_t{1} << 32;

// types has one letter for each column: i number, t text, b octets.
struct Table {
  std::string_view name, types, columns;
};
// In the order in which one refers to another.
enum TableNumber : std::size_t { masters, service_keys, macs, devices, joint_keys };
constexpr Table kTables[] = {
    {"module_masters", "ibit", "version, sealed, created_at, tenant"},
    {"module_keys", "tbiibi", "name, sealed, purpose, protection, public_key, created_at"},
    {"module_macs", "tbi", "name, sealed, created_at"},
    {"module_devices", "tbbbiiit",
     "device_id, channel_public_key, channel_id, position, bound_at, wipe_ordered_at, wiped_at, "
     "tenant"},
    {"module_joint_keys", "ttttiitiibbbiiiiibbit",
     "key_id, device_id, app_id, platform_id, epoch, master_version, state, failures, not_before, "
     "public_key, p1_sealed, answer, counter, created_at, revoked_at, next_epoch, "
     "next_master_version, next_p1_sealed, released_sealed, told_at, tenant"},
};
// Places in the columns above.
constexpr std::size_t kPosition = 3, kFailures = 7, kNotBefore = 8;

using Content = std::array<std::vector<Row>, std::size(kTables)>;

std::string select(TableNumber table, std::string_view rest) {
  return "SELECT " + std::string(kTables[table].columns) + " FROM " +
         std::string(kTables[table].name) + " " + std::string(rest);
}

Cell cell_of(const Row& row, std::size_t column, char type) {
  if (row.is_null(column)) return {};
  if (type == 'i') return row.int64(column);
  if (type == 't') return row.text(column);
  return row.bytes(column);
}

std::vector<Cell> cells_of(TableNumber table, const Row& row) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < row.size(); ++i)
    cells.push_back(cell_of(row, i, kTables[table].types[i]));
  return cells;
}

void write_cell(asn1::Writer& out, const Cell& cell) {
  if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    out.integer(*number);
  } else if (const auto* text = std::get_if<std::string>(&cell)) {
    out.utf8_string(*text);
  } else if (const auto* bytes = std::get_if<base::Bytes>(&cell)) {
    out.octet_string(*bytes);
  } else {
    out.null();
  }
}

base::Bytes encode(const Content& content) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& page) {
    page.integer(kVersion);
    for (std::size_t table = 0; table < content.size(); ++table)
      page.sequence([&](asn1::Writer& rows) {
        for (const Row& row : content[table])
          rows.sequence([&](asn1::Writer& cells) {
            for (const Cell& cell : cells_of(static_cast<TableNumber>(table), row))
              write_cell(cells, cell);
          });
      });
  });
  return out.take();
}

Result<Cell> read_cell(asn1::Reader& in, char type) {
  if (in.peek() == asn1::kNull) {
    HEQI_TRY(in.expect(asn1::kNull));
    return Cell();
  }
  if (type == 'i') {
    HEQI_TRY(const std::int64_t number, in.small_integer());
    return Cell(number);
  }
  if (type == 't') {
    HEQI_TRY(std::string text, in.utf8_string());
    return Cell(std::move(text));
  }
  HEQI_TRY(const base::ByteView bytes, in.octet_string());
  return Cell(base::to_bytes(bytes));
}

// has_tenant: of these tables, it is the last column.
bool has_tenant(std::size_t table) {
  return table == masters || table == devices || table == joint_keys;
}

Result<Row> read_row(asn1::Reader& cells, std::size_t table, std::int64_t version) {
  std::string_view types = kTables[table].types;
  const bool is_older = version == kBeforeTenants && has_tenant(table);
  if (is_older) types.remove_suffix(1);
  std::vector<Cell> row;
  for (const char type : types) {
    HEQI_TRY(Cell cell, read_cell(cells, type));
    row.push_back(std::move(cell));
  }
  if (is_older) row.emplace_back(std::string(kDefaultTenant));
  HEQI_TRY(cells.finish());
  return Row(std::move(row));
}

Result<Content> parse(base::ByteView der) {
  HEQI_TRY(asn1::Reader outer, asn1::Reader::over(der));
  HEQI_TRY(asn1::Reader page, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const std::int64_t version, page.small_integer());
  if (version != kVersion && version != kBeforeTenants)
    return base::fail(Code::unsupported, "a backup of another version");
  Content content;
  for (std::size_t i = 0; i < content.size(); ++i) {
    HEQI_TRY(asn1::Reader rows, page.sequence());
    while (!rows.at_end()) {
      HEQI_TRY(asn1::Reader cells, rows.sequence());
      HEQI_TRY(Row row, read_row(cells, i, version));
      content[i].push_back(std::move(row));
    }
  }
  HEQI_TRY(page.finish());
  return content;
}

Result<std::int64_t> insert(Transaction& tx, TableNumber table, const std::vector<Cell>& row) {
  std::string statement = "INSERT INTO " + std::string(kTables[table].name) + " (" +
                          std::string(kTables[table].columns) + ") VALUES (";
  std::vector<sql::Parameter> values;
  for (const Cell& cell : row) {
    statement += (values.empty() ? "?" : ", ?") + std::to_string(values.size() + 1);
    values.push_back(std::visit(
        [](const auto& value) -> sql::Parameter {
          if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>) {
            return nullptr;
          } else {
            return value;
          }
        },
        cell));
  }
  return tx.execute_list(statement + ") ON CONFLICT DO NOTHING", values);
}

Result<bool> has_row(Transaction& tx, std::string_view statement, const sql::Parameter& value) {
  HEQI_TRY(const std::optional<Row> row,
           tx.find_row_list(statement, std::span<const sql::Parameter>(&value, 1)));
  return row.has_value();
}

base::Error other_key(const std::string& what) {
  return base::fail(Code::conflict, "this key centre has used another " + what +
                                        " already: restore into a fresh one");
}

// A key sealed in two ways was made twice; one that nothing depends on yet gives way.
Status restore_master(Transaction& tx, const Row& row) {
  HEQI_TRY(const std::optional<Row> here,
           tx.find_row("SELECT sealed FROM module_masters WHERE version = ?1", row.int64(0)));
  if (here && here->bytes(0) == row.bytes(1)) return {};
  HEQI_TRY(const bool used, has_row(tx,
                                    "SELECT 1 FROM module_joint_keys WHERE master_version = ?1 OR "
                                    "next_master_version = ?1",
                                    row.int64(0)));
  if (here && used) return other_key("master key " + std::to_string(row.int64(0)));
  if (here) {
    HEQI_TRY(tx.execute("UPDATE module_masters SET sealed = ?2, tenant = ?3 WHERE version = ?1",
                        row.int64(0), row.bytes(1), row.text(3)));
    return {};
  }
  HEQI_TRY(insert(tx, masters, cells_of(masters, row)));
  return {};
}

Status restore_named(Transaction& tx, TableNumber table, const Row& row) {
  const std::string name(kTables[table].name);
  HEQI_TRY(const std::optional<Row> here,
           tx.find_row("SELECT sealed FROM " + name + " WHERE name = ?1", row.text(0)));
  if (here && here->bytes(0) == row.bytes(1)) return {};
  if (here) {
    const bool own = row.text(0) == kChannelKey || row.text(0) == kSealingKey;
    HEQI_TRY(const std::optional<Row> bound, tx.find_row("SELECT 1 FROM module_devices"));
    if (!own || bound) return other_key("key " + row.text(0));
    HEQI_TRY(tx.execute("DELETE FROM " + name + " WHERE name = ?1", row.text(0)));
  }
  HEQI_TRY(insert(tx, table, cells_of(table, row)));
  return {};
}

Status restore_device(Transaction& tx, const Row& row) {
  std::vector<Cell> cells = cells_of(devices, row);
  HEQI_TRY(device::ChannelPosition position, device::parse_position(row.bytes(kPosition)));
  position.sent += kChannelLeap;
  cells[kPosition] = device::encode_position(position);
  HEQI_TRY(insert(tx, devices, cells));
  return {};
}

Result<bool> restore_key(Transaction& tx, const Row& row, base::Time now) {
  HEQI_TRY(const bool erased,
           has_row(tx, "SELECT 1 FROM module_erased_keys WHERE key_id = ?1", row.text(0)));
  if (erased) return false;
  std::vector<Cell> cells = cells_of(joint_keys, row);
  cells[kFailures] = std::int64_t{kTriesBeforeSecondDelay};
  cells[kNotBefore] = base::micros(now + kSecondDelay);
  HEQI_TRY(const std::int64_t rows, insert(tx, joint_keys, cells));
  return rows == 1;
}

Result<Restored> restore_all(Transaction& tx, const Content& content, base::Time now) {
  Restored restored;
  for (const Row& row : content[masters]) HEQI_TRY(restore_master(tx, row));
  for (const TableNumber table : {service_keys, macs})
    for (const Row& row : content[table]) HEQI_TRY(restore_named(tx, table, row));
  for (const Row& row : content[devices]) HEQI_TRY(restore_device(tx, row));
  for (const Row& row : content[joint_keys]) {
    HEQI_TRY(const bool is_back, restore_key(tx, row, now));
    ++(is_back ? restored.keys : restored.known);
  }
  return restored;
}

}  // namespace

Result<BackupPage> Backup::page(const std::string& cursor) {
  HEQI_TRY(const Content content, database_.with_snapshot([&](Transaction& tx) -> Result<Content> {
    Content out;
    HEQI_TRY(out[joint_keys],
             tx.query(select(joint_keys,
                             "WHERE key_id > ?1 AND state <> 'pending' ORDER BY key_id "
                             "LIMIT ?2"),
                      cursor, kKeysOfABackupPage));
    HEQI_TRY(out[masters], tx.query(select(masters, "ORDER BY version")));
    if (cursor.empty()) {
      HEQI_TRY(out[service_keys], tx.query(select(service_keys, "ORDER BY name")));
      HEQI_TRY(out[macs], tx.query(select(macs, "ORDER BY name")));
    }
    const std::vector<Row>& keys = out[joint_keys];
    if (keys.empty()) return out;
    HEQI_TRY(out[devices],
             tx.query(select(devices,
                             "WHERE device_id IN (SELECT device_id FROM module_joint_keys "
                             "WHERE key_id >= ?1 AND key_id <= ?2 AND state <> 'pending') "
                             "ORDER BY device_id"),
                      keys.front().text(0), keys.back().text(0)));
    return out;
  }));
  BackupPage page;
  HEQI_TRY(page.sealed, wrapping_.seal(kContext, encode(content), random_));
  if (content[joint_keys].size() == kKeysOfABackupPage)
    page.next = content[joint_keys].back().text(0);
  return page;
}

Result<Restored> Backup::restore(base::ByteView sealed) {
  const auto opened = wrapping_.open(kContext, sealed);
  if (!opened)
    return base::fail(Code::denied,
                      "the page was changed, or is of a key centre with another root wrapping key");
  HEQI_TRY(const Content content, parse(opened->expose()));
  Restored restored;
  const Status done = masters_.restoring(database_, wrapping_, [&]() -> Status {
    HEQI_TRY(restored, database_.with_transaction([&](Transaction& tx) {
      return restore_all(tx, content, clock_.now());
    }));
    return {};
  });
  HEQI_TRY(done);
  return restored;
}

}  // namespace heqi::keys
