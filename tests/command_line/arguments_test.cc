#include "arguments.h"

#include <heqi/testing/expect.h>

#include <array>

namespace heqi::program {
namespace {

using base::Code;

constexpr std::array kOptions{Option{"--socket", "PATH", "", "", Need::required},
                              Option{"--wait", "SECONDS", "", ""}, Option{"--json", "", "", ""}};
constexpr Syntax kSyntax{"heqi test", "FILE", 0, 1, "Tests.", "测试。", kOptions};

base::Result<Arguments> parse(std::vector<std::string_view> words) {
  return Arguments::parse(kSyntax, words);
}
std::string refusal(std::vector<std::string_view> words) {
  const auto parsed = parse(std::move(words));
  return parsed ? "accepted" : parsed.error().detail;
}

TEST(Arguments, TakesOptionsInAnyOrderAndBothForms) {
  const auto parsed = parse({"a.pdf", "--socket=/run/x", "--wait", "3", "--json"});
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->get("--socket"), "/run/x");
  EXPECT_EQ(parsed->get("--wait"), "3");
  EXPECT_TRUE(parsed->has("--json"));
  EXPECT_EQ(parsed->operands(), std::vector<std::string>{"a.pdf"});
}

TEST(Arguments, EverythingAfterTwoHyphensIsAnOperand) {
  const auto parsed = parse({"--socket", "/x", "--", "--json"});
  ASSERT_OK(parsed);
  EXPECT_FALSE(parsed->has("--json"));
  EXPECT_EQ(parsed->operands(), std::vector<std::string>{"--json"});
}

TEST(Arguments, SaysWhatIsWrong) {
  EXPECT_EQ(refusal({"--socket", "/x", "--jsno"}), "no option --jsno; did you mean --json?");
  EXPECT_EQ(refusal({"--socket", "/x", "--entirely-other"}), "no option --entirely-other");
  EXPECT_EQ(refusal({"--socket"}), "--socket needs a value: PATH");
  EXPECT_EQ(refusal({"--socket", "/x", "--json=yes"}), "--json takes no value");
  EXPECT_EQ(refusal({"--socket", "/x", "--socket", "/y"}), "--socket is given twice");
  EXPECT_EQ(refusal({"--json"}), "--socket PATH is missing");
  EXPECT_EQ(refusal({"--socket", "/x", "a", "b"}), "too much: b");
  EXPECT_EQ(refusal({"--socket", "/x", "-j"}), "no option -j");
}

TEST(Arguments, OnlyRepeatableOptionsAreGivenTwice) {
  constexpr std::array options{Option{"--crl", "FILE", "", "", Need::repeatable}};
  const Syntax syntax{"heqi test", "", 0, 0, "", "", options};
  const auto parsed = Arguments::parse(
      syntax, std::vector<std::string_view>{"--crl", "a", "--crl=b", "--crl", "a"});
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->all("--crl"), (std::vector<std::string>{"a", "b", "a"}));
  EXPECT_TRUE(parsed->all("--ocsp").empty());
}

TEST(Arguments, FindsASubCommandAmongOptions) {
  const std::vector<std::string_view> words{"--socket", "status", "enrol", "--json"};
  const Chosen chosen = choose_command(kOptions, words);
  EXPECT_EQ(chosen.command, "enrol");  // "status" is the value of --socket
  EXPECT_EQ(chosen.rest, (std::vector<std::string_view>{"--socket", "status", "--json"}));
  EXPECT_EQ(choose_command(kOptions, {}).command, "");
}

TEST(Arguments, HelpNamesEveryOptionInBothLanguages) {
  constexpr std::array options{Option{"--key", "FILE", "the key", "密钥"}};
  const std::string help = help_of({"heqi x", "FILE", 1, 1, "Does it.", "做到。", options});
  for (const char* part :
       {"heqi x [OPTION…] FILE", "Does it.", "做到。", "--key FILE", "the key", "密钥", "--help"})
    EXPECT_NE(help.find(part), std::string::npos) << part;
}

TEST(Arguments, ExitCodesTellHelpUsageAndRefusalApart) {
  const auto run = [](std::vector<std::string_view> words, base::Result<int> result) {
    return run_command(kSyntax, words, [&](const Arguments&) { return result; });
  };
  EXPECT_EQ(run({"--help"}, 7), kExitDone);
  EXPECT_EQ(run({"--nothing"}, 7), kExitUsage);
  EXPECT_EQ(run({"--socket", "/x"}, 7), 7);
  EXPECT_EQ(run({"--socket", "/x"}, base::fail(Code::denied, "test")), kExitRefused);
}

}  // namespace
}  // namespace heqi::program
