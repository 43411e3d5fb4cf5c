// msd_update.cc: the certificate and its key are replaced together (GB/T 38646 §6.2.3): a new key
// after a right PIN, the old key's word on it, and one write that puts the new pair in its place.
#include <heqi/base/error_id.h>
#include <heqi/cosign/codec.h>
#include <heqi/device/certificate_messages.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/sm2_encoding.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Bytes;
using base::Code;
using base::Result;

namespace {

constexpr std::string_view kRecord = "heqi certificate update";

}  // namespace

// show_update displays the service's question, or an update that the authority has activated
// already.
Result<Step> Msd::Implementation::show_update(const CertificateQuestion& question,
                                              std::optional<UpdateActivation> activation) {
  if (question.certificate_digest != crypto::sm3(state.certificate))
    return base::fail(Code::denied, "the update is of another certificate");
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(state.certificate));
  Transaction next;
  next.display.kind = Display::Kind::certificate_update;
  next.display.transaction_id = question.id;
  next.display.title = certificate.subject().text();
  next.display.digest = question.certificate_digest;
  next.display.size = state.certificate.size();
  if (!activation) next.display.expires = question.until;
  next.question = question;
  next.activation = std::move(activation);
  next.begin = &Implementation::begin_update;
  next.decline = &Implementation::decline;
  transaction = std::move(next);
  HEQI_TRY(save());
  return ask_confirmation();
}

// begin_update keeps what the PIN gives, and not the PIN, until the key centre has found it right.
Result<Step> Msd::Implementation::begin_update(base::ByteView pin) {
  KeySlot& slot = state.next_key ? *state.next_key : *state.key;
  KeySlot next;
  next.factors = options.factors;
  if (options.machine) {
    HEQI_TRY(parts.random.fill(next.uuid.emplace()));
  }
  crypto::SecretScalar d1 = recover_share(slot, pin, *wrap_keys, options.stretch_progress);
  KeyUpdate update{d1.clone(), {}, {}, {}};
  HEQI_TRY(update.key, new_pin_key(next, pin, *wrap_keys, options.pin_rounds, parts.random,
                                   options.stretch_progress));
  update.slot = std::move(next);
  key_update.emplace(std::move(update));
  HEQI_TRY(const Bytes opening, open_key(slot, std::move(d1), encode_record(kRecord, slot)));
  return send({Destination::key_centre, MessageType::joint_open, opening,
               &Implementation::take_update_pin});
}

// close_update_half completes an exchange of the update; what is no half ends it for now.
Result<Step> Msd::Implementation::close_update_half(const Message& message,
                                                    crypto::Signature& signature,
                                                    AnswerHandler then) {
  auto made = close_key(message.body);
  if (!made) {
    if (made.error().code == Code::cosign_peer_cheated) return stop(made.error().code);
    return made.error();
  }
  signature = made->signatures.at(0);
  return send(
      {Destination::key_centre, MessageType::joint_confirm, cosign::encode_confirm(*made), then});
}

Result<Step> Msd::Implementation::leave_update(MessageType sent, const Message& message) {
  key_update.reset();
  return handle(sent, message);
}

Result<Step> Msd::Implementation::take_update_pin(MessageType sent, const Message& message) {
  if (message.type != MessageType::joint_answer) return leave_update(sent, message);
  crypto::Signature record;
  return close_update_half(message, record, &Implementation::take_update_allowed);
}

// The PIN was right. What the key centre says to the record changes nothing.
Result<Step> Msd::Implementation::take_update_allowed(MessageType, const Message&) {
  if (transaction->activation)
    return send(
        {Destination::key_centre, MessageType::key_ask, {}, &Implementation::take_next_challenge});
  return send(
      {Destination::service, MessageType::question_answer,
       encode_question_answer({transaction->question->id, QuestionAnswer::Decision::confirmed}),
       &Implementation::take_activation});
}

Result<Step> Msd::Implementation::take_activation(MessageType sent, const Message& message) {
  if (message.type != MessageType::update_activation) {
    transaction.reset();
    return leave_update(sent, message);
  }
  HEQI_TRY(const UpdateActivation activation, parse_update_activation(message.body));
  if (activation.certificate_digest != crypto::sm3(state.certificate))
    return base::fail(Code::denied, "the update is of another certificate");
  transaction->activation = activation;
  return send(
      {Destination::key_centre, MessageType::key_ask, {}, &Implementation::take_next_challenge});
}

Result<Step> Msd::Implementation::take_next_challenge(MessageType sent, const Message& message) {
  if (message.type != MessageType::key_challenge) return leave_update(sent, message);
  HEQI_TRY(const KeyChallenge received, parse_key_challenge(message.body));
  if (received.name.app_id != state.registered->app_id ||
      received.name.platform_id != state.registered->platform_id)
    return base::fail(Code::denied, "key challenge: of another application or platform");
  const auto device_key = channel_signer->public_key().encode();
  HEQI_TRY(cosign::DeviceKeyAgreement begun,
           cosign::DeviceKeyAgreement::begin(
               {received.name, Bytes(device_key.begin(), device_key.end())}, parts.random));
  key_update->slot.name = received.name;
  encrypt_share(key_update->slot, begun.d1(), key_update->key);
  key_update->next_d1.emplace(begun.d1().clone());
  const Bytes body = cosign::encode_key_init(begun.message());
  agreement = std::move(begun);
  return send(
      {Destination::key_centre, MessageType::key_init, body, &Implementation::take_next_key});
}

Result<Step> Msd::Implementation::take_next_key(MessageType sent, const Message& message) {
  if (message.type != MessageType::key_init_answer || !agreement)
    return leave_update(sent, message);
  HEQI_TRY(const cosign::KeyInitAnswer answer, cosign::parse_key_init_answer(message.body));
  cosign::DeviceKeyAgreement begun = std::move(*agreement);
  agreement.reset();
  HEQI_TRY(const cosign::DeviceKey key, std::move(begun).finish(answer));
  const auto point = key.p.encode();
  state.successor = key_update->slot;
  state.successor->public_key.assign(point.begin(), point.end());
  x509::CsrBody body;
  HEQI_TRY(body.subject, x509::Name::parse(state.registered->subject));
  body.public_key = x509::make_public_key_info(key.p);
  transaction->to_be_signed = x509::encode_csr_body(body);
  HEQI_TRY(const Bytes opening,
           open_key(*state.successor, std::move(*key_update->next_d1), transaction->to_be_signed));
  key_update->next_d1.reset();
  return send(
      {Destination::key_centre, MessageType::joint_open, opening, &Implementation::take_next_half});
}

Result<Step> Msd::Implementation::take_next_half(MessageType sent, const Message& message) {
  if (message.type != MessageType::joint_answer) return leave_update(sent, message);
  crypto::Signature signature;
  HEQI_TRY(Step step, close_update_half(message, signature, &Implementation::take_next_recorded));
  if (step.kind == Step::Kind::send && transaction)
    transaction->data =
        x509::assemble_signed(transaction->to_be_signed, x509::sm2_with_sm3_algorithm(),
                              x509::encode_signature(signature));
  return step;
}

// The old key signs for the new request: nobody between here and the authority exchanges it.
Result<Step> Msd::Implementation::take_next_recorded(MessageType, const Message&) {
  transaction->to_be_signed = update_statement(transaction->activation->flow,
                                               transaction->activation->nonce, transaction->data);
  HEQI_TRY(const Bytes opening,
           open_key(*state.key, std::move(key_update->d1), transaction->to_be_signed));
  key_update.reset();
  return send(
      {Destination::key_centre, MessageType::joint_open, opening, &Implementation::take_old_half});
}

Result<Step> Msd::Implementation::take_old_half(MessageType sent, const Message& message) {
  if (message.type != MessageType::joint_answer) return leave_update(sent, message);
  auto made = close_key(message.body);
  if (!made) {
    if (made.error().code == Code::cosign_peer_cheated) return stop(made.error().code);
    return made.error();
  }
  state.waiting = WaitingMessage{
      MessageType::update_request,
      encode_update_request({.flow = transaction->activation->flow,
                             .csr = transaction->data,
                             .signature = x509::encode_signature(made->signatures.at(0))}),
      {},
      {}};
  transaction.reset();
  return send({Destination::key_centre, MessageType::joint_confirm, cosign::encode_confirm(*made)});
}

// take_new_certificate puts the new pair in the place of the old one, in one write together with
// the acknowledgement: at every instant exactly one pair signs.
Result<Step> Msd::Implementation::take_new_certificate(MessageType sent, const Message& message) {
  if (message.type != MessageType::certificate_install) {
    auto step = handle(sent, message);
    if (!state.waiting) {
      state.successor.reset();
      HEQI_TRY(save());
    }
    return step;
  }
  HEQI_TRY(const CertificateInstall install, parse_certificate_install(message.body));
  if (!state.successor) return base::fail(Code::device_state, "no update is under way");
  const base::Status checked = check_own_certificate(install, state.successor->public_key);
  CertificateAcknowledge acknowledge{crypto::sm3(install.certificate), {}};
  WaitingMessage waiting{MessageType::certificate_acknowledge, {}, "certificate_updated", {}};
  if (checked) {
    state.key = std::move(state.successor);
    state.certificate = install.certificate;
    state.chain = install.chain;
  } else {
    acknowledge.reason = base::error_id(checked.error().code);
    waiting.refusal = checked.error().code;
  }
  state.successor.reset();
  waiting.body = encode_certificate_acknowledge(acknowledge);
  state.waiting = std::move(waiting);
  return send_waiting();
}

}  // namespace heqi::device
