#include <heqi/base/settings.h>

#include <heqi/testing/expect.h>

namespace heqi::base {
namespace {

TEST(Settings, ValuesOfThreeTypesAreRead) {
  auto settings = Settings::parse("# 注释\nname = \"合\\\"契\" # end\nport = 8443\ntls = true\n\n");
  ASSERT_OK(settings);
  EXPECT_EQ(*settings->required_text("name"), "合\"契");
  EXPECT_EQ(*settings->integer("port", 1), 8443);
  EXPECT_EQ(*settings->boolean("tls", false), true);
  EXPECT_EQ(*settings->integer("workers", 4), 4);
  EXPECT_OK(settings->finish());
}

TEST(Settings, WhatIsWrongIsNamedWithItsLine) {
  for (std::string_view bad :
       {"port", "Port = 1", "a = \"x", "a = \"\\q\"", "a = 1 2", "a = 1\na = 2", "a b = 1"})
    EXPECT_ERROR(Settings::parse(bad), Code::malformed) << bad;
  auto settings = Settings::parse("port = \"x\"\nodd = 12x\nextra = 1");
  ASSERT_OK(settings);
  EXPECT_ERROR(settings->integer("port", 1), Code::malformed);
  EXPECT_ERROR(settings->integer("odd", 1), Code::malformed);
  EXPECT_ERROR(settings->finish(), Code::malformed);
  EXPECT_ERROR(settings->required_text("missing"), Code::not_found);
}

}  // namespace
}  // namespace heqi::base
