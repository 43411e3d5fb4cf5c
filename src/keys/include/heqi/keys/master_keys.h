// heqi/keys/master_keys.h: the master keys X, from which the server's shares are derived
// (COS-d2-1), sealed under the root wrapping key; and the boot epoch, which tells a restored
// database from a running one.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>

#include <heqi/base/clock.h>
#include <heqi/keys/sealing.h>
#include <heqi/sql/database.h>

namespace heqi::keys {

class MasterKeys {
 public:
  // open unseals every version, and makes version 1 at first start.
  static base::Result<MasterKeys> open(sql::Database& database, const WrappingKey& wrapping,
                                       base::Random& random, const base::Clock& clock);

  // newest is the version that new keys and refreshed shares are derived from.
  std::uint32_t newest() const;
  // renew makes the next version. Earlier ones stay for the keys that were derived from them.
  base::Status renew(sql::Database& database, const WrappingKey& wrapping, base::Random& random,
                     const base::Clock& clock);
  // restoring runs work, which may add versions and change those that no key depends on, while
  // nobody finds one; then the versions are read again.
  base::Status restoring(sql::Database& database, const WrappingKey& wrapping,
                         const std::function<base::Status()>& work);
  // find fails with not_found for a version that this module does not hold.
  base::Result<const crypto::Sm4Key*> find(std::uint32_t version) const;

 private:
  using Versions = std::map<std::uint32_t, crypto::Sm4Key>;
  static base::Result<Versions> read(sql::Database& database, const WrappingKey& wrapping);

  // Versions that keys depend on stay, and map nodes stay where they are.
  Versions keys_;
  std::unique_ptr<std::shared_mutex> mutex_ = std::make_unique<std::shared_mutex>();
};

// start_boot_epoch counts this start in the database and in a file beside it. Fails with conflict
// where the database is older than the file: it was restored from a copy, and counters in it have
// gone back.
base::Result<std::int64_t> start_boot_epoch(sql::Database& database, base::FileStore& files,
                                            const base::Clock& clock);

}  // namespace heqi::keys
