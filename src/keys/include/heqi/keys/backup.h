// heqi/keys/backup.h: what the key centre keeps of keys, as pages for the administrator, and back
// from them (T/ZSA 67.3 §10.1 b). Every secret in a page is sealed as it is in the database, and
// the page once more under the root wrapping key, which is in no page.
#pragma once
#include <heqi/keys/administration.h>
#include <heqi/keys/master_keys.h>

namespace heqi::keys {

inline constexpr std::size_t kKeysOfABackupPage = 1000;  // docs/limits.md

class Backup {
 public:
  Backup(sql::Database& database, const WrappingKey& wrapping, MasterKeys& masters,
         base::Random& random, const base::Clock& clock)
      : database_(database),
        wrapping_(wrapping),
        masters_(masters),
        random_(random),
        clock_(clock) {}

  // page gives the collaborative keys that follow the cursor with their devices and all master
  // keys; the first page (an empty cursor) holds the services' keys too.
  base::Result<BackupPage> page(const std::string& cursor);

  // restore adds what a page has and this key centre does not; it changes nothing that it knows,
  // and brings back no key that was deleted here. A key that comes back stands as after six wrong
  // PINs, since its tries are not known any more: it waits a day, or for Act::unlock_key. Its
  // device's channel goes on far beyond where it was. denied for a page of another root wrapping
  // key or that was changed; conflict where this key centre has used other keys under the same
  // names already.
  base::Result<Restored> restore(base::ByteView sealed);

 private:
  sql::Database& database_;
  const WrappingKey& wrapping_;
  MasterKeys& masters_;
  base::Random& random_;
  const base::Clock& clock_;
};

}  // namespace heqi::keys
