// What the reader refuses, clause by clause of X.690. Each line is one malformed input.
#include <gtest/gtest.h>

#include <functional>

#include <heqi/asn1/reader.h>
#include <heqi/testing/expect.h>

namespace heqi::asn1 {
namespace {

using base::Code;
using testing::hex;

struct Case {
  const char* what;
  const char* input;
};

// refuse_all expects malformed from read for every case.
void refuse_all(const std::vector<Case>& cases, const std::function<base::Status(Reader&)>& read) {
  for (const Case& c : cases) {
    const base::Bytes der = hex(c.input);
    auto reader = Reader::over(der);
    ASSERT_OK(reader);
    EXPECT_ERROR(read(*reader), Code::malformed) << c.what << ": " << c.input;
  }
}

template <class T>
std::function<base::Status(Reader&)> drop(base::Result<T> (Reader::*read)()) {
  return [read](Reader& reader) -> base::Status {
    HEQI_TRY((reader.*read)());
    return reader.finish();
  };
}

TEST(Reader, RefusesTagsAndLengthsThatAreNotDer) {
  refuse_all(
      {
          {"nothing at all", ""},
          {"a tag without a length", "30"},
          {"indefinite length (8.1.3.6)", "3080 0000"},
          {"indefinite length, primitive", "0480 0000"},
          {"long form for a short length (10.1)", "048105 0102030405"},
          {"long form for 127 octets", "04817f"},
          {"long form with a leading zero", "04820081"},
          {"two length octets where one is enough", "048200ff"},
          {"zero as a long length", "048100"},
          {"reserved length octet FF (8.1.3.5)", "04ff"},
          {"length octets cut off", "0482 01"},
          {"length octets missing", "0481"},
          {"length of five octets", "048501000000 00"},
          {"length of eight octets", "0488ffffffffffffffff"},
          {"content cut off", "0405 01020304"},
          {"content missing", "0401"},
          {"constructed content cut off", "3003 0201"},
          {"high form for a low tag (8.1.2.4.3)", "1f1e00"},
          {"high form for tag 0", "9f0000"},
          {"high tag with a leading zero septet", "9f801f00"},
          {"high tag cut off", "9f"},
          {"high tag cut off within", "9f81"},
          {"high tag number of 2^28", "9f8180808000 00"},
          {"high tag number of ten septets", "9fffffffffffffffffffff7f00"},
          {"high tag number that wraps around at 2^32", "9f90e590885300"},
          {"high tag number of 2^35 + 31", "9f8180808080 1f00"},
          {"end-of-contents as an element", "0000"},
          {"primitive SEQUENCE", "1000"},
          {"primitive SET", "1100"},
          {"constructed OCTET STRING (10.2)", "2405 0403010203"},
          {"constructed BIT STRING", "2304 03020001"},
          {"constructed UTF8String", "2c03 0c0141"},
          {"constructed INTEGER", "2203 020101"},
          {"constructed BOOLEAN", "2103 0101ff"},
          {"constructed NULL", "2500"},
          {"constructed OBJECT IDENTIFIER", "2603 060101"},
          {"something after the element", "0500 00"},
          {"a second element", "0500 0500"},
      },
      drop(&Reader::any));
}

TEST(Reader, RefusesBooleansThatAreNeither00NorFf) {
  refuse_all({{"one (11.1)", "010101"},
              {"7F", "01017f"},
              {"FE", "0101fe"},
              {"empty", "0100"},
              {"two octets", "0102ffff"},
              {"another type", "0201ff"}},
             drop(&Reader::boolean));
}

TEST(Reader, RefusesIntegersThatAreNotMinimal) {
  const std::vector<Case> cases = {{"empty (8.3.1)", "0200"},
                                   {"zero with a leading zero (8.3.2)", "02020000"},
                                   {"one with a leading zero", "02020001"},
                                   {"127 with a leading zero", "0202007f"},
                                   {"minus one with a leading FF", "0202ffff"},
                                   {"minus 128 with a leading FF", "0202ff80"},
                                   {"two leading zeros", "0203000080"},
                                   {"another type", "0a0101"}};
  refuse_all(cases, drop(&Reader::integer));
  refuse_all(cases, drop(&Reader::unsigned_integer));
  refuse_all(cases, drop(&Reader::small_integer));
}

TEST(Reader, RefusesIntegersOutsideTheirRange) {
  refuse_all({{"minus one", "0201ff"}, {"minus 128", "020180"}, {"large negative", "0203800000"}},
             drop(&Reader::unsigned_integer));
  refuse_all({{"2^63", "0209008000000000000000"}, {"2^64", "0209010000000000000000"}},
             drop(&Reader::small_integer));
  refuse_all({{"not minimal", "0a020001"}, {"empty", "0a00"}, {"an INTEGER", "020101"}},
             drop(&Reader::enumerated));
}

TEST(Reader, RefusesBitStringsWithBitsThatAreNotThere) {
  const std::vector<Case> cases = {{"without the first octet (8.6.2.2)", "0300"},
                                   {"eight unused bits", "03020800"},
                                   {"255 unused bits", "0302ff00"},
                                   {"unused bits of nothing (8.6.2.3)", "030101"},
                                   {"an unused bit that is set (11.2.1)", "03020101"},
                                   {"seven unused, one set", "0302077f"},
                                   {"another type", "04020000"}};
  refuse_all(cases, drop(&Reader::named_bits));
  refuse_all(cases, drop(&Reader::bit_string));
  refuse_all({{"not of whole octets", "03020180"}}, drop(&Reader::bit_string));
}

TEST(Reader, RefusesNullWithContent) {
  refuse_all({{"one octet (8.8.2)", "050100"}, {"another type", "0400"}},
             [](Reader& reader) { return reader.null(); });
}

TEST(Reader, RefusesObjectIdentifiersThatAreNotMinimal) {
  refuse_all({{"empty (8.19.2)", "0600"},
              {"leading 80 (8.19.2)", "0602800 1"},
              {"leading 80 later", "06032a8001"},
              {"cut off", "060181"},
              {"cut off later", "06032a86c8"},
              {"only a leading 80", "060180"},
              {"another type", "0d0101"}},
             drop(&Reader::oid));
  const base::Bytes large = hex("0615 2a ffffffffffffffffffffffffffffffffffffff7f");
  auto reader = Reader::over(large);
  EXPECT_ERROR(reader->oid(), Code::limit_exceeded);
  base::Bytes longest = hex("068181");
  longest.resize(longest.size() + 129, 0x01);
  reader = Reader::over(longest);
  EXPECT_ERROR(reader->oid(), Code::limit_exceeded);
}

base::Bytes time_of(Tag tag, std::string_view text) {
  base::Bytes out = {static_cast<std::uint8_t>(tag.number), static_cast<std::uint8_t>(text.size())};
  base::append(out, base::bytes_of(text));
  return out;
}

TEST(Reader, RefusesTimesThatAreNotDer) {
  for (const char* text : {"",
                           "Z",
                           "260101000000",
                           "2601010000Z",
                           "260101000000+0000",
                           "260101000000-0800",
                           "260101000000z",
                           "26010100000 Z",
                           "261301000000Z",
                           "260001000000Z",
                           "260100000000Z",
                           "260132000000Z",
                           "260229000000Z",
                           "250431000000Z",
                           "260101240000Z",
                           "260101006000Z",
                           "260101000060Z",
                           "260101000000.5Z",
                           "260101000000ZZ",
                           "2601010x0000Z",
                           "-60101000000Z"}) {
    const base::Bytes der = time_of(kUtcTime, text);
    auto reader = Reader::over(der);
    EXPECT_ERROR(reader->time(), Code::malformed) << text;
  }
  for (const char* text : {"20260101000000", "202601010000Z", "20260101000000+0800",
                           "20260101000000.5Z", "20260229000000Z", "20261301000000Z",
                           "20260101250000Z", "2026010100000Z", "260101000000Z"}) {
    const base::Bytes der = time_of(kGeneralizedTime, text);
    auto reader = Reader::over(der);
    EXPECT_ERROR(reader->time(), Code::malformed) << text;
  }
  for (const char* text :
       {"20260101000000.Z", "20260101000000.50Z", "20260101000000.0Z", "20260101000000,5Z",
        "20260101000000.5", "20260101000000.1234567891Z", "20260101000000.5+0000"}) {
    const base::Bytes der = time_of(kGeneralizedTime, text);
    auto reader = Reader::over(der);
    EXPECT_ERROR(reader->generalized_time(), Code::malformed) << text;
  }
}

TEST(Reader, RefusesTextOutsideItsAlphabet) {
  refuse_all({{"overlong UTF-8", "0c02c080"},
              {"a surrogate in UTF-8", "0c03eda080"},
              {"cut off UTF-8", "0c01c3"},
              {"NUL in UTF-8", "0c03 610062"},
              {"@ in PrintableString", "130140"},
              {"* in PrintableString", "13012a"},
              {"_ in PrintableString", "13015f"},
              {"NUL in PrintableString", "130100"},
              {"eighth bit in IA5String", "160180"},
              {"NUL in IA5String", "160100"},
              {"a letter in NumericString", "120141"},
              {"a control character in VisibleString", "1a010a"},
              {"half a character in BMPString", "1e03004100"},
              {"a surrogate in BMPString", "1e04d83ddc00"},
              {"NUL in BMPString", "1e020000"},
              {"three octets in UniversalString", "1c03000041"},
              {"beyond Unicode in UniversalString", "1c0400110000"},
              {"an OCTET STRING", "040141"},
              {"a context tag", "8c0141"}},
             drop(&Reader::text));
}

TEST(Reader, RefusesToGoDeeperThanTheLimit) {
  base::Bytes der;
  for (std::size_t i = 0; i < kDepthMax + 1; ++i) {
    base::Bytes outer = {0x30, static_cast<std::uint8_t>(der.size())};
    base::append(outer, der);
    der = outer;
  }
  EXPECT_ERROR(verify_der(der), Code::limit_exceeded);
  EXPECT_OK(verify_der(base::ByteView(der).subspan(2)));
}

TEST(Reader, RefusesAnInputBeyondTheLimitWithoutLookingAtIt) {
  const std::vector<std::uint8_t> large(kInputSizeMax + 1);
  EXPECT_ERROR(Reader::over(large), Code::limit_exceeded);
}

TEST(Reader, NamesTheOffsetFromTheOutermostInput) {
  const base::Bytes der = hex("3009 020101 3004 010101 00");
  auto outer = Reader::over(der);
  auto inner = outer->sequence();
  ASSERT_OK(inner->small_integer());
  auto innermost = inner->sequence();
  ASSERT_OK(innermost);
  const auto result = innermost->boolean();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().detail.find("at offset 7"), std::string::npos) << result.error().detail;
}

TEST(Reader, AFailedReadOfATagLeavesTheReaderWhereItWas) {
  const base::Bytes der = hex("020101");
  auto reader = Reader::over(der);
  EXPECT_ERROR(reader->oid(), Code::malformed);
  EXPECT_EQ(reader->offset(), 0U);
  EXPECT_OK(reader->small_integer());
}

TEST(Reader, VerifyDerLooksIntoEveryLevel) {
  EXPECT_OK(verify_der(hex("3008 a006 3004 04020500")));
  EXPECT_ERROR(verify_der(hex("3004 a002 0481")), Code::malformed);
  EXPECT_ERROR(verify_der(hex("3006 a004 30800000")), Code::malformed);
  EXPECT_ERROR(verify_der(hex("3000 00")), Code::malformed);
}

}  // namespace
}  // namespace heqi::asn1
