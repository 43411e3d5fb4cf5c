#include <heqi/base/error_id.h>
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/secret.h>
#include <heqi/base/text.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <set>

namespace heqi::base {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return fail(Code::malformed, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  HEQI_TRY(const int once, half(value));
  HEQI_TRY(half(once));
  return half(once);
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_ERROR(quarter(6), Code::malformed);
}

TEST(Errors, EveryEntryHasBothLanguagesAndAnActionAndItsOwnId) {
  std::set<std::string_view> ids;
  for (int i = 0; i <= static_cast<int>(Code::time_untrusted); ++i) {
    const ErrorText& text = error_text(static_cast<Code>(i));
    EXPECT_TRUE(ids.insert(text.id).second) << text.id;
    EXPECT_FALSE(text.english.empty() || text.chinese.empty() || text.action_english.empty() ||
                 text.action_chinese.empty())
        << text.id;
    EXPECT_GE(text.http_status, 400) << text.id;
    EXPECT_EQ(find_error(text.id), text.code);
    EXPECT_EQ(error_id(text.code), text.id);
  }
  EXPECT_FALSE(find_error("no.such"));
}

TEST(Text, HexAndBase64RefuseWhatIsNotTheirs) {
  EXPECT_EQ(to_hex(*parse_hex("00fFa5")), "00ffa5");
  EXPECT_ERROR(parse_hex("0"), Code::malformed);
  EXPECT_ERROR(parse_hex("0g"), Code::malformed);
  for (std::string_view text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(text_of(*parse_base64(to_base64(bytes_of(text)))), text);
    EXPECT_EQ(text_of(*parse_base64url(to_base64url(bytes_of(text)))), text);
  }
  EXPECT_EQ(to_base64(bytes_of("fooba")), "Zm9vYmE=");
  for (std::string_view bad : {"Zm9vYmF=", "Zm9", "Zm 9", "Z===", "Zm9vYmE=Zm9v"})
    EXPECT_ERROR(parse_base64(bad), Code::malformed) << bad;
}

TEST(Text, PemBlocksComeBackAndBrokenOnesAreNamed) {
  const Bytes der(100, 0x30);
  const auto blocks = parse_pem("note\n" + to_pem("CERTIFICATE", der) + to_pem("X509 CRL", der));
  ASSERT_OK(blocks);
  ASSERT_EQ(blocks->size(), 2u);
  EXPECT_EQ((*blocks)[1].label, "X509 CRL");
  EXPECT_EQ((*blocks)[0].der, der);
  EXPECT_ERROR(parse_pem("-----BEGIN A-----\nZm9v\n"), Code::malformed);
}

TEST(Text, Utf8IsWellFormedOrNot) {
  EXPECT_TRUE(is_utf8("合契 \xF0\x9F\x96\x8B"));
  for (std::string_view bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE5\x90", "\x80"})
    EXPECT_FALSE(is_utf8(bad));
}

TEST(Text, TimesGoBothWays) {
  for (std::string_view text :
       {"2026-11-21T08:41:56Z", "1999-12-31T23:59:59.000001Z", "2049-02-28T00:00:00Z"})
    EXPECT_EQ(to_rfc3339(*parse_rfc3339(text)), text);
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-11-21T16:41:56+08:00")), "2026-11-21T08:41:56Z");
  for (std::string_view bad : {"2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
                               "2026-11-21 08:41:56Z", "2026-11-21T08:41:56"})
    EXPECT_ERROR(parse_rfc3339(bad), Code::malformed) << bad;
}

TEST(Json, TextIsEscapedAndBadUtf8IsReplaced) {
  JsonWriter json;
  json.begin_object()
      .field("a\"b", "行\n\x01")
      .key("list")
      .begin_array()
      .number(std::int64_t{1})
      .null()
      .text("\xFF")
      .end_array()
      .field("ok", true)
      .end_object();
  EXPECT_EQ(json.str(),
            "{\"a\\\"b\":\"行\\n\\u0001\",\"list\":[1,null,\"\xEF\xBF\xBD\"],\"ok\":true}");
}

TEST(Secret, MovedFromIsEmptyAndCloneIsEqual) {
  SecretBytes a = SecretBytes::copy_of(bytes_of("secret"));
  SecretBytes b = std::move(a);
  EXPECT_EQ(b.size(), 6u);
  EXPECT_TRUE(same_bytes(b.clone().expose(), b.expose()));
}

TEST(FileStore, WritesAreWholeAndNamesCannotLeave) {
  testing::TemporaryFolder folder;
  auto store = *open_folder(folder.path() + "/a/b");
  EXPECT_OK(store->write("x/y.txt", bytes_of("one")));
  EXPECT_OK(store->append("x/y.txt", bytes_of("+two")));
  EXPECT_EQ(text_of(*store->read("x/y.txt", 100)), "one+two");
  EXPECT_ERROR(store->read("x/y.txt", 3), Code::limit_exceeded);
  EXPECT_ERROR(store->read("z", 3), Code::not_found);
  EXPECT_ERROR(store->create("x/y.txt", {}), Code::conflict);
  EXPECT_EQ(store->list("x")->size(), 1u);
  for (std::string_view name : {"../x", "/etc/passwd", "a/../b", "a//b", "", "a\\b", "a/", "."})
    EXPECT_ERROR(store->write(name, {}), Code::malformed) << name;
  EXPECT_OK(store->remove("x/y.txt"));
  EXPECT_OK(store->remove("x/y.txt"));
}

}  // namespace
}  // namespace heqi::base
