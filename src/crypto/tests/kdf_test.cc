#include <heqi/crypto/kdf.h>

#include <heqi/crypto/hmac.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::bytes_of;

TEST(HmacSm3, WycheproofsVectorsPassAndItsForgeriesAreRefused) {
  int valid = 0, forged = 0;
  for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "wycheproof/hmac_sm3.vec")) {
    const Digest full = hmac_sm3(vector.bytes("key"), vector.bytes("msg"));
    const std::size_t size = std::stoul(vector.text("tag_bits")) / 8;
    const bool same = base::same_bytes(base::ByteView(full).first(size), vector.bytes("tag"));
    EXPECT_EQ(same, vector.text("result") == "valid") << vector.text("id");
    ++(same ? valid : forged);
  }
  EXPECT_EQ(valid + forged, 174);
  EXPECT_GT(forged, 50);
}

TEST(HmacSm3, TheObjectIsAsNewAfterFinish) {
  HmacSm3 hmac(bytes_of("key"));
  const Digest first = hmac.update(bytes_of("mess")).update(bytes_of("age")).finish();
  EXPECT_EQ(first, hmac.update(bytes_of("message")).finish());
  EXPECT_EQ(first, hmac_sm3(bytes_of("key"), bytes_of("message")));
  EXPECT_NE(first, hmac.update(bytes_of("messag")).finish());
}

TEST(Stretch, ShortAndLongOutputsAgreeAndEachInputMatters) {
  const StretchOptions few{.rounds = 3, .progress = {}};
  const auto hex = [&](std::string_view password, std::string_view salt, std::size_t size,
                       const StretchOptions& options) {
    return base::to_hex(stretch(bytes_of(password), bytes_of(salt), size, options).expose());
  };
  const std::string whole = hex("482913", "salt", 100, few);
  for (std::size_t size : {0u, 1u, 31u, 32u, 33u, 64u, 99u})
    EXPECT_EQ(hex("482913", "salt", size, few), whole.substr(0, 2 * size));
  EXPECT_NE(hex("482914", "salt", 100, few), whole);
  EXPECT_NE(hex("482913", "salu", 100, few), whole);
  EXPECT_NE(hex("482913", "salt", 100, {.rounds = 4, .progress = {}}), whole);
}

TEST(Stretch, ProgressIsToldUpwardsToAHundred) {
  std::vector<unsigned> told;
  (void)stretch(bytes_of("p"), bytes_of("s"), 64,
                {.rounds = 1000, .progress = [&](unsigned percent) { told.push_back(percent); }});
  ASSERT_EQ(told.size(), 100u);
  for (std::size_t i = 0; i < told.size(); ++i) EXPECT_EQ(told[i], i + 1);
}

TEST(Sm2Kdf, IsTheHashOfTheSecretAndACounter) {
  const Bytes shared(64, 0x42);
  const auto out = sm2_kdf(shared, 40);
  const Digest first = Sm3().update(shared).update(Bytes{0, 0, 0, 1}).finish();
  const Digest second = Sm3().update(shared).update(Bytes{0, 0, 0, 2}).finish();
  EXPECT_TRUE(base::same_bytes(out.expose().first(32), first));
  EXPECT_TRUE(base::same_bytes(out.expose().last(8), base::ByteView(second).first(8)));
}

}  // namespace
}  // namespace heqi::crypto
