// heqi/services/mss/key_endings.h: a key that ended in the key centre (unbound, wiped, disabled)
// takes its certificate with it: relying parties hear of it too.
#pragma once
#include <heqi/base/log.h>
#include <heqi/services/mss/directory.h>
#include <heqi/services/mss/ports.h>
#include <heqi/services/mss/transactions.h>

namespace heqi::services::mss {

class KeyEndings {
 public:
  KeyEndings(sql::Database& database, Directory& directory, Transactions& transactions,
             CertificateAuthority& authority, KeyCentre& key_centre, base::Log& log)
      : database_(database),
        directory_(directory),
        transactions_(transactions),
        authority_(authority),
        key_centre_(key_centre),
        log_(log) {}

  // round has the key centre end the keys of devices that were replaced; then asks it which keys
  // have ended, and for each revokes the certificates over it, retires the device and ends its open
  // transactions (cosign.key_revoked). Gives the number of devices and keys. What fails half-way is
  // done again by the next round (GB/T 38646 §6.2.4).
  base::Result<std::size_t> round();

  // wipe has the key centre end the keys of a person's lost device; the next round does the rest.
  // not_found where the person has no device.
  base::Status wipe(const std::string& person_id);

 private:
  base::Result<std::size_t> wipe_replaced();
  base::Status end(const EndedKey& key);

  sql::Database& database_;
  Directory& directory_;
  Transactions& transactions_;
  CertificateAuthority& authority_;
  KeyCentre& key_centre_;
  base::Log& log_;
};

}  // namespace heqi::services::mss
