// shell.h: runs heqi's commands in this process and other programs in a shell.
#pragma once
#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

#include <sys/wait.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "commands.h"

namespace heqi::program {

struct Ran {
  int code = -1;
  std::string out, error;
};

// run gives a command its arguments and catches what it prints.
inline Ran run(int (*command)(CommandLine), const std::vector<std::string>& arguments) {
  const std::vector<std::string_view> views(arguments.begin(), arguments.end());
  Ran ran;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  ran.code = command(views);
  ran.out = ::testing::internal::GetCapturedStdout();
  ran.error = ::testing::internal::GetCapturedStderr();
  return ran;
}

// shell runs a command line and returns its exit code.
inline int shell(const std::string& command_line) {
  const int status = std::system((command_line + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

inline void write(const std::string& path, std::string_view content) {
  ASSERT_OK(base::write_file(path, base::bytes_of(content)));
}

}  // namespace heqi::program
