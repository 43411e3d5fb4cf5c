// protocol_operations.cc: the two-party exchange, the PIN and the channels.
#include <heqi/cosign/codec.h>
#include <heqi/cosign/server_share.h>
#include <heqi/crypto/curve_batch.h>
#include <heqi/device/channel.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/signer.h>

#include "operations.h"
#include "pin.h"
#include "state.h"

namespace heqi::constant_time {
namespace {

using base::Bytes;

cosign::KeyName key_name() {
  cosign::KeyName name{"heqi", "test", {}, 1};
  name.key_id.fill(7);
  return name;
}

// published is an encoded message on its way: the network sees it.
Bytes published(Bytes message) {
  base::ct::declassify(message);
  return message;
}

template <class T>
T must(base::Result<T> result, const char* what) {
  require(result.has_value(), what);
  return *std::move(result);
}

void run_joint_of(std::size_t items) {
  SecretRandom device_random(40), server_random(41);
  const cosign::KeyName name = key_name();
  const crypto::SecretScalar d2 =
      must(cosign::derive_server_share(secret_sm4_key(), 1, name), "derivation of d2");
  auto agreement =
      must(cosign::DeviceKeyAgreement::begin({name, Bytes(65, 4)}, device_random), "key agreement");
  const auto init = must(
      cosign::parse_key_init(published(cosign::encode_key_init(agreement.message()))), "KeyInit");
  const auto agreed =
      must(cosign::agree_on_key({name, Bytes(65, 4)}, init, d2, server_random), "agree_on_key");
  const auto answer =
      must(cosign::parse_key_init_answer(published(cosign::encode_key_init_answer(agreed.answer))),
           "KeyInitAnswer");
  cosign::DeviceKey key = must(std::move(agreement).finish(answer), "finish");

  auto device = must(cosign::Device::with_key(std::move(key), device_random), "Device");
  std::vector<crypto::Digest> digests(items);
  for (std::size_t i = 0; i < items; ++i) digests[i].fill(static_cast<std::uint8_t>(i + 1));
  auto opened = must(device.open(digests, 1), "open");
  auto opening =
      must(cosign::parse_opening(published(cosign::encode_opening(opened.opening))), "Opening");
  const cosign::ServerKey server_key{name, init.p1, answer.p, 0};
  cosign::Server server(server_key, d2.clone(), server_random);
  const auto answered = must(server.answer(std::move(opening)), "answer");
  const auto half =
      must(cosign::parse_answer(published(cosign::encode_answer(answered.answer))), "Answer");
  const auto made = must(device.finish(std::move(opened.nonces), half), "finish");
  const auto told = must(cosign::parse_confirm(published(cosign::encode_confirm(made))), "Confirm");
  require(cosign::confirm(answer.p, answered.expected, told, server_random).has_value(), "confirm");
}

// Few items are multiplied one by one, more in lanes where there are any.
void run_joint() {
  run_joint_of(1);
  run_joint_of(crypto::kLanesPay + 1);
}

void run_pin() {
  SecretRandom random(42);
  testing::MemoryStore files;
  const auto keys = must(device::WrapKeys::make(files, random), "WrapKeys");
  Bytes pin = base::to_bytes("482913");
  base::ct::secret(pin);
  const crypto::SecretScalar d1(secret_scalar(43));
  device::KeySlot slot;
  SecretRandom salt(44);
  require(device::protect_share(slot, d1, pin, keys, 3, salt).has_value(), "protect_share");
  base::ct::declassify(slot.encrypted_d1);
  base::ct::declassify(slot.salt);
  const auto back = device::recover_share(slot, pin, keys);
  require((back.expose() - d1.expose()).is_zero(), "recover_share");
}

void run_channel() {
  SecretRandom random(45);
  x509::SoftwareSm2Signer device_signer(secret_key(46), random),
      server_signer(secret_key(47), random);
  const crypto::PrivateKey opening_key = secret_key(48);
  device::ChannelKeys device_keys, server_keys;
  device_keys.signer = &device_signer;
  device_keys.peer_key = server_signer.public_key();
  device_keys.peer_sealing_key = opening_key.public_key();
  server_keys.sends = device::Direction::to_device;
  server_keys.signer = &server_signer;
  server_keys.peer_key = device_signer.public_key();
  server_keys.opening_key = &opening_key;
  device::Channel device(device_keys, {}), server(server_keys, {});
  const Bytes body = secret_bytes(100, 49);
  auto secret = must(device.seal_secret(device::MessageType::joint_open, body, random), "secret");
  auto message = must(server.open(published(std::move(secret.envelope))), "open");
  require(base::ct::declassified(base::ct::equal_bytes(message.body, body)), "body");
  auto answer = must(server.seal_answer(device::MessageType::joint_answer, secret_bytes(90, 50),
                                        std::move(*message.answer_key)),
                     "answer");
  (void)must(device.open_answer(published(std::move(answer)), std::move(secret.answer_key)),
             "open_answer");
}

}  // namespace

void add_protocol_operations(Operations& all) {
  all.insert({{"joint", run_joint}, {"pin", run_pin}, {"channel", run_channel}});
}

}  // namespace heqi::constant_time
