#include <heqi/crypto/hmac.h>
#include <heqi/crypto/hmac_batch.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::crypto {
namespace {

TEST(HmacBatch, IsWhatHmacMakesOneByOne) {
  testing::SeededRandom random(3);
  for (const std::size_t key_size : {0, 1, 32, 63, 64, 65, 200})
    for (const std::size_t count : {0, 1, 2, 3, 15, 16, 17, 40}) {
      base::Bytes key(key_size);
      EXPECT_OK(random.fill(key));
      std::vector<base::Bytes> texts(count);
      for (std::size_t i = 0; i < count; ++i) {
        texts[i].resize(i * 13 % 150);
        EXPECT_OK(random.fill(texts[i]));
      }
      const std::vector<base::ByteView> messages(texts.begin(), texts.end());
      std::vector<Digest> digests(count);
      hmac_sm3_batch(key, messages, digests);
      for (std::size_t i = 0; i < count; ++i)
        EXPECT_EQ(digests[i], hmac_sm3(key, messages[i])) << key_size << " " << i;
    }
}

TEST(HmacBatchDeathTest, EveryMessageHasItsDigest) {
  const std::vector<base::ByteView> messages(3);
  std::vector<Digest> digests(2);
  EXPECT_DEATH(hmac_sm3_batch({}, messages, digests), "size");
}

}  // namespace
}  // namespace heqi::crypto
