#include <heqi/keys/device_desk.h>

#include <heqi/cosign/codec.h>
#include <heqi/x509/sm2_encoding.h>

namespace heqi::keys {
namespace {

using device::MessageType;

// act_of names what the user does with a half that a message asks for.
std::string_view act_of(MessageType asked) {
  if (asked == MessageType::refresh_open) return "refresh_shares";
  if (asked == MessageType::secret_open) return "use_local_key";
  return "sign";
}

}  // namespace

struct DeviceDesk::Record {
  std::string device_id;
  base::Bytes channel_public_key, position;
};

struct DeviceDesk::Answer {
  MessageType type = MessageType::accepted;
  base::Bytes body;
};

base::Status DeviceDesk::open_own_keys() {
  for (std::string_view name : {kChannelKey, kSealingKey}) {
    if (service_keys_.public_key(name)) continue;
    HEQI_TRY(service_keys_.make({std::string(name), Purpose::channel, Protection::wrapping_key}));
  }
  return {};
}

base::Result<KeyCentreEnds> DeviceDesk::bind(const DeviceBinding& binding) {
  HEQI_TRY(crypto::PublicKey::decode(binding.channel_public_key));
  if (binding.channel_id.size() != device::kChannelIdSize)
    return base::fail(base::Code::malformed, "a channel id has 16 octets");
  const base::Status kept = database_.with_transaction([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(
        tx.execute("INSERT INTO module_devices (device_id, channel_public_key, channel_id, "
                   "position, bound_at, tenant) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
                   "ON CONFLICT DO NOTHING",
                   binding.device_id, binding.channel_public_key, binding.channel_id,
                   device::encode_position({}), clock_.now(), binding.tenant));
    HEQI_TRY(const std::optional<sql::Row> row,
             tx.find_row("SELECT channel_public_key, channel_id, tenant FROM module_devices "
                         "WHERE device_id = ?1",
                         binding.device_id));
    if (!row || row->bytes(0) != binding.channel_public_key ||
        row->bytes(1) != binding.channel_id || row->text(2) != binding.tenant)
      return base::fail(base::Code::conflict,
                        "the device is bound with another key, channel or tenant");
    return {};
  });
  HEQI_TRY(kept);
  KeyCentreEnds ends{.app_id = place_.app_id,
                     .platform_id = place_.platform_id,
                     .channel_key = {},
                     .sealing_key = {}};
  HEQI_TRY(ends.channel_key, service_keys_.public_key(kChannelKey));
  HEQI_TRY(ends.sealing_key, service_keys_.public_key(kSealingKey));
  return ends;
}

base::Result<DeviceDesk::Record> DeviceDesk::load(const device::ChannelId& channel) {
  return database_.with_snapshot([&](sql::Transaction& tx) -> base::Result<Record> {
    HEQI_TRY(const sql::Row row,
             tx.get_row("SELECT device_id, channel_public_key, position FROM module_devices "
                        "WHERE channel_id = ?1",
                        base::ByteView(channel)));
    return Record{row.text(0), row.bytes(1), row.bytes(2)};
  });
}

base::Status DeviceDesk::save(std::string_view device_id, const device::ChannelPosition& position) {
  return joint_keys_.commits().run([&](sql::Transaction& tx) -> base::Status {
    HEQI_TRY(tx.execute("UPDATE module_devices SET position = ?2 WHERE device_id = ?1", device_id,
                        device::encode_position(position)));
    return {};
  });
}

base::Result<base::Bytes> DeviceDesk::handle(base::ByteView envelope) {
  HEQI_TRY(const device::ChannelId channel_id, device::find_channel_id(envelope));
  const std::lock_guard turn(turns_[channel_id[0] % turns_.size()]);
  HEQI_TRY(const Record record, load(channel_id));
  HEQI_TRY(const crypto::PrivateKey* channel_key,
           service_keys_.private_key(std::string(kChannelKey)));
  HEQI_TRY(const crypto::PrivateKey* opening_key,
           service_keys_.private_key(std::string(kSealingKey)));
  HEQI_TRY(const crypto::PublicKey peer, crypto::PublicKey::decode(record.channel_public_key));
  HEQI_TRY(const device::ChannelPosition position, device::parse_position(record.position));
  x509::SoftwareSm2Signer signer(channel_key->clone(), random_);
  device::ChannelKeys keys{.id = channel_id,
                           .sends = device::Direction::to_device,
                           .signer = &signer,
                           .peer_key = peer,
                           .peer_sealing_key = {},
                           .opening_key = opening_key};
  device::Channel channel(std::move(keys), position);

  HEQI_TRY(device::Message opened, channel.open(envelope));
  HEQI_TRY(save(record.device_id, channel.position()));
  base::Bytes sealed;
  if (opened.type == MessageType::resynchronise) {
    HEQI_TRY(sealed, channel.resynchronised(opened));
  } else {
    Answer answer = act(record.device_id, opened);
    if (opened.answer_key) {
      HEQI_TRY(sealed,
               channel.seal_answer(answer.type, answer.body, std::move(*opened.answer_key)));
    } else {
      HEQI_TRY(sealed, channel.seal(answer.type, answer.body));
    }
    // A factor or a released secret may stand there.
    base::secure_wipe(answer.body.data(), answer.body.size());
  }
  HEQI_TRY(save(record.device_id, channel.position()));
  return sealed;
}

DeviceDesk::Answer DeviceDesk::act(std::string_view device_id, const device::Message& message) {
  const auto ordered = is_wipe_ordered(device_id);
  if (!ordered)
    return {MessageType::failure,
            device::encode_failure({ordered.error().code, ordered.error().detail})};
  if (*ordered && message.type != MessageType::wiped) return {MessageType::wipe_order, {}};
  if (message.type == MessageType::joint_open || message.type == MessageType::refresh_open ||
      message.type == MessageType::secret_open)
    return open_joint(device_id, message);
  if (message.type == MessageType::blind_open || message.type == MessageType::blind_request)
    return open_blind(device_id, message);
  auto answer = act_on(device_id, message);
  if (answer) return *std::move(answer);
  log_.warning("key_centre.refused",
               {{"device", device_id}, {"code", base::error_text(answer.error().code).id}});
  return {MessageType::failure,
          device::encode_failure({answer.error().code, answer.error().detail})};
}

base::Status DeviceDesk::order_wipe(std::string_view device_id) {
  HEQI_TRY(const std::int64_t rows, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE module_devices SET wipe_ordered_at = COALESCE(wipe_ordered_at, ?2) "
        "WHERE device_id = ?1",
        device_id, clock_.now());
  }));
  if (rows == 0) return base::fail(base::Code::not_found, "no such device is bound");
  return joint_keys_.revoke_of_device(device_id);
}

base::Result<std::optional<base::Time>> DeviceDesk::wiped_at(std::string_view device_id) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT wiped_at FROM module_devices WHERE device_id = ?1", device_id);
  }));
  return row.optional_time(0);
}

base::Result<bool> DeviceDesk::is_wipe_ordered(std::string_view device_id) {
  HEQI_TRY(const sql::Row row, database_.with_snapshot([&](sql::Transaction& tx) {
    return tx.get_row("SELECT wipe_ordered_at FROM module_devices WHERE device_id = ?1", device_id);
  }));
  return !row.is_null(0);
}

base::Status DeviceDesk::confirm_wipe(std::string_view device_id) {
  HEQI_TRY(const std::int64_t rows, database_.with_transaction([&](sql::Transaction& tx) {
    return tx.execute(
        "UPDATE module_devices SET wiped_at = COALESCE(wiped_at, ?2) "
        "WHERE device_id = ?1 AND wipe_ordered_at IS NOT NULL",
        device_id, clock_.now());
  }));
  if (rows == 0) return base::fail(base::Code::denied, "no wipe was ordered");
  log_.info("key_centre.device_wiped", {{"device", device_id}});
  return {};
}

base::Result<DeviceDesk::Answer> DeviceDesk::make_half(std::string_view device_id,
                                                       device::MessageType asked,
                                                       cosign::Opening&& opening) {
  const std::string key_id = key_id_text(opening.name);
  if (asked == MessageType::refresh_open) {
    HEQI_TRY(const device::ShareFactor factor, joint_keys_.refresh(device_id, std::move(opening)));
    return Answer{MessageType::refresh_answer, device::encode_share_factor(factor)};
  }
  if (asked == MessageType::secret_open) {
    HEQI_TRY(const base::SecretBytes secret, joint_keys_.release(device_id, std::move(opening)));
    return Answer{MessageType::secret_answer, base::to_bytes(secret.expose())};
  }
  HEQI_TRY(const cosign::Answer answer, joint_keys_.sign(device_id, std::move(opening)));
  HEQI_TRY(const KeyStatus status, joint_keys_.status(key_id));
  return Answer{
      MessageType::joint_answer,
      device::encode_joint_answer({.answer = cosign::encode_answer(answer),
                                   .tries_left = static_cast<unsigned>(status.tries_left)})};
}

DeviceDesk::Answer DeviceDesk::open_joint(std::string_view device_id,
                                          const device::Message& message) {
  auto opening = cosign::parse_opening(message.body);
  if (!opening)
    return {MessageType::failure,
            device::encode_failure({opening.error().code, opening.error().detail})};
  const std::string key_id = key_id_text(opening->name);
  auto answer = make_half(device_id, message.type, *std::move(opening));
  const base::Status recorded =
      record_half(message.type, key_id, answer ? base::Status() : base::Status(answer.error()));
  if (!recorded) return refuse(key_id, recorded.error());
  if (answer) return *std::move(answer);
  return refuse(key_id, answer.error());
}

// record_half writes a user's act into the record: a signature that was made is there already
// (ActRecord::newest), and a refusal is written where it cost a try, so that nobody fills the disk.
base::Status DeviceDesk::record_half(MessageType asked, const std::string& key_id,
                                     const base::Status& ended) {
  const bool is_signature = act_of(asked) == "sign";
  const bool is_worth_it =
      ended ? !is_signature : ended.error().code == base::Code::cosign_wrong_pin;
  if (!is_worth_it) return {};
  return acts_.record(device::Role::user, act_of(asked), key_id, ended);
}

DeviceDesk::Answer DeviceDesk::open_blind(std::string_view device_id,
                                          const device::Message& message) {
  std::string key_id;
  auto answer = make_blind_half(device_id, message, key_id);
  if (answer) return *std::move(answer);
  if (const base::Status recorded = record_half(message.type, key_id, answer.error()); !recorded)
    return refuse(key_id, recorded.error());
  if (!key_id.empty()) return refuse(key_id, answer.error());
  return {MessageType::failure,
          device::encode_failure({answer.error().code, answer.error().detail})};
}

base::Result<DeviceDesk::Answer> DeviceDesk::make_blind_half(std::string_view device_id,
                                                             const device::Message& message,
                                                             std::string& key_id) {
  if (exchanges_ != Exchanges::joint_and_blind)
    return base::fail(base::Code::unsupported, "this key centre signs by `joint` only");
  if (message.type == MessageType::blind_open) {
    HEQI_TRY(const cosign::BlindOpening opening, cosign::parse_blind_opening(message.body));
    key_id = key_id_text(opening.name);
    HEQI_TRY(const cosign::BlindCommitment commitment,
             joint_keys_.open_blind(device_id, opening.name, opening.counter));
    return Answer{MessageType::blind_commitment, cosign::encode_blind_commitment(commitment)};
  }
  HEQI_TRY(const cosign::NamedBlindRequest asked, cosign::parse_blind_request(message.body));
  key_id = key_id_text(asked.name);
  auto answer = joint_keys_.answer_blind(device_id, asked.name, asked.request);
  if (answer) return Answer{MessageType::blind_answer, cosign::encode_blind_answer(*answer)};
  // A session that got no answer is over: the device need not wait for its end.
  (void)joint_keys_.close_blind(device_id, asked.name);
  return answer.error();
}

// refuse tells why no half was made, and what the PIN's tries are.
DeviceDesk::Answer DeviceDesk::refuse(const std::string& key_id, const base::Error& error) {
  KeyStatus status;
  if (auto now = joint_keys_.status(key_id)) status = *now;
  device::JointRefused refused{
      .code = error.code, .tries_left = static_cast<unsigned>(status.tries_left), .retry_at = {}};
  if (status.not_before > base::micros(clock_.now()))
    refused.retry_at = base::time_from_micros(status.not_before);
  return {MessageType::joint_refused, device::encode_joint_refused(refused)};
}

base::Result<DeviceDesk::Answer> DeviceDesk::act_on(std::string_view device_id,
                                                    const device::Message& message) {
  switch (message.type) {
    case MessageType::key_ask: {
      HEQI_TRY(const cosign::KeyName name, joint_keys_.begin_key(device_id));
      return Answer{MessageType::key_challenge, device::encode_key_challenge({name})};
    }
    case MessageType::key_init: {
      HEQI_TRY(const cosign::KeyInit init, cosign::parse_key_init(message.body));
      HEQI_TRY(const cosign::KeyName name, joint_keys_.newest_key(device_id));
      HEQI_TRY(const cosign::KeyInitAnswer answer, joint_keys_.init_key(device_id, name, init));
      HEQI_TRY(acts_.record(device::Role::user, "make_key", key_id_text(name), {}));
      return Answer{MessageType::key_init_answer, cosign::encode_key_init_answer(answer)};
    }
    case MessageType::joint_confirm: {
      HEQI_TRY(const cosign::Confirm confirmation, cosign::parse_confirm(message.body));
      HEQI_TRY(joint_keys_.confirm(device_id, confirmation));
      return Answer{};
    }
    case MessageType::blind_close: {
      HEQI_TRY(const cosign::KeyName name, cosign::parse_blind_close(message.body));
      HEQI_TRY(joint_keys_.close_blind(device_id, name));
      return Answer{};
    }
    case MessageType::unlock_ask: {
      HEQI_TRY(const device::KeyChallenge locked, device::parse_key_challenge(message.body));
      const base::Status takes_pins = joint_keys_.takes_pins(device_id, locked.name);
      if (takes_pins) return Answer{};
      // Of another's key nothing is told.
      if (takes_pins.error().code == base::Code::cosign_key_unknown) return takes_pins.error();
      return refuse(key_id_text(locked.name), takes_pins.error());
    }
    case MessageType::share_revoke:
      HEQI_TRY(joint_keys_.revoke_of_device(device_id));
      HEQI_TRY(acts_.record(device::Role::user, "unbind", device_id, {}));
      return Answer{};
    case MessageType::wiped:
      HEQI_TRY(confirm_wipe(device_id));
      return Answer{};
    default:
      return base::fail(base::Code::unsupported,
                        "message type " + std::to_string(static_cast<int>(message.type)));
  }
}

}  // namespace heqi::keys
