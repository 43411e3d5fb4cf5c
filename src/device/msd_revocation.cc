// msd_revocation.cc: the person asks for the end of the certificate, or agrees to it (GB/T 38646
// §6.2.4 a).
#include <heqi/cosign/codec.h>
#include <heqi/device/certificate_messages.h>
#include <heqi/x509/sm2_encoding.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Code;
using base::Result;

namespace {

// What a person may say of their own certificate (RFC 5280 §5.3.1).
std::string_view text_of_reason(std::int64_t reason) {
  switch (reason) {
    case 0:
      return "unspecified";
    case 1:
      return "key_compromise";
    case 3:
      return "affiliation_changed";
    case 5:
      return "cessation_of_operation";
    case 9:
      return "privilege_withdrawn";
    default:
      return {};
  }
}

}  // namespace

Result<Step> Msd::revoke_certificate(std::int64_t reason) {
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::enrolled}));
  if (own.transaction || own.state.waiting)
    return base::fail(Code::device_state, "finish what waits before the certificate is revoked");
  own.drop_exchange();
  return own.show_revocation({.id = {},
                              .act = CertificateQuestion::Act::revocation,
                              .certificate_digest = crypto::sm3(own.state.certificate),
                              .reason = reason,
                              .asked_by = {},
                              .until = {}});
}

Result<Step> Msd::Implementation::show_revocation(const CertificateQuestion& question) {
  const std::string_view reason = text_of_reason(question.reason);
  if (reason.empty()) return base::fail(Code::malformed, "no reason for which a person revokes");
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(state.certificate));
  Transaction next;
  next.display.kind = Display::Kind::revocation;
  next.display.transaction_id = question.id.empty() ? "certificate-revocation" : question.id;
  next.display.title = certificate.subject().text() + " (" + std::string(reason) + ")";
  next.display.digest = question.certificate_digest;
  next.display.size = state.certificate.size();
  next.display.application = question.asked_by;
  if (!question.id.empty()) next.display.expires = question.until;
  next.question = question;
  next.begin = &Implementation::begin_revocation;
  next.decline = &Implementation::decline;
  transaction = std::move(next);
  HEQI_TRY(save());
  return ask_confirmation();
}

Result<Step> Msd::Implementation::begin_revocation(base::ByteView pin) {
  KeySlot& slot = state.next_key ? *state.next_key : *state.key;
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(state.certificate));
  transaction->to_be_signed =
      revocation_statement(certificate.serial(), transaction->question->reason);
  HEQI_TRY(const base::Bytes opening,
           open_key(slot, recover_share(slot, pin, *wrap_keys, options.stretch_progress),
                    transaction->to_be_signed));
  return send({Destination::key_centre, MessageType::joint_open, opening,
               &Implementation::take_revocation_half});
}

// Only the half for a right PIN makes a request.
Result<Step> Msd::Implementation::take_revocation_half(MessageType sent, const Message& message) {
  if (message.type != MessageType::joint_answer) return handle(sent, message);
  auto made = close_key(message.body);
  if (!made) {
    if (made.error().code == Code::cosign_peer_cheated) return stop(made.error().code);
    return made.error();
  }
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(state.certificate));
  const CertificateQuestion& question = *transaction->question;
  state.waiting = WaitingMessage{
      MessageType::revocation_request,
      encode_revocation_request({.question = question.id,
                                 .serial = certificate.serial(),
                                 .reason = question.reason,
                                 .signature = x509::encode_signature(made->signatures.at(0))}),
      "revocation_asked",
      {}};
  transaction.reset();
  return send({Destination::key_centre, MessageType::joint_confirm, cosign::encode_confirm(*made)});
}

Result<Step> Msd::Implementation::poll_with_questions() {
  return send({Destination::service, MessageType::poll, encode_poll({Poll::Takes::questions}),
               &Implementation::take_question});
}

// take_question handles the answers to a poll that only a device with a person's screen gets.
Result<Step> Msd::Implementation::take_question(MessageType sent, const Message& message) {
  if (state.stage != Stage::enrolled) return handle(sent, message);
  if (message.type == MessageType::update_activation) {
    HEQI_TRY(const UpdateActivation activation, parse_update_activation(message.body));
    return show_update({.id = activation.flow,
                        .act = CertificateQuestion::Act::update,
                        .certificate_digest = activation.certificate_digest,
                        .reason = 0,
                        .asked_by = {},
                        .until = {}},
                       activation);
  }
  if (message.type != MessageType::certificate_question) return handle(sent, message);
  HEQI_TRY(const CertificateQuestion question, parse_certificate_question(message.body));
  if (question.certificate_digest != crypto::sm3(state.certificate))
    return base::fail(Code::denied, "the question is about another certificate");
  if (question.act == CertificateQuestion::Act::update) return show_update(question, {});
  return show_revocation(question);
}

// decline refuses a question for good.
Result<Step> Msd::Implementation::decline() {
  const std::string id = transaction->question->id;
  transaction.reset();
  if (id.empty()) return finished("cancelled");
  state.waiting = WaitingMessage{MessageType::question_answer,
                                 encode_question_answer({id, QuestionAnswer::Decision::declined}),
                                 "declined",
                                 {}};
  return send_waiting();
}

const CertificateCare& certificate_care() {
  static constexpr CertificateCare care{&Msd::Implementation::poll_with_questions,
                                        &Msd::Implementation::take_new_certificate};
  return care;
}

}  // namespace heqi::device
