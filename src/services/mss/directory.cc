#include <heqi/services/mss/directory.h>

#include <algorithm>

#include <heqi/x509/certificate.h>

namespace heqi::services::mss {
namespace {

constexpr std::string_view kActive = "active", kRetired = "retired", kRevoked = "revoked",
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
  HEQI_TRY(
      const std::optional<sql::Row> row,
      tx.find_row("SELECT person_id, channel_public_key, channel_state, state FROM mss_devices "
                  "WHERE device_id = ?1 {for_update}",
                  device_id));
  if (!row) return std::optional<Device>();
  return std::optional<Device>(Device{.id = std::string(device_id),
                                      .person_id = row->text(0),
                                      .channel_public_key = row->bytes(1),
                                      .channel_state = row->bytes(2),
                                      .state = row->text(3)});
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

base::Status Directory::add_certificate(sql::Transaction& tx, const HeldCertificate& certificate) {
  HEQI_TRY(
      tx.execute("INSERT INTO mss_certificates (ca_id, serial, device_id, der, "
                 "not_before, not_after, state, stored_at) "
                 "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
                 certificate.ca_id, certificate.serial, certificate.device_id, certificate.der,
                 certificate.not_before, certificate.not_after, kActive, clock_.now()));
  return {};
}

base::Result<std::vector<HeldCertificate>> Directory::held_by(sql::Transaction& tx,
                                                              std::string_view device_id) {
  HEQI_TRY(const std::vector<sql::Row> rows,
           tx.query("SELECT ca_id, der FROM mss_certificates WHERE device_id = ?1 AND state = ?2 "
                    "UNION SELECT ca_id, certificate FROM mss_applications WHERE device_id = ?1 "
                    "AND state = 'issued'",
                    device_id, kActive));
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
