// heqi/keys/master_keys.h: the master keys X of each tenant, from which the server's shares are
// derived (COS-d2-1), sealed under the root wrapping key; and the boot epoch, which tells a
// restored database from a running one.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>

#include <heqi/base/clock.h>
#include <heqi/keys/module_protocol.h>
#include <heqi/keys/sealing.h>
#include <heqi/sql/database.h>

namespace heqi::keys {

class MasterKeys {
 public:
  // open unseals every version, and makes version 1, of kDefaultTenant, at first start.
  static base::Result<MasterKeys> open(sql::Database& database, const WrappingKey& wrapping,
                                       base::Random& random, const base::Clock& clock);

  // newest is the version that a tenant's new keys and refreshed shares are derived from; not_found
  // where it has none yet.
  base::Result<std::uint32_t> newest(std::string_view tenant) const;
  // renew makes a tenant's next version, or its first: a number that no version of any tenant has.
  // Earlier ones stay for the keys that were derived from them.
  base::Status renew(std::string_view tenant, sql::Database& database, const WrappingKey& wrapping,
                     base::Random& random, const base::Clock& clock);
  // restoring runs work, which may add versions and change those that no key depends on, while
  // nobody finds one; then the versions are read again.
  base::Status restoring(sql::Database& database, const WrappingKey& wrapping,
                         const std::function<base::Status()>& work);
  // find fails with not_found for a version that this module does not hold, or that is another
  // tenant's.
  base::Result<const crypto::Sm4Key*> find(std::string_view tenant, std::uint32_t version) const;

 private:
  struct Master {
    std::string tenant;
    crypto::Sm4Key key;
  };
  using Versions = std::map<std::uint32_t, Master>;
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
