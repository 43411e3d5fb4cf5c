#include <heqi/asn1/writer.h>
#include <heqi/cosign/codec.h>
#include <heqi/device/sealed_octets.h>

#include "local_store.h"
#include "msd_implementation.h"
#include "own_request.h"

namespace heqi::device {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view kServiceNames[] = {
    "generate",         "sign",    "decrypt", "destroy",
    "verify",           "encrypt", "agree",   "begin_agreement",
    "finish_agreement", "seal",    "request"};

// What the PIN's proof is bound to: this service, this key, this data.
base::Bytes encode_use(const KeySlot& slot, const LocalRequest& request) {
  asn1::Writer out;
  out.sequence([&](asn1::Writer& w) {
    w.integer(1).utf8_string("heqi local key");
    cosign::write_key_name(w, slot.name);
    w.integer(static_cast<std::int64_t>(slot.opening_counter + 1));
    w.enumerated(static_cast<std::int64_t>(request.service)).utf8_string(request.name);
    w.octet_string(crypto::sm3(request.data));
  });
  return out.take();
}

}  // namespace

Result<Step> Msd::use_local_key(LocalRequest request) {
  Implementation& own = *implementation_;
  HEQI_TRY(own.require({Stage::enrolled}));
  HEQI_TRY(check_local_request(request));
  if (own.transaction || own.state.waiting)
    return base::fail(Code::device_state, "finish what waits before a local key is used");
  own.drop_exchange();
  Transaction next;
  next.display.kind = Display::Kind::local_key;
  next.display.transaction_id = "local-key";
  next.display.title = kServiceNames[static_cast<std::size_t>(request.service) - 1];
  if (!request.name.empty()) next.display.title += ": " + request.name;
  next.display.size = request.data.size();
  next.display.digest = crypto::sm3(request.data);
  next.data = request.data;
  next.begin = &Implementation::begin_local;
  if (request.service == LocalService::seal) {
    HEQI_TRY(const SealedOctets sealed, read_sealed_octets(request.data));
    next.display.title += ": " + sealed.seal_name + " (" + sealed.seal_id + ")";
    next.begin = &Implementation::begin_seal;
  }
  if (request.service == LocalService::request) {
    HEQI_TRY(const crypto::PublicKey key, crypto::PublicKey::decode(own.state.key->public_key));
    HEQI_TRY(const std::string subject, read_own_request(request.data, key));
    next.display.title += ": " + subject;
    next.begin = &Implementation::begin_seal;
  }
  own.transaction = std::move(next);
  own.local_request = std::move(request);
  return own.ask_confirmation();
}

Result<std::vector<LocalKeyLine>> Msd::local_keys() const {
  HEQI_TRY(const std::vector<LocalKey> keys, load_local_keys(implementation_->parts.files));
  std::vector<LocalKeyLine> lines;
  for (const LocalKey& key : keys) lines.push_back({key.name, key.public_key});
  return lines;
}

Result<Step> Msd::Implementation::begin_local(base::ByteView pin) {
  KeySlot& slot = state.next_key ? *state.next_key : *state.key;
  HEQI_TRY(const base::Bytes opening,
           open_key(slot, recover_share(slot, pin, *wrap_keys, options.stretch_progress),
                    encode_use(slot, *local_request)));
  return send(
      {Destination::key_centre, MessageType::secret_open, opening, &Implementation::take_secret});
}

// take_secret uses the key centre's secret for the one service that the PIN was given for.
Result<Step> Msd::Implementation::take_secret(MessageType sent, const Message& message) {
  joint_device.reset();
  nonces.reset();
  if (message.type != MessageType::secret_answer) {
    const bool refused = message.type == MessageType::joint_refused;
    return handle(refused ? MessageType::joint_open : sent, message);
  }
  const LocalRequest request = std::move(*local_request);
  local_request.reset();
  transaction.reset();
  auto served =
      serve_local(parts.files, *wrap_keys, message.body, request, begun_agreement, parts.random);
  HEQI_TRY(save());
  HEQI_TRY(const base::SecretBytes result, std::move(served));
  Step step = finished("local_key");
  step.message = base::to_bytes(result.expose());
  return step;
}

}  // namespace heqi::device
