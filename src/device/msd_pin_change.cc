#include <heqi/cosign/codec.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kRecord = "heqi pin change";

}  // namespace

Result<Step> Msd::change_pin() {
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::enrolled}));
  if (own.transaction || own.state.waiting)
    return base::fail(Code::device_state, "finish what waits before the PIN is changed");
  own.drop_exchange();
  Transaction next;
  next.display.kind = Display::Kind::pin_change;
  next.display.transaction_id = "pin-change";
  next.display.digest = crypto::sm3(own.state.key->public_key);
  next.begin = &Implementation::begin_pin_change;
  next.new_pin = &Implementation::take_new_pin;
  own.transaction = std::move(next);
  return own.ask_confirmation();
}

Result<Step> Msd::Implementation::begin_pin_change(base::ByteView pin) {
  KeySlot& slot = state.next_key ? *state.next_key : *state.key;
  crypto::SecretScalar d1 = recover_share(slot, pin, *wrap_keys, options.stretch_progress);
  new_pin.emplace(NewPin{d1.clone(), {}});
  HEQI_TRY(const base::Bytes opening, open_key(slot, std::move(d1), encode_record(kRecord, slot)));
  return send({Destination::key_centre, MessageType::joint_open, opening,
               &Implementation::take_old_pin_proof});
}

Result<Step> Msd::Implementation::take_old_pin_proof(MessageType sent, const Message& message) {
  if (message.type != MessageType::joint_answer) {
    new_pin.reset();
    return handle(sent, message);
  }
  auto made = close_key(message.body);
  if (!made) {
    new_pin.reset();
    if (made.error().code == Code::cosign_peer_cheated) return stop(made.error().code);
    return made.error();
  }
  new_pin->confirmation = cosign::encode_confirm(*made);
  HEQI_TRY(save());
  Step step;
  step.kind = Step::Kind::choose_pin;
  return step;
}

Result<Step> Msd::Implementation::take_new_pin(base::ByteView pin) {
  HEQI_TRY(check_factors(pin, options.factors));
  // The slot changes whole, in one write of one file.
  KeySlot slot = *state.key;
  slot.factors = options.factors;
  HEQI_TRY(protect_share(slot, new_pin->d1, pin, *wrap_keys, options.pin_rounds, parts.random,
                         options.stretch_progress));
  state.key = std::move(slot);
  const base::Bytes confirmation = std::move(new_pin->confirmation);
  new_pin.reset();
  transaction.reset();
  return send({Destination::key_centre, MessageType::joint_confirm, confirmation,
               &Implementation::take_pin_recorded});
}

// What the key centre says to the record changes nothing: the new PIN is in force.
Result<Step> Msd::Implementation::take_pin_recorded(MessageType, const Message&) {
  HEQI_TRY(save());
  return finished("pin_changed");
}

}  // namespace heqi::device
