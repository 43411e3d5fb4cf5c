#include <heqi/services/mss/key_endings.h>

#include <heqi/x509/certificate.h>

namespace heqi::services::mss {
namespace {

constexpr std::size_t kDevicesInARound = 64;

base::Result<bool> is_over(const HeldCertificate& held, base::ByteView public_key) {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(held.der));
  return base::same_bytes(certificate.public_key().key, public_key);
}

}  // namespace

base::Result<std::size_t> KeyEndings::round() {
  HEQI_TRY(const std::size_t wiped, wipe_replaced());
  HEQI_TRY(const std::vector<EndedKey> ended, key_centre_.ended_keys());
  if (ended.empty()) return wiped;
  std::vector<std::string> heard;
  for (const EndedKey& key : ended) {
    HEQI_TRY(end(key));
    heard.push_back(key.key_id);
  }
  HEQI_TRY(key_centre_.heard_ended(heard));
  return wiped + heard.size();
}

base::Result<std::size_t> KeyEndings::wipe_replaced() {
  HEQI_TRY(const std::vector<std::string> devices,
           database_.with_snapshot(
               [&](sql::Transaction& tx) { return directory_.retired(tx, kDevicesInARound); }));
  for (const std::string& device : devices) {
    const base::Status ordered = key_centre_.order_wipe(device);
    if (!ordered && ordered.error().code != base::Code::not_found) return ordered.error();
    HEQI_TRY(database_.with_transaction(
        [&](sql::Transaction& tx) { return directory_.set_wiped(tx, device); }));
  }
  return devices.size();
}

base::Status KeyEndings::end(const EndedKey& key) {
  HEQI_TRY(const std::vector<HeldCertificate> held,
           database_.with_snapshot(
               [&](sql::Transaction& tx) { return directory_.held_by(tx, key.device_id); }));
  for (const HeldCertificate& certificate : held) {
    HEQI_TRY(const bool over, is_over(certificate, key.public_key));
    if (!over) continue;
    // First at the CA: whatever breaks after it, nobody is left with a certificate in force.
    HEQI_TRY(authority_.withdraw(
        {.ca_id = certificate.ca_id, .certificate = certificate.der, .chain = {}}));
    const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
      HEQI_TRY(directory_.set_revoked(tx, certificate.ca_id, certificate.serial));
      return directory_.retire_device(tx, key.device_id);
    });
    HEQI_TRY(kept);
    for (;;) {
      HEQI_TRY(const auto open, transactions_.next_for(key.device_id));
      if (!open) break;
      HEQI_TRY(transactions_.refuse(key.device_id, open->id, base::Code::cosign_key_revoked));
    }
    log_.warning("mss.key_ended", {{"device", key.device_id}, {"key", key.key_id}});
  }
  return {};
}

base::Status KeyEndings::wipe(const std::string& person_id) {
  HEQI_TRY(const std::optional<std::string> device,
           database_.with_snapshot(
               [&](sql::Transaction& tx) { return directory_.device_of(tx, person_id); }));
  if (!device) return base::fail(base::Code::not_found, "the person has no device");
  return key_centre_.order_wipe(*device);
}

}  // namespace heqi::services::mss
