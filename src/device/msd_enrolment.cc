#include <heqi/base/error_id.h>
#include <heqi/cosign/codec.h>
#include <heqi/x509/csr.h>
#include <heqi/x509/signature_verifier.h>

#include "msd_implementation.h"

namespace heqi::device {

using base::Bytes;
using base::Code;
using base::Result;
using base::Status;

Status check_issued(const x509::Certificate& certificate, const std::vector<Bytes>& anchors,
                    base::Time time) {
  if (!certificate.is_valid_at(time))
    return base::fail(Code::expired, "certificate: not valid now");
  if (!certificate.unknown_critical_extensions().empty())
    return base::fail(Code::unsupported, "certificate: an unknown critical extension");
  for (const Bytes& der : anchors) {
    HEQI_TRY(const x509::Certificate anchor, x509::parse_certificate(der));
    if (!(anchor.subject() == certificate.issuer())) continue;
    if (!anchor.is_ca() || !anchor.allows(x509::KeyUsageBit::key_cert_sign)) continue;
    if (!anchor.is_valid_at(time)) continue;
    if (x509::verify_issued_by(certificate, anchor.public_key(), x509::Sm2SignatureVerifier()))
      return {};
  }
  return base::fail(Code::untrusted, "certificate: no anchor of this device issued it");
}

namespace {

Status check_server_keys(const Registered& known, const std::optional<ServerKeys>& wanted) {
  if (!wanted) return {};
  if (known.service_key != wanted->service || known.key_centre_key != wanted->key_centre ||
      known.key_centre_sealing_key != wanted->key_centre_sealing)
    return base::fail(Code::untrusted, "registration: the keys of other servers");
  return {};
}

}  // namespace

Result<Step> Msd::Implementation::deliver_registered(base::ByteView answer) {
  HEQI_TRY(const Registered known, parse_registered(answer, *enrolment_key, register_der));
  HEQI_TRY(check_server_keys(known, options.server_keys));
  HEQI_TRY(x509::Name::parse(known.subject));
  for (const Bytes& anchor : known.anchors) {
    HEQI_TRY(x509::parse_certificate(anchor));
  }
  State next;
  next.stage = Stage::registered;
  next.sealed_channel_key = state.sealed_channel_key;
  next.registered = known;
  state = std::move(next);
  expected.reset();
  enrolment_key.reset();
  challenge.reset();
  service_in_step = key_centre_in_step = true;
  return send({Destination::key_centre, MessageType::key_ask, {}});
}

Result<Step> Msd::Implementation::take_challenge(const Message& message) {
  HEQI_TRY(const KeyChallenge received, parse_key_challenge(message.body));
  if (received.name.app_id != state.registered->app_id ||
      received.name.platform_id != state.registered->platform_id)
    return base::fail(Code::denied, "key challenge: of another application or platform");
  challenge = received.name;
  HEQI_TRY(save());
  Step step;
  step.kind = Step::Kind::choose_pin;
  return step;
}

Result<Step> Msd::Implementation::make_key(base::ByteView pin) {
  if (!challenge) return base::fail(Code::device_state, "the key centre gave no challenge yet");
  drop_exchange();
  const auto device_key = channel_signer->public_key().encode();
  HEQI_TRY(cosign::DeviceKeyAgreement begun,
           cosign::DeviceKeyAgreement::begin(
               {*challenge, Bytes(device_key.begin(), device_key.end())}, parts.random));
  KeySlot slot;
  slot.name = *challenge;
  slot.factors = options.factors;
  if (options.machine) {
    HEQI_TRY(parts.random.fill(slot.uuid.emplace()));
  }
  HEQI_TRY(protect_share(slot, begun.d1(), pin, *wrap_keys, options.pin_rounds, parts.random,
                         options.stretch_progress));
  challenge.reset();  // one challenge, one key
  state.key = std::move(slot);
  const Bytes body = cosign::encode_key_init(begun.message());
  agreement = std::move(begun);
  return send({Destination::key_centre, MessageType::key_init, body});
}

Result<Step> Msd::Implementation::take_key(const Message& message) {
  if (!agreement) return base::fail(Code::device_state, "no key is being agreed on");
  HEQI_TRY(const cosign::KeyInitAnswer answer, cosign::parse_key_init_answer(message.body));
  cosign::DeviceKeyAgreement begun = std::move(*agreement);
  agreement.reset();
  HEQI_TRY(const cosign::DeviceKey key, std::move(begun).finish(answer));
  const auto point = key.p.encode();
  state.key->public_key.assign(point.begin(), point.end());
  state.stage = Stage::keyed;
  HEQI_TRY(save());
  return show_certificate_request();
}

Result<Bytes> Msd::Implementation::encode_request_body() const {
  x509::CsrBody body;
  HEQI_TRY(body.subject, x509::Name::parse(state.registered->subject));
  HEQI_TRY(const crypto::PublicKey p, crypto::PublicKey::decode(state.key->public_key));
  body.public_key = x509::make_public_key_info(p);
  return x509::encode_csr_body(body);
}

// The certificate request is also the trial of the key: it is displayed and confirmed like a
// document, and a key whose first signature does not verify is never used.
Result<Step> Msd::Implementation::show_certificate_request() {
  HEQI_TRY(const x509::Name subject, x509::Name::parse(state.registered->subject));
  Transaction next;
  next.display.kind = Display::Kind::certificate_request;
  next.display.transaction_id = kCertificateRequestId;
  next.display.title = subject.text();
  next.display.digest = crypto::sm3(state.key->public_key);
  next.display.size = state.key->public_key.size();
  next.display.code = verification_code(next.display.transaction_id, next.display.digest);
  next.display.application = state.registered->app_id;
  next.display.content_type = "application/pkcs10";
  transaction = std::move(next);
  return ask_confirmation();
}

Status Msd::Implementation::check_own_certificate(const CertificateInstall& install,
                                                  base::ByteView public_key) const {
  HEQI_TRY(const x509::Certificate certificate, x509::parse_certificate(install.certificate));
  HEQI_TRY(const crypto::PublicKey key, certificate.public_key().sm2_key());
  HEQI_TRY(const crypto::PublicKey own, crypto::PublicKey::decode(public_key));
  if (!(key == own)) return base::fail(Code::denied, "certificate: of another key");
  HEQI_TRY(const x509::Name subject, x509::Name::parse(state.registered->subject));
  if (!(certificate.subject() == subject))
    return base::fail(Code::denied, "certificate: of another person");
  return check_issued(certificate, state.registered->anchors, parts.clock.now());
}

Result<Step> Msd::Implementation::install_certificate(const Message& message) {
  HEQI_TRY(const CertificateInstall install, parse_certificate_install(message.body));
  const Status checked = check_own_certificate(install, state.key->public_key);
  CertificateAcknowledge acknowledge{crypto::sm3(install.certificate), {}};
  WaitingMessage waiting{MessageType::certificate_acknowledge, {}, "certificate_installed", {}};
  if (checked) {
    state.certificate = install.certificate;
    state.chain = install.chain;
    state.stage = Stage::enrolled;
  } else {
    acknowledge.reason = base::error_id(checked.error().code);
    waiting.refusal = checked.error().code;
    state.request_sent = false;
  }
  waiting.body = encode_certificate_acknowledge(acknowledge);
  state.waiting = std::move(waiting);
  return send_waiting();
}

}  // namespace heqi::device
