#include <heqi/crypto/sm3.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

namespace heqi::crypto {
namespace {

using testing::read_vectors;

TEST(Sm3, TheStandardsExamplesAndEveryPaddingLengthComeOut) {
  for (const auto& vector : read_vectors(HEQI_VECTORS, "sm3/sm3.vec"))
    EXPECT_EQ(base::to_hex(sm3(vector.bytes("message"))), vector.text("digest"));
}

TEST(Sm3, AMessageInPartsHashesLikeTheWhole) {
  testing::SeededRandom random(1);
  for (int i = 0; i < 300; ++i) {
    const base::Bytes message = *base::random_bytes(random, random.below(400));
    Sm3 hash;
    for (std::size_t at = 0; at < message.size();) {
      const std::size_t size = std::min<std::size_t>(random.below(130), message.size() - at);
      hash.update(base::ByteView(message).subspan(at, size));
      at += size;
    }
    EXPECT_EQ(hash.finish(), sm3(message));
    EXPECT_EQ(hash.update(message).finish(), sm3(message)) << "finish leaves it as new";
  }
}

TEST(Sm3, ACopyGoesOnFromTheSamePrefix) {
  Sm3 first;
  first.update(base::bytes_of("ab"));
  Sm3 second = first;
  EXPECT_EQ(second.update(base::bytes_of("c")).finish(), sm3(base::bytes_of("abc")));
  EXPECT_EQ(first.update(base::bytes_of("d")).finish(), sm3(base::bytes_of("abd")));
}

}  // namespace
}  // namespace heqi::crypto
