#include <heqi/crypto/zuc.h>

#include <gmock/gmock.h>

#include <heqi/crypto/dispatch.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/testing/vectors.h>

#include "zuc_kernel.h"

namespace heqi::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::Code;
using testing::SeededRandom;

template <std::size_t N>
std::array<std::uint8_t, N> array_of(const Bytes& bytes) {
  HEQI_CHECK(bytes.size() == N);
  std::array<std::uint8_t, N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}
ZucKey key128(const Bytes& bytes) {
  return ZucKey(array_of<16>(bytes));
}
Zuc256Key key256(const Bytes& bytes) {
  return Zuc256Key(array_of<32>(bytes));
}

class ZucPaths : public ::testing::Test {
 protected:
  ~ZucPaths() override { (void)choose_path("zuc", runnable().front()); }
  static std::vector<std::string_view> runnable() {
    for (const auto& primitive : primitive_paths())
      if (primitive.primitive == "zuc") return primitive.runnable;
    return {};
  }
  static void take(std::string_view path) { ASSERT_OK(choose_path("zuc", path)); }
};

Bytes stream_of(const Bytes& key, const Bytes& iv, std::size_t size) {
  Bytes out(size, 0);
  if (key.size() == 16)
    Zuc(key128(key), array_of<16>(iv)).apply(out, out);
  else
    Zuc(key256(key), array_of<23>(iv)).apply(out, out);
  return out;
}

ZucBearer bearer_of(const testing::Vector& vector) {
  const Bytes count = vector.bytes("count");
  return {std::uint32_t(count[0]) << 24 | std::uint32_t(count[1]) << 16 |
              std::uint32_t(count[2]) << 8 | count[3],
          vector.bytes("bearer")[0],
          vector.bytes("direction")[0] == 0 ? ZucDirection::uplink : ZucDirection::downlink};
}

TEST_F(ZucPaths, EachPathMakesTheStreamsOfTheStandard) {
  ASSERT_EQ(runnable().back(), "portable");
  for (const auto path : runnable()) {
    take(path);
    for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "zuc/keystream.vec")) {
      const Bytes words = vector.bytes("words");
      EXPECT_EQ(stream_of(vector.bytes("key"), vector.bytes("iv"), words.size()), words) << path;
    }
  }
}

TEST_F(ZucPaths, EachPathMakesTheMessagesAndTagsOfMobileNetworks) {
  for (const auto path : runnable()) {
    take(path);
    for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "zuc/bearer.vec")) {
      const Bytes in = vector.bytes("in");
      const std::uint64_t bits = std::stoul(vector.text("bits"));
      const ZucKey key = key128(vector.bytes("key"));
      if (vector.text("what") == "eea3") {
        Bytes out(in.size());
        ASSERT_OK(zuc_eea3(key, bearer_of(vector), in, bits, out));
        EXPECT_EQ(base::to_hex(out), vector.text("out")) << path;
        ASSERT_OK(zuc_eea3(key, bearer_of(vector), out, bits, out));
        EXPECT_EQ(out, in);
      } else {
        const auto tag = zuc_eia3(key, bearer_of(vector), in, bits);
        ASSERT_OK(tag);
        EXPECT_EQ(base::to_hex(*tag), vector.text("out")) << path << " " << bits;
      }
    }
  }
}

TEST_F(ZucPaths, EachPathMakesTheTagsOfZuc256) {
  for (const auto path : runnable()) {
    take(path);
    for (const auto& vector : testing::read_vectors(HEQI_VECTORS, "zuc/zuc256_tag.vec")) {
      const std::uint64_t bits = std::stoul(vector.text("bits"));
      const Bytes message((bits + 7) / 8, vector.bytes("octet")[0]);
      for (const std::size_t size : {4u, 8u, 16u}) {
        Bytes tag(size);
        ASSERT_OK(zuc256_tag(key256(vector.bytes("key")), array_of<23>(vector.bytes("iv")), message,
                             bits, tag));
        EXPECT_EQ(base::to_hex(tag), vector.text("tag" + std::to_string(8 * size))) << path;
      }
    }
  }
}

// tag_bit_by_bit is the definition: for every set bit of the message the 32 bits of the stream from
// there on, then those behind the last bit, then the last word.
std::uint32_t tag_bit_by_bit(const Bytes& stream, const Bytes& message, std::uint64_t bits) {
  const auto window = [&](std::uint64_t at) {
    std::uint32_t out = 0;
    for (std::uint64_t i = at; i < at + 32; ++i)
      out = out << 1 | (stream.at(i / 8) >> (7 - i % 8) & 1U);
    return out;
  };
  std::uint32_t tag = 0;
  for (std::uint64_t i = 0; i < bits; ++i)
    if ((message[i / 8] >> (7 - i % 8) & 1) != 0) tag ^= window(i);
  return tag ^ window(bits) ^ window(32 * ((bits + 31) / 32 + 1));
}

TEST_F(ZucPaths, TheTagIsThatOfTheDefinitionForEveryLength) {
  SeededRandom random(1);
  const Bytes key = *base::random_bytes(random, 16), data = *base::random_bytes(random, 1300);
  const Bytes stream = stream_of(key, Bytes(16, 0), 1400);
  for (const auto path : runnable()) {
    take(path);
    for (std::uint64_t bits = 0; bits <= 10000; bits += bits < 300 ? 1 : 97) {
      const Bytes message(data.begin(), data.begin() + std::ptrdiff_t((bits + 7) / 8));
      const std::uint32_t expected = tag_bit_by_bit(stream, message, bits);
      const auto tag = zuc_eia3(key128(key), {}, message, bits);
      ASSERT_OK(tag);
      const Bytes wanted = {
          static_cast<std::uint8_t>(expected >> 24), static_cast<std::uint8_t>(expected >> 16),
          static_cast<std::uint8_t>(expected >> 8), static_cast<std::uint8_t>(expected)};
      ASSERT_TRUE(base::same_bytes(*tag, wanted)) << path << " " << bits;
    }
  }
}

TEST_F(ZucPaths, EachPathGoesOnLikeThePortableOneFromAnyState) {
  SeededRandom random(2);
  for (int i = 0; i < 200; ++i) {
    internal::ZucState start;
    for (std::uint32_t& cell : start.s) {
      const std::uint64_t kind = random.below(4);
      cell = kind == 0   ? 0x7FFFFFFF
             : kind == 1 ? 1
                         : 1 + static_cast<std::uint32_t>(random.below(0x7FFFFFFF));
    }
    start.r1 = static_cast<std::uint32_t>(random.next());
    start.r2 = i % 5 == 0 ? 0xFFFFFFFF : static_cast<std::uint32_t>(random.next());
    const std::size_t size = random.below(70);
    std::vector<std::uint32_t> expected(size), made(size);
    internal::ZucState one = start;
    internal::kZucPortable.generate(one, expected.data(), size);
    for (const auto path : runnable()) {
      take(path);
      internal::ZucState two = start;
      internal::zuc_choice().kernel().generate(two, made.data(), size);
      ASSERT_EQ(made, expected) << path;
      EXPECT_THAT(two.s, ::testing::ElementsAreArray(one.s)) << path;
      ASSERT_EQ(two.r1, one.r1) << path;
      ASSERT_EQ(two.r2, one.r2) << path;
    }
  }
}

// Each of the 256 inputs of both boxes, seen through the first word after a state that has it.
TEST_F(ZucPaths, EveryOctetGoesThroughTheBoxesAlikeOnEveryPath) {
  for (std::uint32_t octet = 0; octet < 256; ++octet)
    for (const auto path : runnable()) {
      internal::ZucState one{}, two{};
      for (std::uint32_t& cell : one.s) cell = octet << 8 | octet;
      one.r1 = octet * 0x01010101;
      two = one;
      std::uint32_t expected[8], made[8];
      internal::kZucPortable.generate(one, expected, 8);
      take(path);
      internal::zuc_choice().kernel().generate(two, made, 8);
      ASSERT_TRUE(std::equal(made, made + 8, expected)) << path << " " << octet;
    }
}

TEST(Zuc, AStreamInPartsOfWholeWordsIsTheStream) {
  const Bytes key(16, 7), iv(16, 9), whole = stream_of(key, iv, 3000);
  Zuc stream(key128(key), array_of<16>(iv));
  Bytes parts(3000, 0);
  for (std::size_t at = 0, size = 4; at < parts.size(); at += size, size += 36) {
    const auto part = base::MutableByteView(parts).subspan(at, std::min(size, parts.size() - at));
    stream.apply(part, part);
  }
  EXPECT_EQ(parts, whole);
}

TEST(Zuc, EachInputOfTheTagMatters) {
  const Bytes key(16, 7), message(40, 0x5A);
  const auto tag = [](const Bytes& with, const ZucBearer& by, const Bytes& over) {
    return base::to_hex(*zuc_eia3(key128(with), by, over, over.size() * 8));
  };
  const std::string good = tag(key, {1, 2, ZucDirection::uplink}, message);
  Bytes other_key = key, other = message;
  other_key[15] ^= 1;
  EXPECT_NE(tag(other_key, {1, 2, ZucDirection::uplink}, message), good);
  EXPECT_NE(tag(key, {0, 2, ZucDirection::uplink}, message), good);
  EXPECT_NE(tag(key, {1, 3, ZucDirection::uplink}, message), good);
  EXPECT_NE(tag(key, {1, 2, ZucDirection::downlink}, message), good);
  for (std::size_t bit = 0; bit < 320; ++bit) {
    other = message;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 0x80 >> bit % 8);
    EXPECT_NE(tag(key, {1, 2, ZucDirection::uplink}, other), good) << bit;
  }
}

TEST(Zuc, WhatFollowsTheLastBitIsNeitherReadNorWritten) {
  const ZucKey key = key128(Bytes(16, 7));
  Bytes zeros(3, 0x55), ones(3, 0x55), out1(3), out2(3);
  zeros[2] = 0x40, ones[2] = 0x7F;  // two bits of the last octet count
  ASSERT_OK(zuc_eea3(key, {}, zeros, 18, out1));
  ASSERT_OK(zuc_eea3(key, {}, ones, 18, out2));
  EXPECT_EQ(out1, out2);
  EXPECT_EQ(out1[2] & 0x3F, 0);
  EXPECT_EQ(*zuc_eia3(key, {}, zeros, 18), *zuc_eia3(key, {}, ones, 18));
}

TEST(Zuc, SizesThatDoNotFitAreRefused) {
  const ZucKey key = key128(Bytes(16, 7));
  const Bytes in(4, 1);
  Bytes out(4), short_out(3);
  EXPECT_ERROR(zuc_eea3(key, {}, in, 33, out), Code::malformed);
  EXPECT_ERROR(zuc_eea3(key, {}, in, 24, out), Code::malformed);
  EXPECT_ERROR(zuc_eea3(key, {}, in, 32, short_out), Code::malformed);
  EXPECT_ERROR(zuc_eea3(key, {0, 32, ZucDirection::uplink}, in, 32, out), Code::malformed);
  EXPECT_ERROR(zuc_eea3(key, {}, in, ~std::uint64_t(0), out), Code::malformed);
  EXPECT_ERROR(zuc_eia3(key, {}, in, 33), Code::malformed);
  EXPECT_ERROR(zuc_eia3(key, {}, in, 0), Code::malformed);
  EXPECT_ERROR(zuc_eia3(key, {0, 255, ZucDirection::uplink}, in, 32), Code::malformed);
  const Zuc256Key long_key = key256(Bytes(32, 7));
  for (const std::size_t size : {0u, 3u, 5u, 12u, 17u}) {
    Bytes tag(size);
    EXPECT_ERROR(zuc256_tag(long_key, {}, in, 32, tag), Code::malformed);
  }
  EXPECT_ERROR(zuc256_tag(long_key, {}, in, 31 - 8, out), Code::malformed);
}

TEST(Zuc, TagsOfAllLengthsOfZuc256AreDifferentStreams) {
  const Zuc256Key key = key256(Bytes(32, 7));
  Bytes four(4), eight(8), sixteen(16);
  const Bytes message(50, 0x11);
  ASSERT_OK(zuc256_tag(key, {}, message, 400, four));
  ASSERT_OK(zuc256_tag(key, {}, message, 400, eight));
  ASSERT_OK(zuc256_tag(key, {}, message, 400, sixteen));
  EXPECT_FALSE(base::same_bytes(four, ByteView(eight).first(4)));
  EXPECT_FALSE(base::same_bytes(eight, ByteView(sixteen).first(8)));
}

}  // namespace
}  // namespace heqi::crypto
