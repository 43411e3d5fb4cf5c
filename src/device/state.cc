#include "state.h"

#include <heqi/base/error_id.h>
#include <heqi/cosign/codec.h>
#include <heqi/crypto/hmac.h>

#include "der.h"

namespace heqi::device {
namespace {

using asn1::Reader;
using asn1::Writer;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;
using base::Status;

constexpr std::string_view kStateFile = "msd.state", kRetiredFile = "msd.retired",
                           kWrapFile = "wrap.key";
constexpr std::size_t kStateSizeMax = std::size_t{1} << 20, kRootSize = 32;
constexpr std::string_view kStateContext = "heqi msd state 1",
                           kChannelContext = "heqi msd channel 1";

void write_position(Writer& out, const ChannelPosition& position) {
  out.octet_string(encode_position(position));
}

Result<ChannelPosition> read_position(Reader& in) {
  HEQI_TRY(const ByteView octets, in.octet_string());
  return parse_position(octets);
}

void write_registered(Writer& out, const Registered& message) {
  out.sequence([&](Writer& w) {
    w.utf8_string(message.app_id).utf8_string(message.platform_id);
    w.octet_string(message.service_channel).octet_string(message.key_channel);
    w.octet_string(message.service_key).octet_string(message.key_centre_key);
    w.octet_string(message.key_centre_sealing_key).octet_string(message.subject);
    w.sequence([&](Writer& list) {
      for (const Bytes& anchor : message.anchors) list.octet_string(anchor);
    });
  });
}

Result<std::vector<Bytes>> read_list(Reader& in) {
  HEQI_TRY(Reader list, in.sequence());
  std::vector<Bytes> out;
  while (!list.at_end()) {
    HEQI_TRY(Bytes item, der::read_bytes(list, kStateSizeMax));
    out.push_back(std::move(item));
  }
  return out;
}

Result<Registered> read_registered(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  Registered message;
  HEQI_TRY(message.app_id, inner.utf8_string());
  HEQI_TRY(message.platform_id, inner.utf8_string());
  HEQI_TRY(message.service_channel, der::read_array<kChannelIdSize>(inner));
  HEQI_TRY(message.key_channel, der::read_array<kChannelIdSize>(inner));
  HEQI_TRY(message.service_key, der::read_array<crypto::kPointSize>(inner));
  HEQI_TRY(message.key_centre_key, der::read_array<crypto::kPointSize>(inner));
  HEQI_TRY(message.key_centre_sealing_key, der::read_array<crypto::kPointSize>(inner));
  HEQI_TRY(message.subject, der::read_bytes(inner, kStateSizeMax));
  HEQI_TRY(message.anchors, read_list(inner));
  HEQI_TRY(inner.finish());
  return message;
}

void write_slot(Writer& out, const KeySlot& slot) {
  out.sequence([&](Writer& w) {
    cosign::write_key_name(w, slot.name);
    w.octet_string(slot.salt).integer(slot.rounds).octet_string(slot.encrypted_d1);
    w.octet_string(slot.public_key).integer(static_cast<std::int64_t>(slot.opening_counter));
    if (slot.factors != kPinAlone) der::write_optional_count(w, 0, unsigned{slot.factors});
    if (slot.uuid) w.explicit_tag(1, [&](Writer& inner) { inner.octet_string(*slot.uuid); });
  });
}

Result<KeySlot> read_slot(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  KeySlot slot;
  HEQI_TRY(slot.name, cosign::read_key_name(inner));
  HEQI_TRY(slot.salt, der::read_array<kSaltSize>(inner));
  HEQI_TRY(const std::uint64_t rounds, der::read_number(inner, 0xFFFFFFFF));
  slot.rounds = static_cast<std::uint32_t>(rounds);
  HEQI_TRY(slot.encrypted_d1, der::read_array<kShareSize>(inner));
  HEQI_TRY(slot.public_key, der::read_bytes(inner, crypto::kPointSize));
  HEQI_TRY(slot.opening_counter, der::read_number(inner, der::kCounterMax));
  HEQI_TRY(const std::optional<unsigned> factors, der::read_optional_count(inner, 0));
  slot.factors = static_cast<Factors>(factors.value_or(kPinAlone));
  HEQI_TRY(std::optional<Reader> uuid, inner.explicit_tag(1));
  if (uuid) {
    HEQI_TRY(slot.uuid, der::read_array<kUuidSize>(*uuid));
    HEQI_TRY(uuid->finish());
  }
  HEQI_TRY(inner.finish());
  return slot;
}

void write_waiting(Writer& out, const WaitingMessage& message) {
  out.sequence([&](Writer& w) {
    w.integer(static_cast<std::int64_t>(message.type)).octet_string(message.body);
    w.utf8_string(message.outcome);
    w.utf8_string(message.refusal ? base::error_id(*message.refusal) : "");
    der::write_optional_time(w, 0, message.retry_at);
    der::write_optional_count(w, 1, message.tries_left);
  });
}

Result<WaitingMessage> read_waiting(Reader& in) {
  HEQI_TRY(Reader inner, in.sequence());
  WaitingMessage message;
  HEQI_TRY(const std::uint64_t type, der::read_number(inner, 255));
  message.type = static_cast<MessageType>(type);
  HEQI_TRY(message.body, der::read_bytes(inner, kStateSizeMax));
  HEQI_TRY(message.outcome, inner.utf8_string());
  HEQI_TRY(const std::string refusal, inner.utf8_string());
  HEQI_TRY(message.retry_at, der::read_optional_time(inner, 0));
  HEQI_TRY(message.tries_left, der::read_optional_count(inner, 1));
  HEQI_TRY(inner.finish());
  if (!refusal.empty()) message.refusal = base::find_error(refusal);
  return message;
}

Bytes encode_state(const State& state) {
  return der::message([&](Writer& w) {
    w.enumerated(static_cast<std::int64_t>(state.stage)).octet_string(state.sealed_channel_key);
    write_position(w, state.service);
    write_position(w, state.key_centre);
    w.boolean(state.request_sent).octet_string(state.certificate);
    w.sequence([&](Writer& list) {
      for (const Bytes& issuer : state.chain) list.octet_string(issuer);
    });
    w.utf8_string(state.stop_reason);
    if (state.registered)
      w.explicit_tag(0, [&](Writer& inner) { write_registered(inner, *state.registered); });
    if (state.key) w.explicit_tag(1, [&](Writer& inner) { write_slot(inner, *state.key); });
    if (state.next_key)
      w.explicit_tag(3, [&](Writer& inner) { write_slot(inner, *state.next_key); });
    if (state.successor)
      w.explicit_tag(4, [&](Writer& inner) { write_slot(inner, *state.successor); });
    if (state.waiting)
      w.explicit_tag(2, [&](Writer& inner) { write_waiting(inner, *state.waiting); });
  });
}

Status parse_optional_parts(Reader& in, State& state) {
  HEQI_TRY(std::optional<Reader> registered, in.explicit_tag(0));
  if (registered) {
    HEQI_TRY(state.registered, read_registered(*registered));
    HEQI_TRY(registered->finish());
  }
  HEQI_TRY(std::optional<Reader> key, in.explicit_tag(1));
  if (key) {
    HEQI_TRY(state.key, read_slot(*key));
    HEQI_TRY(key->finish());
  }
  HEQI_TRY(std::optional<Reader> next_key, in.explicit_tag(3));
  if (next_key) {
    HEQI_TRY(state.next_key, read_slot(*next_key));
    HEQI_TRY(next_key->finish());
  }
  HEQI_TRY(std::optional<Reader> successor, in.explicit_tag(4));
  if (successor) {
    HEQI_TRY(state.successor, read_slot(*successor));
    HEQI_TRY(successor->finish());
  }
  HEQI_TRY(std::optional<Reader> waiting, in.explicit_tag(2));
  if (waiting) {
    HEQI_TRY(state.waiting, read_waiting(*waiting));
    HEQI_TRY(waiting->finish());
  }
  return in.finish();
}

Result<State> parse_state(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, kStateSizeMax));
  State state;
  HEQI_TRY(const std::int64_t stage, in.enumerated());
  if (stage < 0 || stage > static_cast<std::int64_t>(Stage::retired))
    return der::at(in, Code::malformed, "an unknown stage");
  state.stage = static_cast<Stage>(stage);
  HEQI_TRY(state.sealed_channel_key, der::read_bytes(in, kSealedChannelKeySize));
  HEQI_TRY(state.service, read_position(in));
  HEQI_TRY(state.key_centre, read_position(in));
  HEQI_TRY(state.request_sent, in.boolean());
  HEQI_TRY(state.certificate, der::read_bytes(in, kCertificateSizeMax));
  HEQI_TRY(state.chain, read_list(in));
  HEQI_TRY(state.stop_reason, in.utf8_string());
  HEQI_TRY(parse_optional_parts(in, state));
  return state;
}

// seal_under is nonce || ciphertext || tag with a fresh nonce.
Result<Bytes> seal_under(const crypto::Sm4Key& key, std::string_view context, ByteView plain,
                         base::Random& random) {
  HEQI_TRY(Bytes out, base::random_bytes(random, crypto::kGcmNonceSize));
  HEQI_TRY(const Bytes sealed, crypto::sm4_gcm_seal(key, out, base::bytes_of(context), plain));
  base::append(out, sealed);
  return out;
}

Result<base::SecretBytes> open_under(const crypto::Sm4Key& key, std::string_view context,
                                     ByteView sealed) {
  if (sealed.size() < crypto::kGcmNonceSize)
    return base::fail(Code::malformed, "device: a sealed part is too short");
  return crypto::sm4_gcm_open(key, sealed.first(crypto::kGcmNonceSize), base::bytes_of(context),
                              sealed.subspan(crypto::kGcmNonceSize));
}

}  // namespace

Result<WrapKeys> WrapKeys::make(base::FileStore& files, base::Random& random) {
  base::SecretArray<kRootSize> root;
  HEQI_TRY(random.fill(root.expose_mutable()));
  HEQI_TRY(files.write(kWrapFile, root.expose()));
  return WrapKeys(std::move(root));
}

Result<WrapKeys> WrapKeys::load(const base::FileStore& files) {
  HEQI_TRY(Bytes octets, files.read(kWrapFile, kRootSize));
  base::SecretArray<kRootSize> root;
  const bool whole = octets.size() == kRootSize;
  if (whole) std::copy(octets.begin(), octets.end(), root.expose_mutable().begin());
  base::secure_wipe(octets.data(), octets.size());
  if (!whole) return base::fail(Code::malformed, "device: the wrap key is not 32 octets");
  return WrapKeys(std::move(root));
}

Status WrapKeys::erase(base::FileStore& files) {
  return files.remove(kWrapFile);
}

base::SecretArray<32> WrapKeys::pin_secret() const {
  return base::SecretArray<32>(crypto::hmac_sm3(root_.expose(), base::bytes_of("pin")));
}

crypto::Digest WrapKeys::mobile_id(base::ByteView uuid) const {
  const Machine machine = machine_ ? machine_() : Machine();
  crypto::Sm3 digest;
  for (const std::string& part : {machine.hardware, machine.system}) {
    const std::size_t size = part.size();
    const std::array<std::uint8_t, 4> length = {
        static_cast<std::uint8_t>(size >> 24), static_cast<std::uint8_t>(size >> 16),
        static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)};
    digest.update(length).update(base::bytes_of(part));
  }
  return digest.update(uuid).finish();
}

base::SecretArray<32> WrapKeys::local_secret() const {
  return base::SecretArray<32>(crypto::hmac_sm3(root_.expose(), base::bytes_of("local keys")));
}

crypto::Sm4Key WrapKeys::key(std::string_view purpose) const {
  const base::SecretArray<32> wide(crypto::hmac_sm3(root_.expose(), base::bytes_of(purpose)));
  crypto::Sm4Key key;
  std::copy_n(wide.expose().begin(), key.size(), key.expose_mutable().begin());
  return key;
}

Status save_state(base::FileStore& files, const WrapKeys& keys, const State& state,
                  base::Random& random) {
  HEQI_TRY(const Bytes sealed,
           seal_under(keys.state_key(), kStateContext, encode_state(state), random));
  return files.write(kStateFile, sealed);
}

Result<State> load_state(const base::FileStore& files, const WrapKeys& keys) {
  HEQI_TRY(const Bytes sealed, files.read(kStateFile, kStateSizeMax));
  HEQI_TRY(const base::SecretBytes plain, open_under(keys.state_key(), kStateContext, sealed));
  return parse_state(plain.expose());
}

Status mark_retired(base::FileStore& files) {
  return files.write(kRetiredFile, base::bytes_of("retired\n"));
}

Result<bool> is_retired(const base::FileStore& files) {
  const auto found = files.read(kRetiredFile, 64);
  if (found) return true;
  if (found.error().code == Code::not_found) return false;
  return found.error();
}

Status erase_state(base::FileStore& files) {
  return files.remove(kStateFile);
}

Result<Bytes> seal_channel_key(const WrapKeys& keys, const crypto::PrivateKey& key,
                               base::Random& random) {
  const auto plain = key.encode();
  return seal_under(keys.channel_key(), kChannelContext, plain.expose(), random);
}

Result<crypto::PrivateKey> open_channel_key(const WrapKeys& keys, ByteView sealed) {
  HEQI_TRY(const base::SecretBytes plain, open_under(keys.channel_key(), kChannelContext, sealed));
  return crypto::PrivateKey::decode(plain.expose());
}

}  // namespace heqi::device
