#include <heqi/pki/ber.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/vectors.h>

namespace heqi::pki {
namespace {

using base::Bytes;
using base::Code;
using testing::hex;

TEST(Ber, IndefiniteLengthsBecomeDefiniteAndEverythingElseStays) {
  // SEQUENCE { [0] { OCTET STRING, SET { INTEGER } } }, all constructed ones indefinite, then
  // zeros.
  const auto read = read_padded(hex("3080a0800402abcd31800201050000000000000000000000"));
  ASSERT_OK(read);
  EXPECT_EQ(read->der, hex("300ba0090402abcd3103020105"));
  EXPECT_TRUE(read->was_indefinite);
  const auto same = read_padded(hex("300ba0090402abcd31030201050000"));
  ASSERT_OK(same);
  EXPECT_EQ(same->der, read->der);
  EXPECT_FALSE(same->was_indefinite);
  Bytes large = hex("30800482012c");
  large.resize(large.size() + 300, 7);
  large.resize(large.size() + 2, 0);
  const auto long_one = read_padded(large);
  ASSERT_OK(long_one);
  EXPECT_EQ(Bytes(long_one->der.begin(), long_one->der.begin() + 8), hex("308201300482012c"));
}

TEST(Ber, RefusesWhatIsNeither) {
  for (const char* bad : {"", "30", "3080", "308004", "30800401ff", "30800401ff00",  // cut off
                          "04800401ff0000",                                          // a primitive
                          "30020500ff", "30800000ff",                        // something follows
                          "3081020500", "308200020500", "3084000000020500",  // not the shortest
                          "30850000000002", "30ff", "3f010500", "00000000",  // lengths, tags
                          "3003040500", "30030201", "300302010500aa"})
    EXPECT_ERROR(read_padded(hex(bad)), Code::malformed) << bad;
  Bytes deep;
  for (int i = 0; i < 40; ++i) base::append(deep, hex("3080"));
  deep.resize(deep.size() + 80, 0);
  EXPECT_ERROR(read_padded(deep), Code::limit_exceeded);
}

}  // namespace
}  // namespace heqi::pki
