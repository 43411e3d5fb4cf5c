#include <heqi/http/json.h>

#include <heqi/testing/expect.h>

namespace heqi::http {
namespace {

using base::Code;

base::Result<Json> parse(std::string_view text, JsonLimits limits = {}) {
  return parse_json(base::bytes_of(text), limits);
}

TEST(JsonReader, GivesTheMembersThatWereAskedFor) {
  const auto json = parse(
      R"({"title": "租赁合同\n", "count": 3, "open": true, "parties": [{"name": "a"}, {"name": "b"}],
          "tags": ["x"], "file": "AAEC", "until": "2026-11-21T08:00:00Z", "nothing": null})");
  ASSERT_OK(json);
  auto reader = JsonReader::open(*json);
  ASSERT_OK(reader);
  EXPECT_EQ(*reader->required_text("title"), "租赁合同\n");
  EXPECT_EQ(*reader->required_integer("count"), 3);
  EXPECT_TRUE(*reader->required_boolean("open"));
  auto parties = reader->required_objects("parties", 2);
  ASSERT_OK(parties);
  EXPECT_EQ(*(*parties)[1].required_text("name"), "b");
  EXPECT_OK((*parties)[1].finish());
  EXPECT_EQ(reader->required_texts("tags", 5)->front(), "x");
  EXPECT_EQ(*reader->required_base64("file", 3), (base::Bytes{0, 1, 2}));
  EXPECT_OK(reader->required_time("until"));
  EXPECT_EQ(*reader->optional_text("nothing"), std::nullopt);
  EXPECT_EQ(*reader->optional_integer("absent"), std::nullopt);
  EXPECT_OK(reader->finish());
}

TEST(JsonReader, RefusesAMemberThatNobodyAskedForAndNamesIt) {
  const auto json = parse(R"({"party": {"name": "a", "role": "admin"}})");
  auto reader = JsonReader::open(*json);
  auto party = reader->required_object("party");
  ASSERT_OK(party);
  EXPECT_OK(party->required_text("name"));
  const auto finished = party->finish();
  ASSERT_ERROR(finished, Code::malformed);
  EXPECT_NE(finished.error().detail.find("$.party.role"), std::string::npos);
}

TEST(JsonReader, NamesThePathOfWhatIsWrong) {
  const auto json =
      parse(R"({"a": [{"n": 1}, {"n": "x"}], "t": "", "i": 1.5, "b": "AA", "d": "now"})");
  auto reader = JsonReader::open(*json);
  auto list = reader->required_objects("a", 9);
  ASSERT_OK(list);
  const auto wrong = (*list)[1].required_integer("n");
  ASSERT_ERROR(wrong, Code::malformed);
  EXPECT_TRUE(wrong.error().detail.starts_with("$.a[1].n: ")) << wrong.error().detail;
  EXPECT_ERROR(reader->required_text("t"), Code::malformed);       // empty
  EXPECT_ERROR(reader->required_text("absent"), Code::malformed);  // missing
  EXPECT_ERROR(reader->required_integer("i"), Code::malformed);    // not whole
  EXPECT_ERROR(reader->required_integer("a"), Code::malformed);
  EXPECT_ERROR(reader->required_base64("b", 9), Code::malformed);  // not padded
  EXPECT_ERROR(reader->required_time("d"), Code::malformed);
  EXPECT_ERROR(reader->required_objects("a", 1), Code::malformed);  // too many
  EXPECT_ERROR(reader->required_texts("a", 9), Code::malformed);
  EXPECT_ERROR(reader->required_boolean("t"), Code::malformed);
  EXPECT_ERROR((*list)[0].required_integer("n", {.min = 2, .max = 3}), Code::malformed);
  EXPECT_ERROR(JsonReader::open(Json()), Code::malformed);
}

TEST(Json, RefusesWhatIsNotStrictJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "{}x",
                           "{} {}",
                           "[1,]",
                           "{\"a\":1,}",
                           "{'a':1}",
                           "{a:1}",
                           "// c\n{}",
                           "NaN",
                           "Infinity",
                           "+1",
                           "01",
                           "1.",
                           ".5",
                           "\"\\x\"",
                           "\"\\ud800\"",
                           "\"\xff\"",
                           "\"\xed\xa0\x80\"",
                           "\"\n\"",
                           "{\"a\":1,\"a\":2}",
                           "{\"a\":1,\"\\u0061\":2}",
                           "\"\\u0000\"",
                           "{\"\\u0000\":1}",
                           "9223372036854775808",
                           "tru",
                           "\xef\xbb\xbf{}"})
    EXPECT_ERROR(parse(text), Code::malformed) << text;
  EXPECT_ERROR(parse(std::string_view("{}\0", 3)), Code::malformed);
  for (const char* text : {"{}", "[]", "null", " 1 ", "-9223372036854775808", "\"\\ud83d\\ude00\""})
    EXPECT_OK(parse(text)) << text;
}

TEST(Json, NamesTheOffsetOfWhatIsWrong) {
  const auto wrong = parse("{\"a\": 1, \"b\": tru}");
  ASSERT_ERROR(wrong, Code::malformed);
  EXPECT_NE(wrong.error().detail.find("near offset 1"), std::string::npos) << wrong.error().detail;
}

TEST(Json, KeepsItsLimits) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_OK(parse(nested(kJsonDepthMax)));
  EXPECT_ERROR(parse(nested(kJsonDepthMax + 1)), Code::limit_exceeded);
  EXPECT_ERROR(parse(std::string(1'000'000, '[')), Code::limit_exceeded);
  EXPECT_ERROR(parse("[1,2,3]", {.nodes_max = 3}), Code::limit_exceeded);
  EXPECT_OK(parse("[1,2,3]", {.nodes_max = 4}));
  EXPECT_ERROR(parse("[1,2,3]", {.size_max = 6}), Code::limit_exceeded);
}

}  // namespace
}  // namespace heqi::http
