#include <heqi/cosign/codec.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kRecord = "heqi share refresh";

}  // namespace

Result<Step> Msd::refresh_shares() {
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::enrolled}));
  if (own.transaction || own.state.waiting)
    return base::fail(Code::device_state, "finish what waits before the shares are refreshed");
  own.drop_exchange();
  Transaction next;
  next.display.kind = Display::Kind::share_refresh;
  next.display.transaction_id = "share-refresh";
  next.display.digest = crypto::sm3(own.state.key->public_key);
  // Where an earlier refresh broke off with the new shares made, it is finished with these.
  next.begin =
      own.state.next_key ? &Implementation::prove_next_share : &Implementation::begin_refresh;
  own.transaction = std::move(next);
  return own.ask_confirmation();
}

Result<Step> Msd::Implementation::begin_refresh(base::ByteView pin) {
  KeySlot& slot = *state.key;
  crypto::SecretScalar d1 = recover_share(slot, pin, *wrap_keys, options.stretch_progress);
  NewShare next{d1.clone(), slot, {}};
  HEQI_TRY(next.key, new_pin_key(next.slot, pin, *wrap_keys, options.pin_rounds, parts.random,
                                 options.stretch_progress));
  new_share.emplace(std::move(next));
  HEQI_TRY(const base::Bytes opening, open_key(slot, std::move(d1), encode_record(kRecord, slot)));
  return send(
      {Destination::key_centre, MessageType::refresh_open, opening, &Implementation::take_factor});
}

// The factor is taken on trust here; whether the new shares make the same key is what the halves of
// the next exchange show, before the old share goes.
Result<Step> Msd::Implementation::take_factor(MessageType sent, const Message& message) {
  if (message.type != MessageType::refresh_answer) {
    new_share.reset();
    const bool refused = message.type == MessageType::joint_refused;
    return handle(refused ? MessageType::joint_open : sent, message);
  }
  joint_device.reset();
  nonces.reset();
  HEQI_TRY(const ShareFactor factor, parse_share_factor(message.body));
  if (factor.epoch <= state.key->name.epoch)
    return base::fail(Code::cosign_replayed, "the factor is of an epoch that was");
  NewShare next = std::move(*new_share);
  new_share.reset();
  next.slot.name.epoch = factor.epoch;
  next.slot.opening_counter = state.key->opening_counter;
  crypto::SecretScalar share(next.d1.expose() * factor.t.expose());
  encrypt_share(next.slot, share, next.key);
  state.next_key = std::move(next.slot);
  return open_next_share(std::move(share));
}

Result<Step> Msd::Implementation::prove_next_share(base::ByteView pin) {
  return open_next_share(recover_share(*state.next_key, pin, *wrap_keys, options.stretch_progress));
}

Result<Step> Msd::Implementation::open_next_share(crypto::SecretScalar share) {
  HEQI_TRY(const base::Bytes opening,
           open_key(*state.next_key, std::move(share), encode_record(kRecord, *state.next_key)));
  return send({Destination::key_centre, MessageType::joint_open, opening,
               &Implementation::take_refreshed_half});
}

Result<Step> Msd::Implementation::take_refreshed_half(MessageType sent, const Message& message) {
  if (message.type != MessageType::joint_answer) return handle(sent, message);
  auto made = close_key(message.body);
  if (!made) {
    if (made.error().code == Code::cosign_peer_cheated) return stop(made.error().code);
    return made.error();
  }
  transaction.reset();
  HEQI_TRY(save());
  return send({Destination::key_centre, MessageType::joint_confirm, cosign::encode_confirm(*made),
               &Implementation::take_refresh_recorded});
}

Result<Step> Msd::Implementation::take_refresh_recorded(MessageType, const Message&) {
  HEQI_TRY(save());
  return finished("refreshed");
}

}  // namespace heqi::device
