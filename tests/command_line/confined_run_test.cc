// What a confined program can do, and what becomes of one that does more.
#include <heqi/base/text.h>

#include "confined_run.h"
#include "shell.h"

namespace heqi::program {
namespace {

using base::Code;

base::Result<base::Bytes> ask(const std::string& script, base::ByteView input = {},
                              std::size_t answer_size_max = 1024) {
  return run_confined({{"/bin/sh", "-c", script}, Fence::foreign_program, answer_size_max}, input);
}

TEST(ConfinedRun, GivesInputAndTakesTheAnswer) {
  const auto answer = ask("while read line; do echo \"<$line>\"; done", base::bytes_of("a\nb\n"));
  ASSERT_OK(answer);
  EXPECT_EQ(base::text_of(*answer), "<a>\n<b>\n");
}

TEST(ConfinedRun, MoreInputThanAPipeHoldsAndAProgramThatDoesNotReadItAreNoProblem) {
  const base::Bytes much(std::size_t{4} << 20, 'x');
  EXPECT_OK(ask("echo done", much));
  const auto copied =
      run_confined({{"/bin/cat"}, Fence::foreign_program, std::size_t{8} << 20}, much);
  ASSERT_OK(copied);
  EXPECT_EQ(*copied, much);
}

TEST(ConfinedRun, WhatAnswersTooMuchOrFailsIsRefused) {
  EXPECT_ERROR(ask("while :; do echo much; done"), Code::limit_exceeded);
  EXPECT_ERROR(ask("exit 3"), Code::malformed);
  EXPECT_ERROR(run_confined({{"/no/such/program"}, Fence::foreign_program}, {}), Code::unavailable);
}

TEST(ConfinedRun, AProgramOfOthersStartsNoProcessAndWritesNoFile) {
  testing::TemporaryFolder folder;
  const std::string file = folder.path() + "/written";
  EXPECT_FALSE(ask("/bin/ls / | /bin/cat").has_value());
  // The file may be made, but nothing can be put into it.
  static_cast<void>(ask("echo octets > " + file));
  const auto left = base::read_file(file, 100);
  EXPECT_TRUE(!left || left->empty());
  write(file, "kept");
  static_cast<void>(run_confined({{"/bin/rm", "-f", file}, Fence::foreign_program, 100}, {}));
  EXPECT_EQ(base::text_of(*base::read_file(file, 100)), "kept");
}

}  // namespace
}  // namespace heqi::program
