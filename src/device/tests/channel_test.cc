// The channel: who may speak, in which order, and how order is restored.
#include <heqi/device/channel.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/signer.h>

namespace heqi::device {
namespace {

using base::bytes_of;
using base::Code;

// Pair is the two ends of one channel.
struct Pair {
  explicit Pair(std::uint64_t seed = 1)
      : random(seed),
        device_signer(*crypto::PrivateKey::generate(random), random),
        server_signer(*crypto::PrivateKey::generate(random), random),
        opening_key(*crypto::PrivateKey::generate(random)) {
    id.fill(0x11);
  }
  Channel device(ChannelPosition position = {}) {
    return Channel({id, Direction::to_server, &device_signer, server_signer.public_key(),
                    opening_key.public_key(), nullptr},
                   position);
  }
  Channel server(ChannelPosition position = {}) {
    return Channel(
        {id, Direction::to_device, &server_signer, device_signer.public_key(), {}, &opening_key},
        position);
  }
  testing::SeededRandom random;
  ChannelId id{};
  x509::SoftwareSm2Signer device_signer, server_signer;
  crypto::PrivateKey opening_key;
};

// shows: MSSP-9.3-c1
// shows-part: ECP-5.1.3.1-b (platform; users of operating system and database)
TEST(Channel, BothEndsKnowEachOtherAndNobodyElseIsHeard) {
  Pair pair, strangers(2);
  Channel device = pair.device(), server = pair.server();
  const auto sent = device.seal(MessageType::poll, bytes_of("hello"));
  ASSERT_OK(sent);
  const auto got = server.open(*sent);
  ASSERT_OK(got);
  EXPECT_EQ(got->type, MessageType::poll);
  EXPECT_EQ(base::text_of(got->body), "hello");

  Channel stranger = strangers.device();
  EXPECT_ERROR(server.open(*stranger.seal(MessageType::poll, {})), Code::invalid_signature);
  Channel false_server = strangers.server();
  EXPECT_ERROR(device.open(*false_server.seal(MessageType::sign_request, {})),
               Code::invalid_signature);
}

// shows-part: MSSP-9.3-c1 (integrity)
// shows-part: ECP-5.1.3.1-c (in transit; log records, access control data, programs)
TEST(Channel, EveryChangedOctetIsNoticed) {
  Pair pair;
  Channel device = pair.device();
  const auto sent = device.seal(MessageType::poll, bytes_of("body"));
  ASSERT_OK(sent);
  for (std::size_t i = 0; i < sent->size(); ++i) {
    base::Bytes changed = *sent;
    changed[i] ^= 1;
    Channel server = pair.server();
    EXPECT_FALSE(server.open(changed).has_value()) << i;
    EXPECT_EQ(server.position().received, 0u) << i;
  }
}

// shows-part: MSSP-9.3-c1 (other channels)
TEST(Channel, OtherChannelsAndDirectionsAreRefused) {
  Pair pair;
  Channel device = pair.device();
  const auto sent = device.seal(MessageType::poll, {});
  ASSERT_OK(sent);
  EXPECT_ERROR(pair.device().open(*sent), Code::denied);  // reflected
  Pair other = Pair(1);
  other.id.fill(0x12);
  EXPECT_ERROR(other.server().open(*sent), Code::denied);
  EXPECT_EQ(*find_channel_id(*sent), pair.id);
}

// shows: MSSP-9.3-c2
TEST(Channel, ReplayedDroppedAndReorderedMessagesAreRefusedAndOrderIsRestoredWithProof) {
  Pair pair;
  Channel device = pair.device(), server = pair.server();
  std::vector<base::Bytes> sent;
  for (const char* text : {"1", "2", "3"})
    sent.push_back(*device.seal(MessageType::poll, bytes_of(text)));

  EXPECT_ERROR(server.open(sent[1]), Code::cosign_replayed);  // dropped or reordered
  ASSERT_OK(server.open(sent[0]));
  EXPECT_ERROR(server.open(sent[0]), Code::cosign_replayed);  // replayed
  EXPECT_ERROR(server.open(sent[2]), Code::cosign_replayed);  // the second was dropped
  EXPECT_EQ(server.position().received, 1u);

  Challenge challenge{};
  const auto asked = device.ask_resynchronise(challenge, pair.random);
  ASSERT_OK(asked);
  const auto message = server.open(*asked);
  ASSERT_OK(message);
  const auto answer = server.resynchronised(*message);
  ASSERT_OK(answer);
  ASSERT_OK(device.open_resynchronised(*answer, challenge));
  EXPECT_ERROR(server.open(sent[2]), Code::cosign_replayed);  // never afterwards
  EXPECT_ERROR(server.open(*asked), Code::cosign_replayed);
  EXPECT_ERROR(device.open_resynchronised(*answer, challenge), Code::cosign_replayed);
  ASSERT_OK(server.open(*device.seal(MessageType::poll, {})));
  ASSERT_OK(device.open(*server.seal(MessageType::idle, {})));
}

TEST(Channel, AnAnswerToAnOldResynchronisationIsRefused) {
  Pair pair;
  Channel device = pair.device(), server = pair.server();
  Challenge first{}, second{};
  const auto asked = device.ask_resynchronise(first, pair.random);
  const auto old_answer = server.resynchronised(*server.open(*asked));
  ASSERT_OK(old_answer);
  ASSERT_OK(device.ask_resynchronise(second, pair.random));
  EXPECT_ERROR(device.open_resynchronised(*old_answer, second), Code::cosign_replayed);
  EXPECT_ERROR(device.open_resynchronised(*server.seal(MessageType::idle, second), second),
               Code::cosign_replayed);
}

// shows-part: MSSP-9.3-c2 (counters rolled back)
TEST(Channel, ARestoredBackupOfEitherEndIsNoticed) {
  Pair pair;
  Channel device = pair.device(), server = pair.server();
  const ChannelPosition old_device = device.position(), old_server = server.position();
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(server.open(*device.seal(MessageType::poll, {})));
    ASSERT_OK(device.open(*server.seal(MessageType::idle, {})));
  }
  Challenge challenge{};
  Channel restored = pair.device(old_device);
  EXPECT_ERROR(server.open(*restored.ask_resynchronise(challenge, pair.random)),
               Code::cosign_replayed);

  Channel restored_server = pair.server(old_server);
  const auto asked = device.ask_resynchronise(challenge, pair.random);
  const auto answer = restored_server.resynchronised(*restored_server.open(*asked));
  ASSERT_OK(answer);
  EXPECT_ERROR(device.open_resynchronised(*answer, challenge), Code::cosign_replayed);
}

// shows-part: MSSP-9.3-c2 (a fork)
TEST(Channel, AForkWithTheRightCounterIsRefused) {
  Pair pair;
  Channel device = pair.device(), server = pair.server();
  const ChannelPosition start = device.position();
  ASSERT_OK(server.open(*device.seal(MessageType::poll, bytes_of("a"))));
  Channel fork = pair.device(start);
  ASSERT_OK(fork.seal(MessageType::poll, bytes_of("b")));
  EXPECT_ERROR(server.open(*fork.seal(MessageType::poll, bytes_of("c"))), Code::cosign_replayed);
}

// shows-part: MSSP-9.3-c1b (to the key centre)
// shows-part: ECP-5.1.3.1-a (what goes to the key centre; data in storage)
TEST(Channel, ASecretBodyAndItsAnswerAreReadByTheEndsOnly) {
  Pair pair;
  Channel device = pair.device(), server = pair.server();
  auto secret = device.seal_secret(MessageType::joint_open, bytes_of("CANARY-1"), pair.random);
  ASSERT_OK(secret);
  EXPECT_EQ(base::text_of(secret->envelope).find("CANARY-1"), std::string_view::npos);
  auto got = server.open(secret->envelope);
  ASSERT_OK(got);
  EXPECT_EQ(base::text_of(got->body), "CANARY-1");
  ASSERT_TRUE(got->answer_key.has_value());
  const auto answer = server.seal_answer(MessageType::joint_answer, bytes_of("CANARY-2"),
                                         std::move(*got->answer_key));
  ASSERT_OK(answer);
  EXPECT_EQ(base::text_of(*answer).find("CANARY-2"), std::string_view::npos);
  const auto opened = device.open_answer(*answer, std::move(secret->answer_key));
  ASSERT_OK(opened);
  EXPECT_EQ(base::text_of(opened->body), "CANARY-2");
}

TEST(Channel, ASecretRequestTakesNoAnswerInTheOpenNorOneToAnother) {
  Pair pair;
  Channel device = pair.device(), server = pair.server();
  auto first = device.seal_secret(MessageType::joint_open, bytes_of("1"), pair.random);
  ASSERT_OK(first);
  auto got = server.open(first->envelope);
  ASSERT_OK(got);
  Channel in_the_open = pair.server(server.position());
  EXPECT_ERROR(device.open_answer(*in_the_open.seal(MessageType::joint_answer, {}),
                                  std::move(first->answer_key)),
               Code::denied);
  auto second = device.seal_secret(MessageType::joint_open, bytes_of("2"), pair.random);
  ASSERT_OK(second);
  const auto answer =
      server.seal_answer(MessageType::joint_answer, {}, std::move(*got->answer_key));
  EXPECT_ERROR(device.open_answer(*answer, std::move(second->answer_key)), Code::cosign_replayed);
  EXPECT_ERROR(device.open(*answer), Code::denied);
}

TEST(Channel, PositionsComeBackFromTheirEncoding) {
  ChannelPosition position{7, 9, {}, {}};
  position.sent_hash.fill(1);
  position.received_hash.fill(2);
  const auto read = parse_position(encode_position(position));
  ASSERT_OK(read);
  EXPECT_EQ(read->sent, 7u);
  EXPECT_EQ(read->received, 9u);
  EXPECT_EQ(read->sent_hash, position.sent_hash);
  EXPECT_EQ(read->received_hash, position.received_hash);
  EXPECT_FALSE(parse_position(base::to_bytes("x")).has_value());
}

}  // namespace
}  // namespace heqi::device
