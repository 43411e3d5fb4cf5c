// heqi/services/mss/device_desk.h: the service's end of the channels to devices (GB/T 38646 §8.2):
// opens an envelope, does what it asks, seals the answer.
#pragma once
#include <mutex>

#include <heqi/device/channel.h>
#include <heqi/device/messages.h>
#include <heqi/services/mss/transactions.h>
#include <heqi/services/mss/updates.h>
#include <heqi/x509/signer.h>

namespace heqi::services::mss {

// kInstallLifetime is how long an issued certificate waits for its device; docs/limits.md.
inline constexpr base::Duration kInstallLifetime = std::chrono::hours(24);

class DeviceDesk {
 public:
  // channel_signer is the service's channel key, in the key centre.
  DeviceDesk(sql::Database& database, Directory& directory, Transactions& transactions,
             Revocations& revocations, Updates& updates, CertificateAuthority& authority,
             x509::Signer& channel_signer, const base::Clock& clock, base::Random& random,
             base::Log& log);

  // handle answers one envelope of a device. An envelope that is not authentic, or out of order, is
  // an error and changes nothing; every other refusal is answered inside the channel.
  base::Result<base::Bytes> handle(base::ByteView envelope);

  // round ends what no device came for (§6.2.2 q): a certificate that was not acknowledged within
  // kInstallLifetime is revoked before anybody relied on it. Gives how many were.
  base::Result<std::size_t> round();

 private:
  struct Answer;
  Answer act(const Device& device, const device::Message& message);
  base::Result<Answer> act_on(const Device& device, const device::Message& message);
  base::Result<Answer> poll(const Device& device, base::ByteView body);
  base::Status take_sign_answer(const Device& device, const device::SignAnswer& answer);
  base::Result<base::Bytes> take_sign_answers(const Device& device, base::ByteView body);
  base::Result<Answer> apply_for_certificate(const Device& device, base::ByteView body);
  base::Status end_lapsed(const std::string& device_id, base::Time before);
  base::Status end_former(const Device& device, const std::string& request_id);
  base::Result<Answer> acknowledge_certificate(const Device& device, base::ByteView body);
  base::Result<std::optional<Answer>> question_for(const Device& device);
  base::Result<Answer> take_update_request(const Device& device, base::ByteView body);
  base::Status check_may_apply(const Device& device);
  base::Result<Answer> take_revocation(const Device& device, base::ByteView body);
  base::Result<Answer> take_answer(const Device& device, base::ByteView body);
  base::Result<Answer> take_cleared(const Device& device, base::ByteView body);
  base::Status save(const std::string& device_id, const device::ChannelPosition& position);

  sql::Database& database_;
  Directory& directory_;
  Transactions& transactions_;
  Revocations& revocations_;
  Updates& updates_;
  CertificateAuthority& authority_;
  x509::Signer& channel_signer_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Log& log_;
  std::array<std::mutex, 64> turns_;  // one device, one message at a time
};

}  // namespace heqi::services::mss
