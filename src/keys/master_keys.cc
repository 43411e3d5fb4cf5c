#include <heqi/keys/master_keys.h>

#include <charconv>
#include <mutex>

#include <heqi/base/text.h>

namespace heqi::keys {
namespace {

constexpr std::string_view kEpochFile = "boot-epoch";

// A sealed key opens for its tenant and version only. The default tenant's are sealed as before
// there were tenants.
std::string subject_of(std::string_view tenant) {
  return tenant == kDefaultTenant ? "X" : "X of " + std::string(tenant);
}

SealContext context_of(const std::string& subject, std::int64_t version) {
  return {"master-key", subject, version};
}

}  // namespace

base::Result<MasterKeys> MasterKeys::open(sql::Database& database, const WrappingKey& wrapping,
                                          base::Random& random, const base::Clock& clock) {
  crypto::Sm4Key drawn;
  HEQI_TRY(random.fill(drawn.expose_mutable()));
  HEQI_TRY(const base::Bytes first,
           wrapping.seal(context_of(subject_of(kDefaultTenant), 1), drawn.expose(), random));
  HEQI_TRY(database.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "INSERT INTO module_masters (version, sealed, created_at) "
        "VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING",
        first, clock.now());
  }));
  MasterKeys masters;
  HEQI_TRY(masters.keys_, read(database, wrapping));
  return masters;
}

base::Result<MasterKeys::Versions> MasterKeys::read(sql::Database& database,
                                                    const WrappingKey& wrapping) {
  HEQI_TRY(const std::vector<sql::Row> rows, database.with_snapshot([](sql::Transaction& tx) {
    return tx.query("SELECT version, sealed, tenant FROM module_masters ORDER BY version");
  }));
  Versions keys;
  for (const sql::Row& row : rows) {
    auto key = wrapping.open(context_of(subject_of(row.text(2)), row.int64(0)), row.bytes(1));
    if (!key)
      return base::fail(
          base::Code::denied,
          "the root wrapping key does not open master key version " + std::to_string(row.int64(0)));
    if (key->size() != crypto::kSm4KeySize)
      return base::fail(base::Code::internal, "master key size");
    keys.emplace(static_cast<std::uint32_t>(row.int64(0)),
                 Master{row.text(2), crypto::Sm4Key(key->expose().first<crypto::kSm4KeySize>())});
  }
  return keys;
}

base::Status MasterKeys::restoring(sql::Database& database, const WrappingKey& wrapping,
                                   const std::function<base::Status()>& work) {
  const std::unique_lock lock(*mutex_);
  HEQI_TRY(work());
  HEQI_TRY(Versions now, read(database, wrapping));
  for (auto& [version, master] : now) keys_.insert_or_assign(version, std::move(master));
  return {};
}

base::Result<std::uint32_t> MasterKeys::newest(std::string_view tenant) const {
  const std::shared_lock lock(*mutex_);
  for (auto at = keys_.rbegin(); at != keys_.rend(); ++at)
    if (at->second.tenant == tenant) return at->first;
  return base::fail(base::Code::not_found, "a master key of tenant " + std::string(tenant));
}

base::Status MasterKeys::renew(std::string_view tenant, sql::Database& database,
                               const WrappingKey& wrapping, base::Random& random,
                               const base::Clock& clock) {
  const std::unique_lock lock(*mutex_);
  const std::uint32_t version = keys_.rbegin()->first + 1;
  crypto::Sm4Key drawn;
  HEQI_TRY(random.fill(drawn.expose_mutable()));
  HEQI_TRY(const base::Bytes sealed,
           wrapping.seal(context_of(subject_of(tenant), version), drawn.expose(), random));
  HEQI_TRY(database.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "INSERT INTO module_masters (version, sealed, created_at, tenant) VALUES (?1, ?2, ?3, ?4)",
        version, sealed, clock.now(), tenant);
  }));
  keys_.emplace(version, Master{std::string(tenant), std::move(drawn)});
  return {};
}

base::Result<const crypto::Sm4Key*> MasterKeys::find(std::string_view tenant,
                                                     std::uint32_t version) const {
  const std::shared_lock lock(*mutex_);
  const auto found = keys_.find(version);
  if (found == keys_.end() || found->second.tenant != tenant)
    return base::fail(base::Code::not_found, "master key version " + std::to_string(version));
  return &found->second.key;
}

base::Result<std::int64_t> start_boot_epoch(sql::Database& database, base::FileStore& files,
                                            const base::Clock& clock) {
  std::int64_t remembered = 0;
  auto file = files.read(kEpochFile, 32);
  if (file) {
    const std::string_view text = base::trim(base::text_of(*file));
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), remembered);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
      return base::fail(base::Code::malformed, "the file boot-epoch holds no number");
  } else if (file.error().code != base::Code::not_found) {
    return std::move(file).error();
  }
  HEQI_TRY(const std::int64_t epoch,
           database.with_transaction([&](sql::Transaction& tx) -> base::Result<std::int64_t> {
             HEQI_TRY(const sql::Row row,
                      tx.get_row("SELECT COALESCE(MAX(epoch), 0) FROM module_boots"));
             if (row.int64(0) < remembered)
               return base::fail(base::Code::conflict,
                                 "the module's database is older than its last start (epoch " +
                                     std::to_string(row.int64(0)) + " < " +
                                     std::to_string(remembered) +
                                     "): it was restored from a copy; counters would go back");
             HEQI_TRY(tx.execute("INSERT INTO module_boots (epoch, started_at) VALUES (?1, ?2)",
                                 row.int64(0) + 1, clock.now()));
             return row.int64(0) + 1;
           }));
  HEQI_TRY(files.write(kEpochFile, base::bytes_of(std::to_string(epoch) + "\n")));
  return epoch;
}

}  // namespace heqi::keys
