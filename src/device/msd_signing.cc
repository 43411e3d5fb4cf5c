#include <algorithm>

#include <heqi/base/error_id.h>
#include <heqi/base/text.h>
#include <heqi/cosign/codec.h>
#include <heqi/device/sealed_octets.h>
#include <heqi/x509/certificate_builder.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>
#include <heqi/x509/sm2_encoding.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Bytes;
using base::Code;
using base::Result;
using base::Status;

namespace {

std::string find_content_type(base::ByteView data) {
  return base::text_of(data.first(std::min<std::size_t>(data.size(), 5))) == "%PDF-"
             ? "application/pdf"
             : "application/octet-stream";
}

// What the key centre refuses for good.
bool is_final(Code code) {
  return code == Code::cosign_pin_locked || code == Code::cosign_key_revoked ||
         code == Code::cosign_key_unknown || code == Code::revoked;
}

}  // namespace

// check_request makes the display of the data and of nothing else; the statement that the
// application signed must say the same.
Result<Transaction> Msd::Implementation::check_request(const SignRequest& request) const {
  HEQI_TRY(const x509::Certificate application, x509::parse_certificate(request.certificate));
  HEQI_TRY(check_issued(application, state.registered->anchors, parts.clock.now()));
  // A person's certificate of the same authority must not pass for an application.
  if (application.is_ca() || !application.allows(x509::KeyUsageBit::digital_signature) ||
      !application.has_purpose(x509::oids::purpose_client_auth()))
    return base::fail(Code::untrusted, "application: its certificate is not an application's");
  HEQI_TRY(const crypto::PublicKey key, application.public_key().sm2_key());
  HEQI_TRY(const ApplicationStatement statement, verify_statement(request.statement, key));

  const crypto::Digest digest = crypto::sm3(request.data);
  if (statement.digest != digest || statement.size != request.data.size())
    return base::fail(Code::device_display_differs, "the application stated other data");
  if (parts.clock.now() > statement.expires)
    return base::fail(Code::expired, "the application's statement has expired");
  Transaction next;
  next.data = request.data;
  next.display.transaction_id = request.transaction_id;
  next.display.title = statement.title;
  next.display.size = request.data.size();
  next.display.digest = digest;
  next.display.code = verification_code(request.transaction_id, digest);
  next.display.application = application.subject().common_name();
  next.display.content_type = find_content_type(request.data);
  next.display.expires = statement.expires;
  if (statement.form == SignatureForm::seal) {
    HEQI_TRY(show_seal(next.display, request.data));
  }
  return next;
}

Status Msd::Implementation::show_seal(Display& display, base::ByteView data) const {
  HEQI_TRY(const SealedOctets sealed, read_sealed_octets(data));
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(state.certificate));
  HEQI_TRY(check_seal_use(sealed, certificate, parts.clock.now()));
  display.kind = Display::Kind::seal;
  display.expires = std::min(*display.expires, sealed.valid_until);
  // What others chose the words of comes last, where it cannot pass for what stands before it.
  display.title = "SM3 " + base::to_hex(sealed.document) + "; " + base::to_rfc3339(sealed.time) +
                  "; " + sealed.seal_name + " (" + sealed.seal_id + "); " + display.title;
  return {};
}

Result<Step> Msd::Implementation::show_request(const Message& message) {
  HEQI_TRY(const SignRequest request, parse_sign_request(message.body));
  auto checked = check_request(request);
  if (!checked) {
    transaction.emplace();
    transaction->display.transaction_id = request.transaction_id;
    const Code code = checked.error().code;
    return conclude(code == Code::expired ? SignOutcome::expired : SignOutcome::refused, code);
  }
  transaction = *std::move(checked);
  HEQI_TRY(save());
  return ask_confirmation();
}

// encode_to_be_signed builds what is signed from what was displayed; nothing of it comes from
// outside. What is signed with a seal was read before it was displayed.
Result<Bytes> Msd::Implementation::encode_to_be_signed(const Transaction& of) const {
  if (of.display.kind == Display::Kind::certificate_request) return encode_request_body();
  const crypto::Digest digest = crypto::sm3(of.data);
  if (digest != of.display.digest)
    return base::fail(Code::device_display_differs, "the data changed after the display");
  if (of.display.kind == Display::Kind::seal) return of.data;
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(state.certificate));
  x509::SignedAttributes attributes;
  attributes.content_type = x509::oids::cms_data();
  attributes.message_digest.assign(digest.begin(), digest.end());
  attributes.signing_certificate = x509::make_reference(certificate);
  return x509::encode_signed_attributes(attributes);
}

Result<Step> Msd::Implementation::confirm(base::ByteView pin) {
  if (transaction->begin != nullptr) return (this->*transaction->begin)(pin);
  // Refreshed shares are proven by `joint` first; of a seal the key centre notes each use.
  const bool is_joint = state.next_key || transaction->display.kind == Display::Kind::seal;
  if (options.exchange != nullptr && !is_joint) return (this->*options.exchange->begin)(pin);
  KeySlot& slot = state.next_key ? *state.next_key : *state.key;
  HEQI_TRY(transaction->to_be_signed, encode_to_be_signed(*transaction));
  HEQI_TRY(const Bytes opening,
           open_key(slot, recover_share(slot, pin, *wrap_keys, options.stretch_progress),
                    transaction->to_be_signed));
  return send({Destination::key_centre, MessageType::joint_open, opening});
}

Result<Bytes> Msd::Implementation::open_key(KeySlot& slot, crypto::SecretScalar d1,
                                            base::ByteView to_be_signed) {
  HEQI_TRY(const crypto::PublicKey p, crypto::PublicKey::decode(slot.public_key));
  return open_list(slot, std::move(d1), p, {crypto::message_digest(p, to_be_signed)});
}

Result<Bytes> Msd::Implementation::open_list(KeySlot& slot, crypto::SecretScalar d1,
                                             const crypto::PublicKey& p,
                                             const std::vector<crypto::Digest>& digests) {
  HEQI_TRY(cosign::Device device,
           cosign::Device::with_key({slot.name, p, std::move(d1)}, parts.random));
  HEQI_TRY(cosign::Opened opened, device.open(digests, ++slot.opening_counter));
  joint_device.emplace(std::move(device));
  nonces.emplace(std::move(opened.nonces));
  return cosign::encode_opening(opened.opening);
}

Result<cosign::Confirm> Msd::Implementation::close_key(base::ByteView joint_answer) {
  cosign::Device device = std::move(*joint_device);
  cosign::Nonces taken = std::move(*nonces);
  joint_device.reset();
  nonces.reset();
  HEQI_TRY(const JointAnswer received, parse_joint_answer(joint_answer));
  auto answer = cosign::parse_answer(received.answer);
  // A half that cannot even be read (a point off the curve, a zero) is the same lie.
  if (!answer) return base::fail(Code::cosign_peer_cheated);
  HEQI_TRY(cosign::Confirm made, device.finish(std::move(taken), *answer));
  // The halves fit the public key: the key centre has the shares of the next epoch.
  if (state.next_key) state.key = *std::exchange(state.next_key, std::nullopt);
  return made;
}

Result<Step> Msd::Implementation::complete(const Message& message) {
  if (!joint_device || !nonces || !transaction)
    return base::fail(Code::device_state, "no signature is being made");
  auto made = close_key(message.body);
  if (!made) {
    if (made.error().code == Code::cosign_peer_cheated) return stop(made.error().code);
    return made.error();
  }
  keep_signature(made->signatures.at(0));
  return send({Destination::key_centre, MessageType::joint_confirm, cosign::encode_confirm(*made)});
}

void Msd::Implementation::keep_signature(const crypto::Signature& made) {
  const Bytes signature = x509::encode_signature(made);
  WaitingMessage waiting;
  if (transaction->display.kind == Display::Kind::certificate_request) {
    waiting.type = MessageType::certificate_request;
    waiting.body = encode_certificate_request({x509::assemble_signed(
        transaction->to_be_signed, x509::sm2_with_sm3_algorithm(), signature)});
  } else {
    waiting.type = MessageType::sign_answer;
    waiting.outcome = "signed";
    if (transaction->display.kind == Display::Kind::seal) transaction->to_be_signed.clear();
    waiting.body = encode_sign_answer({transaction->display.transaction_id,
                                       SignOutcome::signed_,
                                       std::move(transaction->to_be_signed),
                                       signature,
                                       {}});
  }
  state.waiting = std::move(waiting);
  transaction.reset();
}

Result<Step> Msd::Implementation::refused_by_key_centre(const Message& message) {
  joint_device.reset();
  nonces.reset();
  HEQI_TRY(const JointRefused reply, parse_joint_refused(message.body));
  if (is_final(reply.code)) return stop(reply.code);
  if (!transaction) return base::fail(Code::device_state, "no signature is being made");
  // The wrong PIN that used up the tries tells the time already: asking for another one would be in
  // vain.
  if (reply.code == Code::cosign_pin_delayed ||
      (reply.code == Code::cosign_wrong_pin && reply.retry_at))
    return delay(reply);
  HEQI_TRY(save());
  if (reply.code != Code::cosign_wrong_pin) return refused(reply.code);
  transaction->display.tries_left = reply.tries_left;
  return ask_confirmation();
}

// delay ends the transaction at hand: no PIN is taken before the time of the reply.
Result<Step> Msd::Implementation::delay(const JointRefused& reply) {
  WaitingMessage told;
  told.refusal = Code::cosign_pin_delayed;
  told.retry_at = reply.retry_at;
  told.tries_left = reply.tries_left;
  return conclude(SignOutcome::pin_blocked, std::move(told));
}

// conclude ends the transaction at hand without a signature and tells the service.
Result<Step> Msd::Implementation::conclude(SignOutcome outcome, Code refusal) {
  WaitingMessage told;
  if (outcome == SignOutcome::cancelled) {
    told.outcome = "cancelled";
  } else {
    told.refusal = refusal;
  }
  return conclude(outcome, std::move(told));
}

// told is what the person is told once the service knows.
Result<Step> Msd::Implementation::conclude(SignOutcome outcome, WaitingMessage told) {
  const bool is_awaited = transaction->is_awaited();
  SignAnswer answer{transaction->display.transaction_id, outcome, {}, {}, {}};
  if (outcome == SignOutcome::refused && told.refusal)
    answer.reason = base::error_id(*told.refusal);
  transaction.reset();
  if (!is_awaited) {
    HEQI_TRY(save());
    return ended(told);
  }
  told.type = MessageType::sign_answer;
  told.body = encode_sign_answer(answer);
  state.waiting = std::move(told);
  return send_waiting();
}

// stop ends the use of the key, for good.
Result<Step> Msd::Implementation::stop(Code reason) {
  state.stage = Stage::stopped;
  state.stop_reason = base::error_id(reason);
  if (!transaction) {
    HEQI_TRY(save());
    return refused(reason);
  }
  return conclude(
      reason == Code::cosign_pin_locked ? SignOutcome::pin_blocked : SignOutcome::refused, reason);
}

}  // namespace heqi::device
