// msd_blind.cc: signing by the exchange `blind` (cosign/blind.h), in which the key centre does not
// learn what is signed.
#include <heqi/cosign/codec.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

const SignatureExchange& blind_exchange() {
  static constexpr SignatureExchange kBlind{&Msd::Implementation::begin_blind};
  return kBlind;
}

Result<Step> Msd::Implementation::begin_blind(base::ByteView pin) {
  KeySlot& slot = *state.key;
  HEQI_TRY(transaction->to_be_signed, encode_to_be_signed(*transaction));
  HEQI_TRY(const crypto::PublicKey p, crypto::PublicKey::decode(slot.public_key));
  HEQI_TRY(cosign::BlindDevice device,
           cosign::BlindDevice::with_key(
               {slot.name, p, recover_share(slot, pin, *wrap_keys, options.stretch_progress)},
               parts.random));
  blind.emplace(BlindSigning{std::move(device), {}, slot.name, ++slot.opening_counter});
  return send({Destination::key_centre, MessageType::blind_open,
               cosign::encode_blind_opening({blind->name, blind->counter}),
               &Implementation::take_blind_commitment});
}

// What is no half of a signature: a refusal, or an answer to nothing.
Result<Step> Msd::Implementation::take_no_half(MessageType sent, const Message& message) {
  blind.reset();
  const bool refused = message.type == MessageType::joint_refused;
  return handle(refused ? MessageType::joint_open : sent, message);
}

Result<Step> Msd::Implementation::take_blind_commitment(MessageType sent, const Message& message) {
  if (message.type != MessageType::blind_commitment) return take_no_half(sent, message);
  if (!blind || !transaction) return base::fail(Code::device_state, "no signature is being made");
  HEQI_TRY(const crypto::PublicKey p, crypto::PublicKey::decode(state.key->public_key));
  const crypto::Digest e = crypto::message_digest(p, transaction->to_be_signed);
  const auto commitment = cosign::parse_blind_commitment(message.body);
  // A commitment that cannot even be read (a point off the curve) is a lie as in `joint`.
  if (!commitment) return stop(Code::cosign_peer_cheated);
  auto asked = blind->device.request(e, *commitment, blind->counter);
  if (!asked) {
    blind.reset();
    if (asked.error().code == Code::cosign_peer_cheated) return stop(asked.error().code);
    return asked.error();
  }
  blind->pending.emplace(std::move(asked->pending));
  return send({Destination::key_centre, MessageType::blind_request,
               cosign::encode_blind_request({blind->name, asked->request}),
               &Implementation::take_blind_answer});
}

Result<Step> Msd::Implementation::take_blind_answer(MessageType sent, const Message& message) {
  if (message.type != MessageType::blind_answer) return take_no_half(sent, message);
  if (!blind || !blind->pending || !transaction)
    return base::fail(Code::device_state, "no signature is being made");
  BlindSigning own = std::move(*blind);
  blind.reset();
  const auto answer = cosign::parse_blind_answer(message.body);
  if (!answer) return stop(Code::cosign_peer_cheated);
  const auto signature = own.device.finish(std::move(*own.pending), *answer);
  if (!signature) {
    if (signature.error().code == Code::cosign_peer_cheated) return stop(signature.error().code);
    return signature.error();
  }
  keep_signature(*signature);
  return send({Destination::key_centre, MessageType::blind_close,
               cosign::encode_blind_close(own.name), &Implementation::take_blind_closed});
}

// The signature is there, whatever the key centre says of the session.
Result<Step> Msd::Implementation::take_blind_closed(MessageType, const Message& message) {
  if (message.type == MessageType::wipe_order) return take_wipe_order();
  return send_waiting();
}

}  // namespace heqi::device
