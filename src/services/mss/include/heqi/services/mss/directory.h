// heqi/services/mss/directory.h: which device a signer id means, and with which certificate it
// signs.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/sql/database.h>
#include <heqi/x509/certificate.h>

namespace heqi::services::mss {

// Device is one registered MSD of a person.
struct Device {
  std::string id, person_id;
  base::Bytes channel_public_key;  // 04 || X || Y
  base::Bytes channel_state;       // of the envelope channel, see device_desk.h
  std::string state;               // "active", "retired", "wiped": its keys have been ended
  bool takes_lists = false;        // its person signs several documents with one confirmation
};

// HeldCertificate is a certificate that a device has acknowledged.
struct HeldCertificate {
  std::string ca_id, device_id;
  base::Bytes serial, der;
  base::Time not_before, not_after;
};

// Signer is what a signer id resolves to: exactly one terminal and its certificate.
struct Signer {
  std::string person_id, device_id;
  HeldCertificate certificate;
};

class Directory {
 public:
  Directory(sql::Database& database, const base::Clock& clock)
      : database_(database), clock_(clock) {}

  // add_device registers a device and retires the person's earlier one: a signer id means one
  // terminal.
  base::Status add_device(sql::Transaction& tx, const Device& device);
  base::Result<std::optional<Device>> find_device(sql::Transaction& tx, std::string_view device_id);
  base::Status save_channel_state(sql::Transaction& tx, std::string_view device_id,
                                  base::ByteView state);
  // note_lists remembers that the device takes lists.
  base::Status note_lists(sql::Transaction& tx, std::string_view device_id);
  base::Status retire_device(sql::Transaction& tx, std::string_view device_id);

  base::Status add_certificate(sql::Transaction& tx, const HeldCertificate& certificate);
  // add_issued keeps the certificate of an update beside the one in use; supersede puts it in its
  // place, for open transactions too.
  base::Status add_issued(sql::Transaction& tx, const HeldCertificate& certificate);
  base::Status supersede(sql::Transaction& tx, std::string_view ca_id, base::ByteView old_serial,
                         base::ByteView serial);
  // held_by are the certificates in use of a device, and the ones that it has applied for.
  base::Result<std::vector<HeldCertificate>> held_by(sql::Transaction& tx,
                                                     std::string_view device_id);
  // retired lists devices that were replaced and whose keys may still be in force, at most most;
  // set_wiped takes one off that list.
  base::Result<std::vector<std::string>> retired(sql::Transaction& tx, std::size_t most);
  base::Status set_wiped(sql::Transaction& tx, std::string_view device_id);
  // device_of is the person's registered terminal; nothing where there is none.
  base::Result<std::optional<std::string>> device_of(sql::Transaction& tx,
                                                     std::string_view person_id);
  // set_revoking keeps new transactions from a certificate in use until it is revoked, or
  // set_active again where it is not. Both: true where it stood so that they could.
  base::Result<bool> set_revoking(sql::Transaction& tx, std::string_view ca_id,
                                  base::ByteView serial);
  base::Result<bool> set_active(sql::Transaction& tx, std::string_view ca_id,
                                base::ByteView serial);
  // certificate_of is a certificate that the person's terminal was given and has confirmed, however
  // it stands now.
  struct Known {
    HeldCertificate certificate;
    std::string person_id;
    bool is_in_use = false;
  };
  base::Result<std::optional<Known>> certificate_of(sql::Transaction& tx,
                                                    std::string_view device_id,
                                                    base::ByteView serial);
  // in_use lists certificates in use by their serial number in hexadecimal, after that one.
  base::Result<std::vector<HeldCertificate>> in_use(sql::Transaction& tx, base::ByteView after,
                                                    std::size_t most);
  // set_revoked takes a certificate out of use; a repeat changes nothing.
  base::Status set_revoked(sql::Transaction& tx, std::string_view ca_id, base::ByteView serial);

  // resolve finds the terminal of a signer and the newest certificate, valid now, of one of the CAs
  // named. Fails with signer_unknown (none, or more than one terminal), signer_no_certificate
  // (MSSP-6.1-0, 6.1-c).
  base::Result<Signer> resolve(sql::Transaction& tx, std::string_view person_id,
                               const std::vector<std::string>& trusted_cas);

 private:
  sql::Database& database_;
  const base::Clock& clock_;
};

}  // namespace heqi::services::mss
