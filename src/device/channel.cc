#include <heqi/device/channel.h>

#include <heqi/cosign/key_name.h>
#include <heqi/x509/signature_verifier.h>
#include <heqi/x509/signer.h>
#include <heqi/x509/sm2_encoding.h>

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

// What is signed begins with this text, so that it can be no other signed structure.
constexpr std::string_view kProtocol = "heqi-envelope";
constexpr std::size_t kSignatureSizeMax = 80;
constexpr std::size_t kSeedSize = 2 * crypto::kSm4KeySize;

enum Form : unsigned { plain = 0, secret = 1, answer = 2 };

// Each key encrypts one message, so that the nonce may be the same.
constexpr std::array<std::uint8_t, crypto::kGcmNonceSize> kOnlyNonce{};

crypto::Sm4Key key_part(const base::SecretArray<kSeedSize>& seed, std::size_t offset) {
  crypto::Sm4Key key;
  std::copy_n(seed.expose().begin() + static_cast<std::ptrdiff_t>(offset), key.size(),
              key.expose_mutable().begin());
  return key;
}

Direction other(Direction direction) {
  return direction == Direction::to_server ? Direction::to_device : Direction::to_server;
}

}  // namespace

struct Channel::Parsed {
  ByteView to_be_signed;
  Direction direction{};
  std::uint64_t counter = 0;
  crypto::Digest previous{};
  MessageType type{};
  unsigned form = 0;
  std::uint64_t request_counter = 0;  // of an answer
  ByteView sealed_key, content;
  ByteView whole;
};

namespace {

Status read_body(Reader& in, unsigned& form, std::uint64_t& request_counter, ByteView& sealed_key,
                 ByteView& content) {
  for (form = plain; form <= answer; ++form) {
    HEQI_TRY(std::optional<Reader> body, in.explicit_tag(form));
    if (!body) continue;
    if (form == secret) {
      HEQI_TRY(sealed_key, body->octet_string());
    }
    if (form == answer) {
      HEQI_TRY(request_counter, der::read_number(*body, der::kCounterMax));
    }
    HEQI_TRY(content, body->octet_string());
    return body->finish();
  }
  return der::at(in, Code::malformed, "no body");
}

// other_version refuses an envelope; sends is where the end that reads sends to. A server tells an
// older device that it is one.
base::Error other_version(const Reader& in, std::int64_t version, Direction sends) {
  const bool outdated = sends == Direction::to_device && version < der::kVersion;
  return der::at(in, outdated ? Code::device_outdated : Code::unsupported,
                 "envelope version " + std::to_string(version));
}

}  // namespace

Bytes encode_position(const ChannelPosition& position) {
  return der::message([&](Writer& w) {
    w.integer(static_cast<std::int64_t>(position.sent)).octet_string(position.sent_hash);
    w.integer(static_cast<std::int64_t>(position.received)).octet_string(position.received_hash);
  });
}

Result<ChannelPosition> parse_position(ByteView encoded) {
  HEQI_TRY(Reader in, der::read_message(encoded, 256));
  ChannelPosition position;
  HEQI_TRY(position.sent, der::read_number(in, der::kCounterMax));
  HEQI_TRY(position.sent_hash, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(position.received, der::read_number(in, der::kCounterMax));
  HEQI_TRY(position.received_hash, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(in.finish());
  return position;
}

Channel::Channel(ChannelKeys keys, ChannelPosition position)
    : keys_(std::move(keys)), position_(position) {
  HEQI_CHECK(keys_.signer != nullptr);
  HEQI_CHECK(keys_.peer_key.has_value());
}

Bytes Channel::body_context(MessageType type, std::uint64_t counter, Direction direction) const {
  return cosign::Transcript("heqi envelope body 1")
      .bytes(keys_.id)
      .number(static_cast<std::uint64_t>(direction))
      .number(counter)
      .number(static_cast<std::uint64_t>(type))
      .view();
}

// finish frames, signs and counts; body is the content of the body's explicit tag.
Result<Bytes> Channel::finish(MessageType type, unsigned form, ByteView body) {
  if (position_.sent == der::kCounterMax)
    return base::fail(Code::limit_exceeded, "channel: the counter is used up");
  Writer to_be_signed;
  to_be_signed.sequence([&](Writer& w) {
    w.utf8_string(kProtocol).integer(der::kVersion).octet_string(keys_.id);
    w.enumerated(static_cast<std::int64_t>(keys_.sends));
    w.integer(static_cast<std::int64_t>(position_.sent + 1)).octet_string(position_.sent_hash);
    w.integer(static_cast<std::int64_t>(type));
    w.explicit_tag(form, [&](Writer& inner) { inner.raw(body); });
  });
  HEQI_TRY(const Bytes signature, keys_.signer->sign(to_be_signed.bytes()));
  Writer out;
  out.sequence([&](Writer& w) { w.raw(to_be_signed.bytes()).octet_string(signature); });
  if (out.bytes().size() > kEnvelopeSizeMax)
    return base::fail(Code::limit_exceeded, "envelope of more than 80 MiB");
  ++position_.sent;
  position_.sent_hash = crypto::sm3(out.bytes());
  return out.take();
}

Result<Bytes> Channel::seal(MessageType type, ByteView body) {
  Writer content;
  content.octet_string(body);
  return finish(type, plain, content.bytes());
}

Result<Channel::Secret> Channel::seal_secret(MessageType type, ByteView body,
                                             base::Random& random) {
  HEQI_CHECK(keys_.peer_sealing_key.has_value());
  base::SecretArray<kSeedSize> seed;
  HEQI_TRY(random.fill(seed.expose_mutable()));
  HEQI_TRY(const crypto::Ciphertext sealed_key,
           crypto::encrypt(*keys_.peer_sealing_key, seed.expose(), random));
  const std::uint64_t counter = position_.sent + 1;
  HEQI_TRY(const Bytes sealed,
           crypto::sm4_gcm_seal(key_part(seed, 0), kOnlyNonce,
                                body_context(type, counter, keys_.sends), body));
  Writer content;
  content.octet_string(x509::encode_ciphertext(sealed_key)).octet_string(sealed);
  HEQI_TRY(Bytes envelope, finish(type, secret, content.bytes()));
  return Secret{std::move(envelope), AnswerKey(key_part(seed, crypto::kSm4KeySize), counter)};
}

Result<Bytes> Channel::seal_answer(MessageType type, ByteView body, AnswerKey key) {
  HEQI_TRY(const Bytes sealed,
           crypto::sm4_gcm_seal(key.key_, kOnlyNonce,
                                body_context(type, position_.sent + 1, keys_.sends), body));
  Writer content;
  content.integer(static_cast<std::int64_t>(key.counter_)).octet_string(sealed);
  return finish(type, answer, content.bytes());
}

// check parses and authenticates; the order of messages is not looked at.
Result<Channel::Parsed> Channel::check(ByteView envelope) const {
  if (envelope.size() > kEnvelopeSizeMax)
    return base::fail(Code::limit_exceeded, "envelope of more than 80 MiB");
  Parsed parsed;
  parsed.whole = envelope;
  HEQI_TRY(Reader outer, Reader::over(envelope));
  HEQI_TRY(Reader frame, outer.sequence());
  HEQI_TRY(outer.finish());
  HEQI_TRY(const asn1::Element signed_part, frame.expect(asn1::kSequence));
  parsed.to_be_signed = signed_part.whole;
  HEQI_TRY(const ByteView signature, frame.octet_string());
  HEQI_TRY(frame.finish());
  if (signature.size() > kSignatureSizeMax)
    return der::at(frame, Code::malformed, "a signature of more than 80 octets");

  HEQI_TRY(Reader in, frame.enter(signed_part));
  HEQI_TRY(const std::string protocol, in.utf8_string());
  if (protocol != kProtocol) return der::at(in, Code::malformed, "another protocol");
  HEQI_TRY(const std::int64_t version, in.small_integer());
  if (version != der::kVersion) return other_version(in, version, keys_.sends);
  HEQI_TRY(const ChannelId id, der::read_array<kChannelIdSize>(in));
  HEQI_TRY(const std::int64_t direction, in.enumerated());
  if (direction != 0 && direction != 1) return der::at(in, Code::malformed, "no such direction");
  parsed.direction = static_cast<Direction>(direction);
  HEQI_TRY(parsed.counter, der::read_number(in, der::kCounterMax));
  HEQI_TRY(parsed.previous, der::read_array<crypto::kSm3Size>(in));
  HEQI_TRY(const std::uint64_t type, der::read_number(in, 255));
  parsed.type = static_cast<MessageType>(type);
  HEQI_TRY(read_body(in, parsed.form, parsed.request_counter, parsed.sealed_key, parsed.content));
  HEQI_TRY(in.finish());

  if (id != keys_.id) return base::fail(Code::denied, "envelope: of another channel");
  if (parsed.direction != other(keys_.sends))
    return base::fail(Code::denied, "envelope: of the other direction");
  HEQI_TRY(x509::Sm2SignatureVerifier().verify(x509::sm2_with_sm3_algorithm(),
                                               x509::make_public_key_info(*keys_.peer_key),
                                               parsed.to_be_signed, signature));
  return parsed;
}

Status Channel::in_order(const Parsed& parsed, Order order) const {
  if (parsed.counter <= position_.received)
    return base::fail(Code::cosign_replayed, "envelope: seen before");
  if (order == Order::may_skip) return {};
  if (parsed.counter != position_.received + 1)
    return base::fail(Code::cosign_replayed, "envelope: one before it is missing");
  if (parsed.previous != position_.received_hash)
    return base::fail(Code::cosign_replayed, "envelope: does not follow the one before it");
  return {};
}

void Channel::advance(const Parsed& parsed) {
  position_.received = parsed.counter;
  position_.received_hash = crypto::sm3(parsed.whole);
}

Result<Message> Channel::open(ByteView envelope) {
  HEQI_TRY(const Parsed parsed, check(envelope));
  const bool asks =
      parsed.type == MessageType::resynchronise && keys_.sends == Direction::to_device;
  HEQI_TRY(in_order(parsed, asks ? Order::may_skip : Order::strict));
  Message message{parsed.type, parsed.counter, {}, std::nullopt};
  if (parsed.form == answer)
    return base::fail(Code::denied, "envelope: an answer that was not asked for");
  if (parsed.form == plain) message.body = base::to_bytes(parsed.content);
  if (parsed.form == secret) {
    if (keys_.opening_key == nullptr)
      return base::fail(Code::denied, "envelope: a secret body for someone else");
    HEQI_TRY(const crypto::Ciphertext sealed_key, x509::parse_ciphertext(parsed.sealed_key));
    HEQI_TRY(const base::SecretBytes opened, crypto::decrypt(*keys_.opening_key, sealed_key));
    if (opened.size() != kSeedSize)
      return base::fail(Code::malformed, "envelope: a key of another length");
    base::SecretArray<kSeedSize> seed;
    std::copy(opened.expose().begin(), opened.expose().end(), seed.expose_mutable().begin());
    HEQI_TRY(const base::SecretBytes body,
             crypto::sm4_gcm_open(key_part(seed, 0), kOnlyNonce,
                                  body_context(parsed.type, parsed.counter, parsed.direction),
                                  parsed.content));
    message.body = base::to_bytes(body.expose());
    message.answer_key = AnswerKey(key_part(seed, crypto::kSm4KeySize), parsed.counter);
  }
  advance(parsed);
  return message;
}

Result<Message> Channel::open_answer(ByteView envelope, AnswerKey key) {
  HEQI_TRY(const Parsed parsed, check(envelope));
  HEQI_TRY(in_order(parsed, Order::strict));
  Message message{parsed.type, parsed.counter, {}, std::nullopt};
  if (parsed.form == secret) return base::fail(Code::denied, "envelope: not an answer");
  // Failures that say nothing about a key may come in the open.
  if (parsed.form == plain) {
    if (parsed.type != MessageType::failure)
      return base::fail(Code::denied, "envelope: an answer that anyone could read");
    message.body = base::to_bytes(parsed.content);
  } else {
    if (parsed.request_counter != key.counter_)
      return base::fail(Code::cosign_replayed, "envelope: the answer to another request");
    HEQI_TRY(const base::SecretBytes body,
             crypto::sm4_gcm_open(key.key_, kOnlyNonce,
                                  body_context(parsed.type, parsed.counter, parsed.direction),
                                  parsed.content));
    message.body = base::to_bytes(body.expose());
  }
  advance(parsed);
  return message;
}

Result<Bytes> Channel::ask_resynchronise(Challenge& challenge, base::Random& random) {
  HEQI_CHECK(keys_.sends == Direction::to_server);
  HEQI_TRY(random.fill(challenge));
  return seal(MessageType::resynchronise, challenge);
}

Result<Bytes> Channel::resynchronised(const Message& asked) {
  HEQI_CHECK(keys_.sends == Direction::to_device && asked.type == MessageType::resynchronise);
  return seal(MessageType::resynchronised, asked.body);
}

Status Channel::open_resynchronised(ByteView envelope, const Challenge& challenge) {
  HEQI_TRY(const Parsed parsed, check(envelope));
  if (parsed.type != MessageType::resynchronised || parsed.form != plain)
    return base::fail(Code::cosign_replayed, "envelope: not the answer to a resynchronisation");
  if (!base::same_bytes(parsed.content, challenge))
    return base::fail(Code::cosign_replayed, "envelope: answers another resynchronisation");
  HEQI_TRY(in_order(parsed, Order::may_skip));
  advance(parsed);
  return {};
}

Result<ChannelId> find_channel_id(ByteView envelope) {
  if (envelope.size() > kEnvelopeSizeMax)
    return base::fail(Code::limit_exceeded, "envelope of more than 80 MiB");
  HEQI_TRY(Reader outer, Reader::over(envelope));
  HEQI_TRY(Reader frame, outer.sequence());
  HEQI_TRY(Reader in, frame.sequence());
  HEQI_TRY(const std::string protocol, in.utf8_string());
  if (protocol != kProtocol) return der::at(in, Code::malformed, "another protocol");
  HEQI_TRY(const std::int64_t version, in.small_integer());
  if (version != der::kVersion) return other_version(in, version, Direction::to_device);
  return der::read_array<kChannelIdSize>(in);
}

}  // namespace heqi::device
