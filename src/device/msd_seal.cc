// msd_seal.cc: signing by the joint key for an application on the same machine (for others:
// msd_signing.cc), what
// sealed_octets.h and own_request.h let pass. By `joint`, so that the key centre notes each use.
#include <heqi/cosign/codec.h>
#include <heqi/x509/sm2_encoding.h>

#include <utility>

#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

Result<Step> Msd::Implementation::begin_seal(base::ByteView pin) {
  KeySlot& slot = state.next_key ? *state.next_key : *state.key;
  HEQI_TRY(const base::Bytes opening,
           open_key(slot, recover_share(slot, pin, *wrap_keys, options.stretch_progress),
                    transaction->data));
  return send(
      {Destination::key_centre, MessageType::joint_open, opening, &Implementation::take_seal_half});
}

Result<Step> Msd::Implementation::take_seal_half(MessageType sent, const Message& message) {
  if (message.type != MessageType::joint_answer) return handle(sent, message);
  if (!joint_device || !nonces || !transaction)
    return base::fail(Code::device_state, "no seal is being used");
  auto made = close_key(message.body);
  if (!made) {
    if (made.error().code == Code::cosign_peer_cheated) return stop(made.error().code);
    return made.error();
  }
  seal_value = x509::encode_signature(made->signatures.at(0));
  transaction.reset();
  local_request.reset();
  return send({Destination::key_centre, MessageType::joint_confirm, cosign::encode_confirm(*made),
               &Implementation::take_seal_recorded});
}

// The value is there; that the key centre could not note it changes nothing for the person.
Result<Step> Msd::Implementation::take_seal_recorded(MessageType, const Message& message) {
  if (message.type == MessageType::wipe_order) return take_wipe_order();
  HEQI_TRY(save());
  Step step = finished("local_key");
  step.message = std::exchange(seal_value, {});
  return step;
}

}  // namespace heqi::device
