#include <heqi/services/mss/directory.h>

#include <algorithm>

#include <heqi/x509/certificate.h>

namespace heqi::services::mss {
namespace {

constexpr std::string_view kActive = "active", kRetired = "retired", kRevoked = "revoked",
                           kRevoking = "revoking", kIssued = "issued", kSuperseded = "superseded",
                           kWiped = "wiped";

}  // namespace

base::Status Directory::add_device(sql::Transaction& tx, const Device& device) {
  HEQI_TRY(
      tx.execute("UPDATE mss_devices SET state = ?2, retired_at = ?3 "
                 "WHERE person_id = ?1 AND state = ?4 AND device_id <> ?5",
                 device.person_id, kRetired, clock_.now(), kActive, device.id));
  HEQI_TRY(const std::int64_t rows,
           tx.execute("INSERT INTO mss_devices (device_id, person_id, channel_public_key, "
                      "channel_state, state, registered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
                      "ON CONFLICT DO NOTHING",
                      device.id, device.person_id, device.channel_public_key, device.channel_state,
                      kActive, clock_.now()));
  if (rows == 0) return base::fail(base::Code::conflict, "the device is registered already");
  return {};
}

base::Result<std::optional<Device>> Directory::find_device(sql::Transaction& tx,
                                                           std::string_view device_id) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT person_id, channel_public_key, channel_state, state, takes_lists "
                       "FROM mss_devices WHERE device_id = ?1 {for_update}",
                       device_id));
  if (!row) return std::optional<Device>();
  return std::optional<Device>(Device{.id = std::string(device_id),
                                      .person_id = row->text(0),
                                      .channel_public_key = row->bytes(1),
                                      .channel_state = row->bytes(2),
                                      .state = row->text(3),
                                      .takes_lists = row->int64(4) != 0});
}

base::Status Directory::note_lists(sql::Transaction& tx, std::string_view device_id) {
  HEQI_TRY(tx.execute("UPDATE mss_devices SET takes_lists = 1 WHERE device_id = ?1", device_id));
  return {};
}

base::Status Directory::save_channel_state(sql::Transaction& tx, std::string_view device_id,
                                           base::ByteView state) {
  HEQI_TRY(tx.execute("UPDATE mss_devices SET channel_state = ?2 WHERE device_id = ?1", device_id,
                      state));
  return {};
}

base::Status Directory::retire_device(sql::Transaction& tx, std::string_view device_id) {
  HEQI_TRY(
      tx.execute("UPDATE mss_devices SET state = ?2, retired_at = ?3 WHERE device_id = ?1 "
                 "AND state = ?4",
                 device_id, kRetired, clock_.now(), kActive));
  return {};
}

namespace {

base::Status insert(sql::Transaction& tx, const HeldCertificate& certificate,
                    std::string_view state, base::Time now) {
  HEQI_TRY(
      tx.execute("INSERT INTO mss_certificates (ca_id, serial, device_id, der, "
                 "not_before, not_after, state, stored_at) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                 certificate.ca_id, certificate.serial, certificate.device_id, certificate.der,
                 certificate.not_before, certificate.not_after, state, now));
  return {};
}

}  // namespace

base::Status Directory::add_certificate(sql::Transaction& tx, const HeldCertificate& certificate) {
  return insert(tx, certificate, kActive, clock_.now());
}

base::Status Directory::add_issued(sql::Transaction& tx, const HeldCertificate& certificate) {
  return insert(tx, certificate, kIssued, clock_.now());
}

base::Status Directory::supersede(sql::Transaction& tx, std::string_view ca_id,
                                  base::ByteView old_serial, base::ByteView serial) {
  constexpr std::string_view set =
      "UPDATE mss_certificates SET state = ?3 WHERE ca_id = ?1 AND "
      "serial = ?2";
  HEQI_TRY(tx.execute(std::string(set), ca_id, old_serial, kSuperseded));
  HEQI_TRY(tx.execute(std::string(set), ca_id, serial, kActive));
  HEQI_TRY(
      tx.execute("UPDATE mss_transactions SET serial = ?3 WHERE ca_id = ?1 AND serial = ?2 "
                 "AND open = 1",
                 ca_id, old_serial, serial));
  return {};
}

base::Result<std::vector<HeldCertificate>> Directory::held_by(sql::Transaction& tx,
                                                              std::string_view device_id) {
  HEQI_TRY(
      const std::vector<sql::Row> rows,
      tx.query(
          "SELECT ca_id, der FROM mss_certificates WHERE device_id = ?1 AND state IN (?2, ?3, ?4) "
          "UNION SELECT ca_id, certificate FROM mss_applications WHERE device_id = ?1 "
          "AND state = 'issued'",
          device_id, kActive, kRevoking, kIssued));
  std::vector<HeldCertificate> out;
  for (const sql::Row& row : rows) {
    HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(row.bytes(1)));
    out.push_back({.ca_id = row.text(0),
                   .device_id = std::string(device_id),
                   .serial = certificate.serial(),
                   .der = row.bytes(1),
                   .not_before = certificate.not_before(),
                   .not_after = certificate.not_after()});
  }
  return out;
}

base::Result<std::vector<std::string>> Directory::retired(sql::Transaction& tx, std::size_t most) {
  HEQI_TRY(const std::vector<sql::Row> rows,
           tx.query("SELECT device_id FROM mss_devices WHERE state = 'retired' "
                    "ORDER BY device_id LIMIT ?1",
                    most));
  std::vector<std::string> out;
  for (const sql::Row& row : rows) out.push_back(row.text(0));
  return out;
}

base::Status Directory::set_wiped(sql::Transaction& tx, std::string_view device_id) {
  HEQI_TRY(tx.execute("UPDATE mss_devices SET state = ?2 WHERE device_id = ?1 AND state = ?3",
                      device_id, kWiped, kRetired));
  return {};
}

base::Result<std::optional<std::string>> Directory::device_of(sql::Transaction& tx,
                                                              std::string_view person_id) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT device_id FROM mss_devices WHERE person_id = ?1 AND state = ?2",
                       person_id, kActive));
  if (!row) return std::optional<std::string>();
  return std::optional<std::string>(row->text(0));
}

base::Status Directory::set_revoked(sql::Transaction& tx, std::string_view ca_id,
                                    base::ByteView serial) {
  HEQI_TRY(tx.execute("UPDATE mss_certificates SET state = ?3 WHERE ca_id = ?1 AND serial = ?2",
                      ca_id, serial, kRevoked));
  return {};
}

base::Result<bool> Directory::set_revoking(sql::Transaction& tx, std::string_view ca_id,
                                           base::ByteView serial) {
  HEQI_TRY(const std::int64_t rows,
           tx.execute("UPDATE mss_certificates SET state = ?3 WHERE ca_id = ?1 AND serial = ?2 "
                      "AND state = ?4",
                      ca_id, serial, kRevoking, kActive));
  return rows == 1;
}

base::Result<bool> Directory::set_active(sql::Transaction& tx, std::string_view ca_id,
                                         base::ByteView serial) {
  HEQI_TRY(const std::int64_t rows,
           tx.execute("UPDATE mss_certificates SET state = ?3 WHERE ca_id = ?1 AND serial = ?2 "
                      "AND state = ?4",
                      ca_id, serial, kActive, kRevoking));
  return rows == 1;
}

base::Result<std::optional<Directory::Known>> Directory::certificate_of(sql::Transaction& tx,
                                                                        std::string_view device_id,
                                                                        base::ByteView serial) {
  HEQI_TRY(const std::optional<sql::Row> row,
           tx.find_row("SELECT c.ca_id, c.der, c.not_before, c.not_after, c.state, d.person_id "
                       "FROM mss_certificates c JOIN mss_devices d ON d.device_id = c.device_id "
                       "WHERE c.device_id = ?1 AND c.serial = ?2",
                       device_id, serial));
  if (!row) return std::optional<Known>();
  return std::optional<Known>(Known{.certificate = {.ca_id = row->text(0),
                                                    .device_id = std::string(device_id),
                                                    .serial = base::to_bytes(serial),
                                                    .der = row->bytes(1),
                                                    .not_before = row->time(2),
                                                    .not_after = row->time(3)},
                                    .person_id = row->text(5),
                                    .is_in_use = row->text(4) == kActive});
}

base::Result<std::vector<HeldCertificate>> Directory::in_use(sql::Transaction& tx,
                                                             base::ByteView after,
                                                             std::size_t most) {
  HEQI_TRY(const std::vector<sql::Row> rows,
           tx.query("SELECT ca_id, serial, device_id, der, not_before, not_after "
                    "FROM mss_certificates WHERE state = ?1 AND not_after > ?2 AND serial > ?3 "
                    "ORDER BY serial LIMIT ?4",
                    kActive, clock_.now(), after, most));
  std::vector<HeldCertificate> out;
  for (const sql::Row& row : rows)
    out.push_back({.ca_id = row.text(0),
                   .device_id = row.text(2),
                   .serial = row.bytes(1),
                   .der = row.bytes(3),
                   .not_before = row.time(4),
                   .not_after = row.time(5)});
  return out;
}

base::Result<Signer> Directory::resolve(sql::Transaction& tx, std::string_view person_id,
                                        const std::vector<std::string>& trusted_cas) {
  HEQI_TRY(const std::vector<sql::Row> devices,
           tx.query("SELECT device_id FROM mss_devices WHERE person_id = ?1 AND state = ?2",
                    person_id, kActive));
  if (devices.size() != 1)
    return base::fail(base::Code::signer_unknown,
                      devices.empty() ? "no terminal is registered" : "the id is ambiguous");
  HEQI_TRY(const std::vector<sql::Row> certificates,
           tx.query("SELECT ca_id, serial, der, not_before, not_after FROM mss_certificates "
                    "WHERE device_id = ?1 AND state = ?2 AND not_before <= ?3 AND not_after > ?3 "
                    "ORDER BY not_before DESC",
                    devices[0].text(0), kActive, clock_.now()));
  for (const sql::Row& row : certificates) {
    if (std::find(trusted_cas.begin(), trusted_cas.end(), row.text(0)) == trusted_cas.end())
      continue;
    return Signer{.person_id = std::string(person_id),
                  .device_id = devices[0].text(0),
                  .certificate = {.ca_id = row.text(0),
                                  .device_id = devices[0].text(0),
                                  .serial = row.bytes(1),
                                  .der = row.bytes(2),
                                  .not_before = row.time(3),
                                  .not_after = row.time(4)}};
  }
  return base::fail(base::Code::signer_no_certificate);
}

}  // namespace heqi::services::mss
