// heqi/keys/device_desk.h: the key centre's end of the channels to devices: opens an envelope, lets
// JointKeys do what it asks, and seals the answer. Positions are durable before anything takes
// effect or leaves.
#pragma once
#include <array>
#include <mutex>

#include <heqi/device/channel.h>
#include <heqi/device/messages.h>
#include <heqi/keys/act_record.h>
#include <heqi/keys/joint_keys.h>
#include <heqi/keys/service_keys.h>
#include <heqi/x509/signer.h>

namespace heqi::keys {

// Names of the module's own keys.
inline constexpr std::string_view kChannelKey = "key-centre-channel",
                                  kSealingKey = "key-centre-sealing";

// Exchanges are those that the key centre takes part in. In `blind` it does not learn what it helps
// to sign, and its record cannot say.
enum class Exchanges : std::uint8_t { joint = 1, joint_and_blind = 2 };

class DeviceDesk {
 public:
  DeviceDesk(sql::Database& database, ServiceKeys& service_keys, JointKeys& joint_keys,
             ActRecord& acts, base::Random& random, const base::Clock& clock, base::Log& log,
             Place place, Exchanges exchanges)
      : database_(database),
        service_keys_(service_keys),
        joint_keys_(joint_keys),
        acts_(acts),
        random_(random),
        clock_(clock),
        log_(log),
        place_(std::move(place)),
        exchanges_(exchanges) {}

  // open_own_keys makes the channel and the sealing key at first start.
  base::Status open_own_keys();

  // bind records a device and its channel. The same binding again is success; another key or
  // channel for the same device is a conflict.
  base::Result<KeyCentreEnds> bind(const DeviceBinding& binding);

  // order_wipe ends the shares of a device at once and has it erase its own at its next word with
  // the key centre. not_found for a device that is not bound. The order stands until it is
  // confirmed.
  base::Status order_wipe(std::string_view device_id);
  // wiped_at is when the device confirmed; empty before.
  base::Result<std::optional<base::Time>> wiped_at(std::string_view device_id);

  // handle answers one envelope of a device. An envelope that is not authentic, or out of order, is
  // an error and changes nothing; everything else is answered inside the channel.
  base::Result<base::Bytes> handle(base::ByteView envelope);

 private:
  struct Answer;
  struct Record;
  base::Result<Record> load(const device::ChannelId& channel);
  base::Status save(std::string_view device_id, const device::ChannelPosition& position);
  Answer act(std::string_view device_id, const device::Message& message);
  Answer open_joint(std::string_view device_id, const device::Message& message);
  base::Result<Answer> make_half(std::string_view device_id, device::MessageType asked,
                                 cosign::Opening&& opening);
  Answer open_blind(std::string_view device_id, const device::Message& message);
  base::Result<Answer> make_blind_half(std::string_view device_id, const device::Message& message,
                                       std::string& key_id);
  Answer refuse(const std::string& key_id, const base::Error& error);
  base::Result<bool> is_wipe_ordered(std::string_view device_id);
  base::Status confirm_wipe(std::string_view device_id);
  base::Status record_half(device::MessageType asked, const std::string& key_id,
                           const base::Status& ended);
  base::Result<Answer> act_on(std::string_view device_id, const device::Message& message);

  sql::Database& database_;
  ServiceKeys& service_keys_;
  JointKeys& joint_keys_;
  ActRecord& acts_;
  base::Random& random_;
  const base::Clock& clock_;
  base::Log& log_;
  Place place_;
  Exchanges exchanges_;
  std::array<std::mutex, 64> turns_;  // one device, one message at a time
};

}  // namespace heqi::keys
