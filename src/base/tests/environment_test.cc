#include <heqi/base/environment.h>
#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>

namespace heqi::base {
namespace {

// shows: KEP-12-b
TEST(Environment, ADebuggerAndOutsideCodeAreRefusedUnderEitherPolicy) {
  for (const EnvironmentPolicy policy : {EnvironmentPolicy::report, EnvironmentPolicy::refuse}) {
    EXPECT_OK(judge_environment({}, policy));
    EXPECT_ERROR(judge_environment({"debugger"}, policy), Code::denied);
    EXPECT_ERROR(judge_environment({"superuser", "preloaded"}, policy), Code::denied);
  }
  EXPECT_EQ(judge_environment({"superuser"}, EnvironmentPolicy::report)->size(), 1u);
  EXPECT_ERROR(judge_environment({"superuser"}, EnvironmentPolicy::refuse), Code::denied);
}

TEST(Environment, TheProgramFindsItsOwnFile) {
  const auto path = own_program_path();
  ASSERT_OK(path);
  EXPECT_OK(read_file(*path, std::size_t{1} << 30));
}

}  // namespace
}  // namespace heqi::base
