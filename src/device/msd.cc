#include <heqi/device/msd.h>

#include <heqi/base/text.h>

#include "msd_implementation.h"

namespace heqi::device {
namespace {

using base::Code;
using base::Result;
using base::Status;

// WipeAtEnd clears the stack below a command that touched d1, the PIN or a nonce, however the
// command ends.
struct WipeAtEnd {
  WipeAtEnd() = default;
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;
  ~WipeAtEnd() { base::wipe_stack(); }
};

}  // namespace

Status Msd::Implementation::load() {
  HEQI_TRY(const bool retired, is_retired(parts.files));
  if (retired) {  // finishes what a crash may have interrupted
    HEQI_TRY(WrapKeys::erase(parts.key_files));
    HEQI_TRY(erase_state(parts.files));
    state = State{};
    state.stage = Stage::retired;
    return {};
  }
  auto keys = WrapKeys::load(parts.key_files);
  if (!keys) {
    if (keys.error().code != Code::not_found) return keys.error();
    const auto left = parts.files.read("msd.state", std::size_t{1} << 20);
    if (left) return base::fail(Code::storage, "device: a state without its wrap key");
    return {};  // empty
  }
  auto loaded = load_state(parts.files, *keys);
  if (!loaded) {
    if (loaded.error().code == Code::not_found) return {};  // a crash during initialise
    return loaded.error();
  }
  HEQI_TRY(crypto::PrivateKey key, open_channel_key(*keys, loaded->sealed_channel_key));
  channel_signer = std::make_unique<x509::SoftwareSm2Signer>(std::move(key), parts.random);
  wrap_keys = *std::move(keys);
  wrap_keys->use_machine(options.machine);
  state = *std::move(loaded);
  return {};
}

Status Msd::Implementation::save() {
  return save_state(parts.files, *wrap_keys, state, parts.random);
}

Status Msd::Implementation::require(std::initializer_list<Stage> stages) const {
  for (const Stage stage : stages)
    if (state.stage == stage) return {};
  return base::fail(Code::device_state,
                    "stage " + std::to_string(static_cast<int>(state.stage)) + " of the device");
}

void Msd::Implementation::drop_exchange() {
  if (expected && expected->sent != MessageType::failure) in_step(expected->from) = false;
  expected.reset();
  queued.reset();
  joint_device.reset();
  nonces.reset();
  blind.reset();
  agreement.reset();
  new_pin.reset();
  new_share.reset();
  key_update.reset();
  seal_value.clear();
}

Step Msd::Implementation::finished(std::string outcome) {
  Step step;
  step.kind = Step::Kind::finished;
  step.outcome = std::move(outcome);
  return step;
}

Step Msd::Implementation::refused(Code code) {
  Step step;
  step.kind = Step::Kind::refused;
  step.refusal = code;
  return step;
}

Step Msd::Implementation::ended(const WaitingMessage& told) {
  if (!told.refusal) return finished(told.outcome);
  Step step = refused(*told.refusal);
  step.retry_at = told.retry_at;
  step.tries_left = told.tries_left;
  return step;
}

Step Msd::Implementation::ask_confirmation() const {
  Step step;
  step.kind = Step::Kind::confirm;
  step.display = transaction->display;
  return step;
}

Msd::Msd(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Msd::~Msd() = default;

Result<std::unique_ptr<Msd>> Msd::open(MsdParts parts, MsdOptions options) {
  auto implementation = std::make_unique<Implementation>(parts, std::move(options));
  HEQI_TRY(implementation->load());
  return std::unique_ptr<Msd>(new Msd(std::move(implementation)));
}

Information Msd::information() const {
  const State& state = implementation_->state;
  Information out;
  out.stage = state.stage;
  if (state.registered) {
    out.app_id = state.registered->app_id;
    out.platform_id = state.registered->platform_id;
  }
  if (state.key) out.key_id = base::to_hex(state.key->name.key_id);
  out.certificate = state.certificate;
  if (implementation_->transaction)
    out.waiting_transaction = implementation_->transaction->display.transaction_id;
  out.stop_reason = state.stop_reason;
  return out;
}

Factors Msd::factors() const {
  const std::optional<KeySlot>& key = implementation_->state.key;
  return key ? key->factors : kPinAlone;
}

Status Msd::initialise() {
  const WipeAtEnd wipe;
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::empty}));
  HEQI_TRY(WrapKeys keys, WrapKeys::make(own.parts.key_files, own.parts.random));
  HEQI_TRY(crypto::PrivateKey key, crypto::PrivateKey::generate(own.parts.random));
  State state;
  state.stage = Stage::initialised;
  HEQI_TRY(state.sealed_channel_key, seal_channel_key(keys, key, own.parts.random));
  HEQI_TRY(save_state(own.parts.files, keys, state, own.parts.random));
  own.state = std::move(state);
  own.wrap_keys = std::move(keys);
  own.wrap_keys->use_machine(own.options.machine);
  own.channel_signer = std::make_unique<x509::SoftwareSm2Signer>(std::move(key), own.parts.random);
  return {};
}

Result<Step> Msd::enrol(std::string_view typed) {
  const WipeAtEnd wipe;
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::initialised, Stage::registered, Stage::keyed, Stage::stopped}));
  HEQI_TRY(EnrolmentCode code, parse_enrolment_code(typed));
  own.drop_exchange();
  own.transaction.reset();
  Register message;
  message.reference = code.reference;
  message.device_name = own.options.device_name;
  message.device_key = own.channel_signer->public_key().encode();
  HEQI_TRY(own.parts.random.fill(message.nonce));
  HEQI_TRY(own.register_der, encode_register(message, code.key, *own.channel_signer));
  own.enrolment_key = std::move(code.key);
  own.expected = Expectation{Destination::registration, MessageType::failure, {}, {}};
  Step step;
  step.kind = Step::Kind::send;
  step.destination = Destination::registration;
  step.message = own.register_der;
  return step;
}

Result<Step> Msd::choose_pin(base::SecretBytes pin) {
  const WipeAtEnd wipe;
  Implementation& own = *implementation_;
  if (own.new_pin && own.transaction && own.transaction->new_pin != nullptr)
    return (own.*own.transaction->new_pin)(pin.expose());
  HEQI_TRY(own.require({Stage::registered}));
  return own.make_key(pin.expose());
}

Result<Step> Msd::poll() {
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::registered, Stage::keyed, Stage::enrolled, Stage::stopped}));
  own.drop_exchange();
  if (own.state.waiting) return own.send_waiting();
  if (own.transaction) return own.ask_confirmation();
  if (own.state.stage == Stage::stopped) return own.poll_stopped();
  if (own.state.stage == Stage::registered)
    return own.send({Destination::key_centre, MessageType::key_ask, {}});
  if (own.state.stage == Stage::keyed && !own.state.request_sent)
    return own.show_certificate_request();
  const CertificateCare* care = own.options.certificate_care;
  if (care != nullptr) return (own.*care->poll)();
  return own.send({Destination::service, MessageType::poll, {}});
}

Result<Step> Msd::deliver(base::ByteView answer) {
  const WipeAtEnd wipe;
  auto step = implementation_->deliver(answer);
  // A channel whose last answer was no answer is resynchronised before it is used again.
  if (!step) implementation_->drop_exchange();
  return step;
}

Result<Step> Msd::confirm(std::string_view transaction_id, const crypto::Digest& digest,
                          base::SecretBytes pin) {
  const WipeAtEnd wipe;
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::keyed, Stage::enrolled}));
  if (!own.transaction || own.transaction->display.transaction_id != transaction_id)
    return base::fail(Code::not_found, "no such transaction is displayed");
  const Display& display = own.transaction->display;
  if (display.digest != digest)
    return base::fail(Code::device_display_differs, "the digest confirmed was not displayed");
  HEQI_TRY(check_factors(pin.expose(), own.state.key->factors));
  own.drop_exchange();
  if (display.expires && own.parts.clock.now() > *display.expires)
    return own.conclude(SignOutcome::expired, Code::expired);
  auto step = own.confirm(pin.expose());
  if (!step) own.drop_exchange();
  return step;
}

Result<Step> Msd::cancel(std::string_view transaction_id) {
  Implementation& own = *implementation_;
  if (!own.transaction || own.transaction->display.transaction_id != transaction_id)
    return base::fail(Code::not_found, "no such transaction is displayed");
  own.drop_exchange();
  if (own.transaction->decline != nullptr) return (own.*own.transaction->decline)();
  if (!own.transaction->is_awaited()) {
    own.transaction.reset();
    return own.finished("cancelled");
  }
  return own.conclude(SignOutcome::cancelled, Code::cancelled);
}

Result<base::Bytes> Msd::displayed_data(std::string_view transaction_id) const {
  const auto& transaction = implementation_->transaction;
  if (!transaction || transaction->display.transaction_id != transaction_id)
    return base::fail(Code::not_found, "no such transaction is displayed");
  return transaction->data;
}

Status Msd::retire() {
  Implementation& own = *implementation_;
  if (own.state.stage == Stage::retired) return {};
  own.drop_exchange();
  own.transaction.reset();
  own.enrolment_key.reset();
  HEQI_TRY(mark_retired(own.parts.files));
  own.channel_signer.reset();
  own.wrap_keys.reset();
  return own.load();
}

}  // namespace heqi::device
