#include <heqi/documents/pdf/inflate.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <zlib.h>

#include <cstring>

namespace heqi::documents::pdf {
namespace {

using base::Bytes;
using base::Code;

Bytes deflated(const Bytes& plain, int level, int strategy) {
  z_stream state{};
  EXPECT_EQ(deflateInit2(&state, level, Z_DEFLATED, 15, 8, strategy), Z_OK);
  Bytes out(deflateBound(&state, plain.size()) + 64);
  state.next_in = const_cast<Bytef*>(plain.data());
  state.avail_in = static_cast<uInt>(plain.size());
  state.next_out = out.data();
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

// reference_inflate is zlib's opinion: nothing where it refuses.
std::optional<Bytes> reference_inflate(const Bytes& data, std::size_t size_max, std::size_t& used) {
  z_stream state{};
  inflateInit(&state);
  Bytes out(size_max + 1);
  state.next_in = const_cast<Bytef*>(data.data());
  state.avail_in = static_cast<uInt>(data.size());
  state.next_out = out.data();
  state.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&state, Z_FINISH);
  out.resize(state.total_out);
  used = state.total_in;
  inflateEnd(&state);
  if (result != Z_STREAM_END || out.size() > size_max) return std::nullopt;
  return out;
}

Bytes sample(testing::SeededRandom& random) {
  Bytes out(random.below(20000));
  const std::uint64_t alphabet = 1 + random.below(256);
  for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(random.below(alphabet));
  // Repetitions at all distances.
  for (std::uint64_t i = random.below(20); i > 0 && out.size() > 600; --i) {
    const std::size_t size = random.below(300), from = random.below(out.size() - size),
                      to = random.below(out.size() - size);
    std::memmove(out.data() + to, out.data() + from, size);
  }
  return out;
}

TEST(Inflate, ReadsWhatZlibWritesAtEveryLevelAndStrategy) {
  testing::SeededRandom random(1);
  for (int round = 0; round < 60; ++round) {
    const Bytes plain = sample(random);
    for (const int strategy : {Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
      const Bytes data = deflated(plain, round % 10, strategy);
      const auto inflated = inflate_zlib(data, plain.size());
      ASSERT_OK(inflated) << round;
      EXPECT_EQ(inflated->octets, plain);
      EXPECT_EQ(inflated->used, data.size());
    }
  }
}

TEST(Inflate, AgreesWithZlibOnBrokenData) {
  testing::SeededRandom random(2);
  int refused = 0, taken = 0;
  for (int round = 0; round < 20000; ++round) {
    Bytes plain = sample(random);
    plain.resize(std::min<std::size_t>(plain.size(), 500));
    Bytes data = deflated(plain, static_cast<int>(random.below(10)), Z_DEFAULT_STRATEGY);
    for (std::uint64_t i = random.below(3); i > 0; --i)
      data[2 + random.below(data.size() - 2)] ^= static_cast<std::uint8_t>(1 << random.below(8));
    if (random.below(8) == 0) data.resize(random.below(data.size()));
    std::size_t used = 0;
    const auto expected = reference_inflate(data, 4000, used);
    const auto inflated = inflate_zlib(data, 4000);
    ASSERT_EQ(expected.has_value(), inflated.has_value())
        << "round " << round << " " << base::to_hex(data)
        << (inflated ? "" : base::to_line(inflated.error()));
    (expected ? taken : refused)++;
    if (!expected) continue;
    EXPECT_EQ(*expected, inflated->octets);
    EXPECT_EQ(used, inflated->used);
  }
  EXPECT_GT(refused, 2000);
  EXPECT_GT(taken, 2000);
}

TEST(Inflate, StopsAtItsLimitBeforeItHasTakenTheMemory) {
  const Bytes bomb = deflated(Bytes(10'000'000, 0), 9, Z_DEFAULT_STRATEGY);
  EXPECT_LT(bomb.size(), 20'000u);
  EXPECT_ERROR(inflate_zlib(bomb, 9'999'999), Code::limit_exceeded);
  EXPECT_OK(inflate_zlib(bomb, 10'000'000));
}

TEST(Inflate, RefusesWrongHeadersDictionariesAndChecksums) {
  const Bytes good = deflated({1, 2, 3}, 6, Z_DEFAULT_STRATEGY);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{2}, good.size() - 1})
    EXPECT_ERROR(inflate_zlib(base::ByteView(good).first(size), 100), Code::malformed) << size;
  Bytes bad = good;
  bad.back() ^= 1;
  EXPECT_ERROR(inflate_zlib(bad, 100), Code::malformed);
  EXPECT_ERROR(inflate_zlib(testing::hex("78bb0000000103000000000001"), 100), Code::malformed);
  EXPECT_ERROR(inflate_raw(testing::hex("07"), 100), Code::malformed);  // reserved block type
  EXPECT_ERROR(inflate_raw(testing::hex("010100ffff41"), 100), Code::malformed);  // sizes disagree
}

}  // namespace
}  // namespace heqi::documents::pdf
