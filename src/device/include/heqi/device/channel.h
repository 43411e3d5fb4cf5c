// heqi/device/channel.h: the authenticated, counted, chained channel between an MSD and a server
// (GB/T 38646 §9.3 c). Both ends use this class: the MSD, the mobile signature service and the key
// centre. DER: docs/asn1/heqi.asn1, Envelope.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include <heqi/base/random.h>
#include <heqi/base/result.h>
#include <heqi/base/secret.h>
#include <heqi/crypto/sm2.h>
#include <heqi/crypto/sm4.h>

namespace heqi::x509 {
class Signer;  // heqi/x509/signer.h
}

namespace heqi::device {

inline constexpr std::size_t kEnvelopeSizeMax = std::size_t{80} << 20;  // docs/limits.md
inline constexpr std::size_t kChannelIdSize = 16;
using ChannelId = std::array<std::uint8_t, kChannelIdSize>;

enum class Direction : std::uint8_t { to_server = 0, to_device = 1 };

// MessageType says what the body is (messages.h). Numbers are part of the protocol.
enum class MessageType : std::uint8_t {
  resynchronise = 1,  // device to server
  resynchronised = 2,
  failure = 3,   // Failure
  accepted = 4,  // empty body
  // MSD and mobile signature service
  poll = 16,  // Poll
  idle = 17,  // empty body
  sign_request = 18,
  sign_answer = 19,
  certificate_request = 20,
  certificate_install = 21,
  certificate_acknowledge = 22,
  revocation_request = 23,
  certificate_clear = 24,     // CertificateClear: an order, instead of any answer to a poll
  certificate_cleared = 25,   // CertificateClear: its confirmation
  certificate_question = 26,  // to a poll that takes questions
  question_answer = 27,
  update_activation = 28,
  update_request = 29,
  sign_answers = 30,  // SignAnswers: of a list that was confirmed at once
  sign_results = 31,  // SignResults: what became of each
  // MSD and key centre
  key_ask = 32,  // empty body
  key_challenge = 33,
  key_init = 34,         // cosign::KeyInit
  key_init_answer = 35,  // cosign::KeyInitAnswer
  joint_open = 36,       // cosign::Opening
  joint_answer = 37,
  joint_refused = 38,
  joint_confirm = 39,   // cosign::Confirm
  refresh_open = 40,    // cosign::Opening: the PIN's proof, for the shares of the next epoch
  refresh_answer = 41,  // ShareFactor
  share_revoke = 42,    // empty body: the device gives its key up
  wipe_order = 43,      // empty body: instead of any answer of the key centre
  wiped = 44,           // empty body
  secret_open = 45,     // cosign::Opening: the PIN's proof, for the secret of the local keys
  secret_answer = 46,   // 32 octets
  // The exchange `blind`
  blind_open = 47,        // cosign::BlindOpening
  blind_commitment = 48,  // cosign::BlindCommitment
  blind_request = 49,     // cosign::NamedBlindRequest
  blind_answer = 50,      // cosign::BlindAnswer
  blind_close = 51,       // the key's name
  // A locked key whose holder proved the identity anew
  unlock_ask = 52,  // KeyChallenge: the locked key's name; answered by accepted or joint_refused
};

// ChannelPosition is the state of one end. Its owner stores it, durably, before a sealed envelope
// leaves and before an opened message takes effect. Nothing of it is secret.
struct ChannelPosition {
  std::uint64_t sent = 0, received = 0;         // the counters used last; the first is 1
  crypto::Digest sent_hash{}, received_hash{};  // SM3 of the last envelope of each direction
};
base::Bytes encode_position(const ChannelPosition& position);
base::Result<ChannelPosition> parse_position(base::ByteView der);

// ChannelKeys are the fixed parts of one end. What is pointed to outlives the channel.
struct ChannelKeys {
  ChannelId id{};
  Direction sends = Direction::to_server;
  x509::Signer* signer = nullptr;             // this end's channel key: SM2 with SM3
  std::optional<crypto::PublicKey> peer_key;  // the other end's; required
  // Secret bodies: the device knows the server's sealing key, the server holds the private half.
  std::optional<crypto::PublicKey> peer_sealing_key;
  const crypto::PrivateKey* opening_key = nullptr;
};

// AnswerKey opens, or seals, the one answer to a secret request. It was chosen by the device, lives
// in memory only, and is gone with the answer: a thief of the device's disk reads no recorded
// answer.
class AnswerKey {
 public:
  AnswerKey(AnswerKey&&) = default;
  AnswerKey& operator=(AnswerKey&&) = default;
  AnswerKey(const AnswerKey&) = delete;
  AnswerKey& operator=(const AnswerKey&) = delete;

 private:
  friend class Channel;
  AnswerKey(crypto::Sm4Key key, std::uint64_t counter) : key_(std::move(key)), counter_(counter) {}
  crypto::Sm4Key key_;
  std::uint64_t counter_;  // of the request
};

// Message is an envelope that was opened: authentic, in order, and of this channel.
struct Message {
  MessageType type = MessageType::failure;
  std::uint64_t counter = 0;
  base::Bytes body;
  std::optional<AnswerKey> answer_key;  // of a secret request: seal the answer with it
};

// Challenge is what a device waits for after it asked to resynchronise.
using Challenge = std::array<std::uint8_t, 32>;

class Channel {
 public:
  Channel(ChannelKeys keys, ChannelPosition position);

  // position is to be stored before the envelope just sealed leaves, and before the message just
  // opened takes effect.
  const ChannelPosition& position() const { return position_; }

  // seal makes the next envelope with a readable body.
  base::Result<base::Bytes> seal(MessageType type, base::ByteView body);

  // seal_secret makes the next envelope with a body that only the server reads; the answer comes
  // under the key that is returned with it. Needs peer_sealing_key.
  struct Secret {
    base::Bytes envelope;
    AnswerKey answer_key;
  };
  base::Result<Secret> seal_secret(MessageType type, base::ByteView body, base::Random& random);
  // seal_answer makes the next envelope with a body that only the asker reads.
  base::Result<base::Bytes> seal_answer(MessageType type, base::ByteView body, AnswerKey key);

  // open checks channel, direction, signature, counter and hash chain, in this order, and moves the
  // position. Errors: malformed, unsupported (version), denied (other channel or direction),
  // invalid_signature, cosign_replayed (seen before, out of order, or something was lost).
  // An error moves nothing. A resynchronise from the device may skip lost messages; it is answered
  // with resynchronised(), at once.
  base::Result<Message> open(base::ByteView envelope);
  // open_answer is open for the answer to a secret request.
  base::Result<Message> open_answer(base::ByteView envelope, AnswerKey key);

  // ask_resynchronise makes the device's envelope that starts the authenticated resynchronisation.
  // challenge is what open_resynchronised then needs.
  base::Result<base::Bytes> ask_resynchronise(Challenge& challenge, base::Random& random);
  // resynchronised makes the server's answer to a message of type resynchronise.
  base::Result<base::Bytes> resynchronised(const Message& asked);
  // open_resynchronised may skip lost messages of the server, but never goes back: cosign_replayed
  // where the server's counter is behind what this device has seen (a restored backup).
  base::Status open_resynchronised(base::ByteView envelope, const Challenge& challenge);

 private:
  enum class Order { strict, may_skip };
  struct Parsed;
  base::Result<base::Bytes> finish(MessageType type, unsigned form, base::ByteView body);
  base::Result<Parsed> check(base::ByteView envelope) const;
  base::Status in_order(const Parsed& parsed, Order order) const;
  void advance(const Parsed& parsed);
  base::Bytes body_context(MessageType type, std::uint64_t counter, Direction direction) const;

  ChannelKeys keys_;
  ChannelPosition position_;
};

// find_channel_id reads the channel of an envelope without checking anything: for whoever has to
// pick the channel, or relay the envelope. Fails with device_outdated for an older version.
base::Result<ChannelId> find_channel_id(base::ByteView envelope);

}  // namespace heqi::device
