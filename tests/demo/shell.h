// shell.h: other people's programs, run on files.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include <heqi/base/bytes.h>

namespace heqi::demo {

struct Ran {
  int status = -1;     // exit status; 128 + signal where one ended it
  std::string output;  // both streams
};
// shell runs one line of sh.
Ran shell(const std::string& line);
bool has_program(const std::string& name);

// write and read are whole files; a failure ends the test.
void write(const std::string& path, base::ByteView content);
base::Bytes read(const std::string& path);

}  // namespace heqi::demo

// Leaves a test out, and says why, where a program of Debian is missing.
#define HEQI_NEEDS_PROGRAM(name)        \
  if (!::heqi::demo::has_program(name)) \
  GTEST_SKIP() << "the program " name " is not installed: ./dev packages test installs it"
