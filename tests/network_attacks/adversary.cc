#include "adversary.h"

#include <csignal>

#include "pin.h"

namespace heqi::attacks {

using base::Bytes;
using base::Result;
using device::Message;
using device::MessageType;

Result<Adversary> Adversary::take_apart(faults::World& world, std::size_t party,
                                        base::Fetch& fetch) {
  const faults::Party& victim = world.party(party);
  (void)world.device(party).end(SIGTERM);
  Adversary out;
  out.url_ = world.server_url() + "/device/v1/key-centre";
  out.fetch_ = &fetch;
  out.random_ = std::make_unique<base::SystemRandom>();
  HEQI_TRY(const auto files, base::open_folder(victim.folder + "/state"));
  HEQI_TRY(const auto key_files, base::open_folder(victim.folder + "/key"));
  HEQI_TRY(out.wrap_keys_, device::WrapKeys::load(*key_files));
  HEQI_TRY(const device::State state, device::load_state(*files, *out.wrap_keys_));
  out.slot_ = *state.key;
  out.counter_ = state.key->opening_counter;
  HEQI_TRY(crypto::PublicKey p, crypto::PublicKey::decode(state.key->public_key));
  out.key_ = cosign::DeviceKey{state.key->name, std::move(p), out.share_of(victim.pin)};
  HEQI_TRY(crypto::PrivateKey channel_key,
           device::open_channel_key(*out.wrap_keys_, state.sealed_channel_key));
  const crypto::PointBytes point = channel_key.public_key().encode();
  out.channel_public_key_ = {point.begin(), point.end()};
  out.signer_ = std::make_unique<x509::SoftwareSm2Signer>(std::move(channel_key), *out.random_);

  const device::Registered& known = *state.registered;
  device::ChannelKeys keys{.id = known.key_channel,
                           .sends = device::Direction::to_server,
                           .signer = out.signer_.get(),
                           .peer_key = {},
                           .peer_sealing_key = {},
                           .opening_key = nullptr};
  HEQI_TRY(keys.peer_key, crypto::PublicKey::decode(known.key_centre_key));
  HEQI_TRY(keys.peer_sealing_key, crypto::PublicKey::decode(known.key_centre_sealing_key));
  out.channel_.emplace(std::move(keys), state.key_centre);
  HEQI_TRY(out.resynchronise());
  return out;
}

crypto::SecretScalar Adversary::share_of(std::string_view pin) const {
  return device::recover_share(*slot_, base::bytes_of(pin), *wrap_keys_);
}

cosign::Device Adversary::joint() {
  return must(cosign::Device::with_key({key_->name, key_->p, key_->d1.clone()}, *random_));
}
cosign::BlindDevice Adversary::blind() {
  return must(cosign::BlindDevice::with_key({key_->name, key_->p, key_->d1.clone()}, *random_));
}

Result<Bytes> Adversary::carry(base::ByteView envelope) {
  base::FetchRequest request;
  request.method = "POST";
  request.url = url_;
  request.headers = {{"Content-Type", "application/octet-stream"}};
  request.body = base::to_bytes(envelope);
  request.answer_size_max = device::kEnvelopeSizeMax;
  HEQI_TRY(base::FetchAnswer answer, fetch_->fetch(request));
  if (answer.status != 200)
    return base::fail(base::Code::denied, "HTTP " + std::to_string(answer.status) + ": " +
                                              std::string(base::text_of(answer.body)));
  return std::move(answer.body);
}

Result<device::Channel::Secret> Adversary::seal(MessageType type, base::ByteView body) {
  return channel_->seal_secret(type, body, *random_);
}

Result<Message> Adversary::open(base::ByteView envelope, device::AnswerKey key) {
  return channel_->open_answer(envelope, std::move(key));
}

Result<Message> Adversary::ask(MessageType type, base::ByteView body) {
  HEQI_TRY(device::Channel::Secret sealed, seal(type, body));
  HEQI_TRY(const Bytes answer, carry(sealed.envelope));
  return open(answer, std::move(sealed.answer_key));
}

Result<Message> Adversary::ask_readable(MessageType type, base::ByteView body) {
  HEQI_TRY(const Bytes envelope, channel_->seal(type, body));
  HEQI_TRY(const Bytes answer, carry(envelope));
  return channel_->open(answer);
}

base::Status Adversary::resynchronise() {
  device::Challenge challenge{};
  HEQI_TRY(const Bytes envelope, channel_->ask_resynchronise(challenge, *random_));
  HEQI_TRY(const Bytes answer, carry(envelope));
  return channel_->open_resynchronised(answer, challenge);
}

}  // namespace heqi::attacks
