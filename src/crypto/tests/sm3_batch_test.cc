// Every path of SM3 against the portable one, and messages side by side against one by one.
#include <heqi/crypto/sm3_batch.h>

#include <heqi/crypto/dispatch.h>
#include <heqi/crypto/kdf.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

#include "sm3_bytes.h"
#include "sm3_kernel.h"

namespace heqi::crypto {
namespace {

using base::Bytes;
using testing::SeededRandom;

// Paths is every path of SM3 that this processor runs; the fastest is taken again at the end.
class Sm3Paths : public ::testing::Test {
 protected:
  ~Sm3Paths() override { (void)choose_path("sm3", runnable().front()); }
  static std::vector<std::string_view> runnable() {
    for (const auto& primitive : primitive_paths())
      if (primitive.primitive == "sm3") return primitive.runnable;
    return {};
  }
  static void take(std::string_view path) { ASSERT_OK(choose_path("sm3", path)); }
};

Bytes pattern(std::size_t size, std::uint64_t seed) {
  SeededRandom random(seed);
  return *base::random_bytes(random, size);
}

TEST_F(Sm3Paths, EachPathMakesTheStandardsExamples) {
  ASSERT_FALSE(runnable().empty());
  EXPECT_EQ(runnable().back(), "portable");
  for (const auto path : runnable()) {
    take(path);
    for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "sm3/sm3.vec")) {
      const Bytes message = vector.bytes("message");
      EXPECT_EQ(base::to_hex(sm3(message)), vector.text("digest")) << path;
      const std::vector<Sm3Message> messages(21, {{}, message});
      std::vector<Digest> digests(21);
      sm3_batch(messages, digests);
      for (const Digest& digest : digests)
        EXPECT_EQ(base::to_hex(digest), vector.text("digest")) << path;
    }
  }
}

TEST_F(Sm3Paths, EachPathHashesEveryLengthLikeThePortableOne) {
  const Bytes message = pattern(1101, 1);
  take("portable");
  std::vector<Digest> expected;
  for (std::size_t size = 0; size <= 1100; ++size)
    expected.push_back(sm3(base::ByteView(message).subspan(size % 2, size)));
  for (const auto path : runnable()) {
    take(path);
    for (std::size_t size = 0; size <= 1100; ++size)
      ASSERT_EQ(sm3(base::ByteView(message).subspan(size % 2, size)), expected[size])
          << path << " " << size;
  }
}

// The compression function with states that no message leads to: all ones, all zeros, sparse.
TEST_F(Sm3Paths, EachPathCompressesFromAnyState) {
  const Bytes data = pattern(64 * 5, 2), ones(64 * 5, 0xFF), zeros(64 * 5, 0);
  for (const std::uint32_t word : {0u, ~0u, 1u, 0x80000000u, 0x55555555u})
    for (const Bytes* blocks : {&data, &ones, &zeros})
      for (const auto path : runnable()) {
        internal::Sm3Words expected, made;
        expected.fill(word), made.fill(word);
        internal::kSm3Portable.compress(expected.data(), blocks->data(), 5);
        take(path);
        internal::sm3_choice().kernel().compress(made.data(), blocks->data(), 5);
        EXPECT_EQ(made, expected) << path << " " << word;
      }
}

TEST_F(Sm3Paths, EachLaneHoldsItsOwnMessage) {
  const Bytes data = pattern(64 * 3 * 16, 3);
  for (const auto path : runnable()) {
    take(path);
    const auto& kernel = internal::sm3_choice().kernel();
    internal::Sm3Lanes lanes;
    const std::uint8_t* places[internal::kSm3LanesMax];
    for (std::size_t j = 0; j < internal::kSm3LanesMax; ++j) {
      places[j] = data.data() + j * 192;
      for (std::size_t i = 0; i < 8; ++i)
        lanes.state[i][j] = internal::kSm3Initial[i] + static_cast<std::uint32_t>(j);
    }
    kernel.compress_lanes(lanes, places, 3);
    for (std::size_t j = 0; j < kernel.lanes; ++j) {
      internal::Sm3Words expected = internal::kSm3Initial;
      for (std::uint32_t& word : expected) word += static_cast<std::uint32_t>(j);
      internal::kSm3Portable.compress(expected.data(), places[j], 3);
      for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(lanes.state[i][j], expected[i]) << path << " lane " << j;
    }
  }
}

// Heads and bodies whose seam stands anywhere in a block, in batches of any number.
TEST_F(Sm3Paths, MessagesSideBySideHashLikeOneByOne) {
  const Bytes data = pattern(2000, 4);
  SeededRandom random(5);
  for (const auto path : runnable())
    for (int run = 0; run < 150; ++run) {
      std::vector<Sm3Message> messages;
      for (std::uint64_t i = random.below(40); i > 0; --i) {
        const std::size_t head = random.below(3) == 0 ? 0 : random.below(200);
        const std::size_t body = random.below(4) == 0 ? random.below(1000) : random.below(130);
        messages.push_back({base::ByteView(data).subspan(random.below(300), head),
                            base::ByteView(data).subspan(500 + random.below(300), body)});
      }
      std::vector<Digest> digests(messages.size());
      take(path);
      sm3_batch(messages, digests);
      take("portable");
      for (std::size_t i = 0; i < messages.size(); ++i)
        ASSERT_EQ(digests[i], Sm3().update(messages[i].head).update(messages[i].body).finish())
            << path << " " << messages[i].head.size() << " " << messages[i].body.size();
    }
}

TEST_F(Sm3Paths, EveryLengthOfTheHeadMeetsEveryRestOfABlock) {
  const Bytes data = pattern(400, 6);
  for (std::size_t head = 0; head <= 130; ++head) {
    std::vector<Sm3Message> messages;
    for (std::size_t body = 0; body <= 130; ++body)
      messages.push_back({base::ByteView(data).first(head), base::ByteView(data).subspan(7, body)});
    std::vector<Digest> digests(messages.size());
    sm3_batch(messages, digests);
    for (std::size_t i = 0; i < messages.size(); ++i)
      ASSERT_EQ(digests[i], Sm3().update(messages[i].head).update(messages[i].body).finish())
          << head << " " << i;
  }
}

TEST_F(Sm3Paths, TheKdfIsTheSameOnEveryPathForEveryLength) {
  const Bytes shared = pattern(200, 7);
  for (const auto path : runnable())
    for (std::size_t size = 0; size <= 1100; size += size < 200 ? 1 : 37) {
      take(path);
      const base::ByteView secret = base::ByteView(shared).first(size % 140);
      const auto made = sm2_kdf(secret, size);
      for (std::size_t block = 0; block * 32 < size; ++block) {
        const Bytes counter = {0, 0, 0, static_cast<std::uint8_t>(block + 1)};
        const Digest digest = Sm3().update(secret).update(counter).finish();
        const std::size_t left = std::min<std::size_t>(32, size - block * 32);
        ASSERT_TRUE(base::same_bytes(made.expose().subspan(block * 32, left),
                                     base::ByteView(digest).first(left)))
            << path << " " << size;
      }
    }
}

TEST_F(Sm3Paths, APathThatIsNotThereIsRefused) {
  EXPECT_ERROR(choose_path("sm3", "abacus"), base::Code::not_found);
  EXPECT_ERROR(choose_path("sm5", "portable"), base::Code::not_found);
}

}  // namespace
}  // namespace heqi::crypto
