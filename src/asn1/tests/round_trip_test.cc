// What the writer writes, the reader reads, and both agree with known encodings.
#include <gtest/gtest.h>

#include <limits>

#include <heqi/asn1/reader.h>
#include <heqi/asn1/writer.h>
#include <heqi/base/text.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::asn1 {
namespace {

using base::to_hex;
using testing::hex;

base::Time at(std::string_view text) {
  return *base::parse_rfc3339(text);
}

TEST(Writer, WritesTheKnownFormsOfIntegers) {
  const std::pair<std::int64_t, const char*> known[] = {
      {0, "020100"},         {1, "020101"},       {127, "02017f"},  {128, "02020080"},
      {256, "02020100"},     {-1, "0201ff"},      {-128, "020180"}, {-129, "0202ff7f"},
      {65535, "020300ffff"}, {-32768, "02028000"}};
  for (const auto& [value, der] : known) {
    const base::Bytes written = Writer().integer(value).take();
    EXPECT_EQ(to_hex(written), der);
    auto reader = Reader::over(written);
    EXPECT_EQ(*reader->small_integer(), value);
  }
  for (const std::int64_t value :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    const base::Bytes written = Writer().integer(value).take();
    auto reader = Reader::over(written);
    EXPECT_EQ(*reader->small_integer(), value);
  }
}

TEST(Writer, WritesUnsignedIntegersMinimally) {
  EXPECT_EQ(to_hex(Writer().unsigned_integer({}).take()), "020100");
  EXPECT_EQ(to_hex(Writer().unsigned_integer(hex("000000")).take()), "020100");
  EXPECT_EQ(to_hex(Writer().unsigned_integer(hex("0000ff")).take()), "020200ff");
  EXPECT_EQ(to_hex(Writer().unsigned_integer(hex("7f00")).take()), "02027f00");
  const base::Bytes der = hex("020200ff");
  auto reader = Reader::over(der);
  EXPECT_EQ(to_hex(*reader->unsigned_integer()), "ff");
}

TEST(Writer, WritesLengthsInTheirShortestForm) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 65536U}) {
    const base::Bytes content(size, 0xa5);
    const base::Bytes der = Writer().octet_string(content).take();
    auto reader = Reader::over(der);
    auto read = reader->octet_string();
    ASSERT_OK(read);
    EXPECT_EQ(read->size(), size);
    EXPECT_OK(reader->finish());
  }
  EXPECT_EQ(to_hex(base::ByteView(Writer().octet_string(base::Bytes(128)).bytes()).first(3)),
            "048180");
}

TEST(Writer, WritesHighTagNumbers) {
  for (const std::uint32_t number : {30U, 31U, 127U, 128U, 16383U, 16384U, (1U << 28) - 1}) {
    const base::Bytes der = Writer().element(context(number), {}).take();
    auto reader = Reader::over(der);
    auto element = reader->any();
    ASSERT_OK(element);
    EXPECT_EQ(element->tag.number, number);
  }
}

TEST(Writer, DropsTrailingZeroBitsOfNamedBits) {
  EXPECT_EQ(to_hex(Writer().named_bits(0).take()), "030100");
  EXPECT_EQ(to_hex(Writer().named_bits(0b1).take()), "03020780");
  EXPECT_EQ(to_hex(Writer().named_bits(0b1100000).take()), "03020106");  // keyCertSign, cRLSign
  EXPECT_EQ(to_hex(Writer().named_bits(1U << 8).take()), "0303070080");
  const base::Bytes der = hex("0303070080");
  auto reader = Reader::over(der);
  auto bits = reader->named_bits();
  ASSERT_OK(bits);
  EXPECT_EQ(bits->unused, 7U);
}

TEST(Writer, SortsTheMembersOfASet) {
  const base::Bytes der =
      Writer().set_of({hex("020103"), hex("0500"), hex("020101"), hex("02020080")}).take();
  EXPECT_EQ(to_hex(der),
            "310c"
            "020101"
            "020103"
            "02020080"
            "0500");
}

TEST(Oid, ReadsAndWritesDottedForms) {
  const std::pair<const char*, const char*> known[] = {
      {"1.2.156.10197.1.501", "2a811ccf55018375"},
      {"1.2.156.10197.1.301", "2a811ccf5501822d"},
      {"2.999.3", "883703"},
      {"2.5.29.15", "551d0f"},
      {"0.9.2342.19200300.100.1.25", "0992268993f22c640119"},
      {"1.2.840.113549.1.9.16.2.47", "2a864886f70d010910022f"},
      {"2.100.18446744073709551", ""}};
  for (const auto& [dotted, content] : known) {
    auto oid = Oid::parse_dotted(dotted);
    ASSERT_OK(oid);
    EXPECT_EQ(oid->dotted(), dotted);
    if (*content != '\0') {
      EXPECT_EQ(to_hex(oid->content()), content);
    }
    auto again = Oid::from_content(oid->content());
    ASSERT_OK(again);
    EXPECT_EQ(*again, *oid);
  }
}

TEST(Oid, ReadsArcsBeyondSixtyFourBits) {
  // 2.25 with the UUID f81d4fae-7dec-11d0-a765-00a0c91e6bf6 (X.667 §8).
  auto oid = Oid::from_content(hex("6983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776"));
  ASSERT_OK(oid);
  EXPECT_EQ(oid->dotted(), "2.25.329800735698586629295641978511506172918");
}

TEST(Oid, RefusesTextThatIsNoIdentifier) {
  for (const char* dotted :
       {"", "1", "1.", ".1", "1..2", "3.1", "1.40", "0.40", "01.2", "1.02", "1.2.", "1.2.a", "1.-2",
        "1.2 ", " 1.2", "1.2.99999999999999999999", "2.5.29.15\n"})
    EXPECT_ERROR(Oid::parse_dotted(dotted), base::Code::malformed) << dotted;
}

TEST(Time, CrossesFromUtcTimeToGeneralizedTimeAfter2049) {
  const std::pair<const char*, const char*> known[] = {
      {"2026-11-21T08:41:56Z", "170d3236313132313038343135365a"},
      {"2049-12-31T23:59:59Z", "170d3439313233313233353935395a"},
      {"2050-01-01T00:00:00Z", "180f32303530303130313030303030305a"},
      {"1950-01-01T00:00:00Z", "170d3530303130313030303030305a"},
      {"9999-12-31T23:59:59Z", "180f39393939313233313233353935395a"}};
  for (const auto& [text, der] : known) {
    const base::Bytes written = Writer().time(at(text)).take();
    EXPECT_EQ(to_hex(written), der);
    auto reader = Reader::over(written);
    EXPECT_EQ(*reader->time(), at(text));
  }
}

TEST(Time, KeepsMicrosecondsInGeneralizedTime) {
  for (const char* text : {"2026-11-21T08:41:56.5Z", "2026-11-21T08:41:56.000001Z",
                           "2026-11-21T08:41:56.12Z", "2026-11-21T08:41:56Z"}) {
    const base::Bytes written = Writer().generalized_time(at(text)).take();
    auto reader = Reader::over(written);
    auto read = reader->generalized_time();
    ASSERT_OK(read);
    EXPECT_EQ(*read, at(text));
  }
}

TEST(Text, ReadsEveryStringType) {
  const std::pair<const char*, const char*> known[] = {{"0c06e59088e5a591", "合契"},
                                                       {"1e0454085951", "合契"},
                                                       {"130141", "A"},
                                                       {"1601 40", "@"},
                                                       {"1203312032", "1 2"},
                                                       {"1401e9", "é"},
                                                       {"1a0141", "A"},
                                                       {"1c040001f600", "😀"}};
  for (const auto& [input, text] : known) {
    const base::Bytes der = hex(input);
    auto reader = Reader::over(der);
    auto read = reader->text();
    ASSERT_OK(read);
    EXPECT_EQ(*read, text);
  }
}

// write_random writes a random tree and returns how many elements it has.
std::size_t write_random(Writer& out, testing::SeededRandom& random, int depth) {
  std::size_t count = 0;
  for (std::uint64_t i = random.below(4); i > 0; --i) {
    ++count;
    if (depth > 0 && random.below(2) == 0) {
      out.constructed(random.below(2) == 0 ? kSequence : context_constructed(3),
                      [&](Writer& w) { count += write_random(w, random, depth - 1); });
    } else {
      out.octet_string(base::Bytes(random.below(300), 0x30));
    }
  }
  return count;
}

std::size_t count_elements(Reader reader) {
  std::size_t count = 0;
  while (!reader.at_end()) {
    auto element = reader.any();
    if (!element) return 0;
    ++count;
    if (element->tag.form == Form::constructed) count += count_elements(*reader.enter(*element));
  }
  return count;
}

TEST(RoundTrip, EveryRandomTreeIsReadAsItWasWritten) {
  testing::SeededRandom random(11);
  for (int round = 0; round < 500; ++round) {
    Writer out;
    const std::size_t count = write_random(out, random, 6);
    EXPECT_EQ(count_elements(*Reader::over(out.bytes())), count);
  }
}

TEST(RoundTrip, NoDamagedTreeMakesTheReaderLeaveItsInput) {
  testing::SeededRandom random(12);
  for (int round = 0; round < 5000; ++round) {
    Writer out;
    out.sequence([&](Writer& w) { write_random(w, random, 4); });
    base::Bytes der = out.take();
    for (int flips = 0; flips < 3; ++flips)
      der[random.below(der.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
    der.resize(der.size() - random.below(der.size()));
    if (!der.empty()) (void)verify_der(der);  // under ASan this is the test
  }
}

}  // namespace
}  // namespace heqi::asn1
