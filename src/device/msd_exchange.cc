#include <heqi/asn1/writer.h>
#include <heqi/base/error_id.h>
#include <heqi/cosign/codec.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

namespace {

bool is_secret(MessageType type) {
  // All that holds a proof, P1 or a half would let a thief of the disk test PINs at leisure.
  return type == MessageType::key_init || type == MessageType::joint_open ||
         type == MessageType::joint_confirm || type == MessageType::refresh_open ||
         type == MessageType::secret_open || type == MessageType::blind_request;
}

}  // namespace

base::Bytes Msd::Implementation::encode_record(std::string_view act, const KeySlot& slot) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.integer(1).utf8_string(act);
    cosign::write_key_name(w, slot.name);
    w.integer(static_cast<std::int64_t>(slot.opening_counter + 1));
  });
  return out.take();
}

ChannelPosition& Msd::Implementation::position(Destination destination) {
  return destination == Destination::key_centre ? state.key_centre : state.service;
}

bool& Msd::Implementation::in_step(Destination destination) {
  return destination == Destination::key_centre ? key_centre_in_step : service_in_step;
}

Result<Channel> Msd::Implementation::channel(Destination destination) {
  if (!state.registered) return base::fail(Code::device_state, "the device is not registered");
  const Registered& known = *state.registered;
  const bool key_centre = destination == Destination::key_centre;
  ChannelKeys keys;
  keys.id = key_centre ? known.key_channel : known.service_channel;
  keys.sends = Direction::to_server;
  keys.signer = channel_signer.get();
  HEQI_TRY(keys.peer_key,
           crypto::PublicKey::decode(key_centre ? known.key_centre_key : known.service_key));
  if (key_centre) {
    HEQI_TRY(keys.peer_sealing_key, crypto::PublicKey::decode(known.key_centre_sealing_key));
  }
  return Channel(std::move(keys), position(destination));
}

Result<Step> Msd::Implementation::send(Outgoing outgoing) {
  const Destination to = outgoing.to;
  HEQI_TRY(Channel open, channel(to));
  Expectation expectation{to, outgoing.type, {}, {}, outgoing.handler};
  Step step;
  step.kind = Step::Kind::send;
  step.destination = to;
  if (!in_step(to)) {
    HEQI_TRY(step.message, open.ask_resynchronise(expectation.challenge.emplace(), parts.random));
    expectation.sent = MessageType::resynchronise;
    queued = std::move(outgoing);
  } else if (is_secret(outgoing.type)) {
    HEQI_TRY(Channel::Secret secret, open.seal_secret(outgoing.type, outgoing.body, parts.random));
    step.message = std::move(secret.envelope);
    expectation.answer_key = std::move(secret.answer_key);
  } else {
    HEQI_TRY(step.message, open.seal(outgoing.type, outgoing.body));
  }
  position(to) = open.position();
  expected = std::move(expectation);
  HEQI_TRY(save());  // the counter is on disk before the message leaves
  return step;
}

Result<Step> Msd::Implementation::send_waiting() {
  const MessageType type = state.waiting->type;
  AnswerHandler handler = nullptr;
  if (type == MessageType::update_request && options.certificate_care != nullptr)
    handler = options.certificate_care->on_update_request;
  if (type == MessageType::sign_answers && options.lists != nullptr)
    handler = options.lists->on_results;
  return send({Destination::service, type, state.waiting->body, handler});
}

Result<Step> Msd::Implementation::deliver(base::ByteView answer) {
  if (!expected) return base::fail(Code::device_state, "no answer is waited for");
  if (expected->from == Destination::registration) return deliver_registered(answer);
  Expectation expectation = std::move(*expected);
  const Destination from = expectation.from;
  expected.reset();
  in_step(from) = false;  // until this answer has been understood
  return deliver_in_channel(std::move(expectation), answer);
}

Result<Step> Msd::Implementation::deliver_in_channel(Expectation expectation,
                                                     base::ByteView answer) {
  const Destination from = expectation.from;
  HEQI_TRY(Channel open, channel(from));
  if (expectation.challenge) {
    HEQI_TRY(open.open_resynchronised(answer, *expectation.challenge));
    position(from) = open.position();
    in_step(from) = true;
    HEQI_CHECK(queued.has_value());
    Outgoing next = std::move(*queued);
    queued.reset();
    return send(std::move(next));
  }
  auto opened = expectation.answer_key
                    ? open.open_answer(answer, std::move(*expectation.answer_key))
                    : open.open(answer);
  HEQI_TRY(Message message, std::move(opened));
  position(from) = open.position();
  in_step(from) = true;
  auto step = expectation.handler != nullptr
                  ? (this->*expectation.handler)(expectation.sent, message)
                  : handle(expectation.sent, message);
  base::secure_wipe(message.body.data(), message.body.size());
  // What was received counts, also where its content was refused.
  if (!step) {
    HEQI_TRY(save());
  }
  return step;
}

Result<Step> Msd::Implementation::handle(MessageType sent, const Message& message) {
  if (message.type == MessageType::wipe_order) return take_wipe_order();
  if (message.type == MessageType::failure) {
    HEQI_TRY(const Failure failure, parse_failure(message.body));
    return handle_failure(sent, failure);
  }
  const auto answers = [&](MessageType request, MessageType answer) {
    return sent == request && message.type == answer;
  };
  if (answers(MessageType::key_ask, MessageType::key_challenge)) return take_challenge(message);
  if (answers(MessageType::key_init, MessageType::key_init_answer)) return take_key(message);
  if (answers(MessageType::joint_open, MessageType::joint_answer)) return complete(message);
  if (answers(MessageType::joint_open, MessageType::joint_refused))
    return refused_by_key_centre(message);
  if (answers(MessageType::joint_confirm, MessageType::accepted)) return send_waiting();
  if (answers(MessageType::wiped, MessageType::accepted)) {
    HEQI_TRY(save());
    return refused(Code::cosign_key_revoked);
  }
  if (answers(MessageType::poll, MessageType::sign_request) && state.stage == Stage::enrolled)
    return show_request(message);
  if ((answers(MessageType::poll, MessageType::certificate_install) ||
       answers(MessageType::certificate_request, MessageType::certificate_install)) &&
      state.stage == Stage::keyed)
    return install_certificate(message);
  if (answers(MessageType::certificate_request, MessageType::idle) ||
      answers(MessageType::certificate_request, MessageType::accepted)) {
    state.waiting.reset();
    state.request_sent = true;
    HEQI_TRY(save());
    return Step{};
  }
  if (message.type == MessageType::certificate_clear &&
      (sent == MessageType::poll || sent == MessageType::revocation_request))
    return clear_certificate(message);
  if (answers(MessageType::poll, MessageType::idle)) {
    HEQI_TRY(save());
    return Step{};
  }
  const bool delivered = answers(MessageType::sign_answer, MessageType::accepted) ||
                         answers(MessageType::certificate_acknowledge, MessageType::accepted) ||
                         answers(MessageType::revocation_request, MessageType::accepted) ||
                         answers(MessageType::certificate_cleared, MessageType::accepted) ||
                         answers(MessageType::question_answer, MessageType::accepted);
  if (delivered && state.waiting) {
    const WaitingMessage done = std::move(*state.waiting);
    state.waiting.reset();
    HEQI_TRY(save());
    return ended(done);
  }
  return base::fail(Code::device_state,
                    "message type " + std::to_string(static_cast<int>(message.type)) +
                        " does not answer " + std::to_string(static_cast<int>(sent)));
}

// take_wipe_order erases the share before it says so; what is left can only tell that it was done.
Result<Step> Msd::Implementation::take_wipe_order() {
  drop_exchange();
  transaction.reset();
  state.key.reset();
  state.next_key.reset();
  state.successor.reset();
  state.waiting.reset();
  state.certificate.clear();
  state.stage = Stage::stopped;
  state.stop_reason = base::error_id(Code::cosign_key_revoked);
  HEQI_TRY(save());
  return send({Destination::key_centre, MessageType::wiped, {}});
}

Result<Step> Msd::Implementation::handle_failure(MessageType sent, const Failure& failure) {
  // The service has refused a message for good where trying again cannot help.
  const bool try_again = failure.code == Code::unavailable || failure.code == Code::timeout ||
                         failure.code == Code::storage || failure.code == Code::rate_limited ||
                         failure.code == Code::internal;
  if (state.waiting && state.waiting->type == sent && !try_again) {
    state.waiting.reset();
    transaction.reset();
  }
  // The signature is there; that the key centre could not note it changes nothing for the person.
  if (sent == MessageType::joint_confirm && state.waiting) return send_waiting();
  joint_device.reset();
  nonces.reset();
  agreement.reset();
  HEQI_TRY(save());
  return refused(failure.code);
}

}  // namespace heqi::device
