#include "shell.h"

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <iterator>

namespace heqi::demo {

Ran shell(const std::string& line) {
  Ran ran;
  FILE* pipe = ::popen(("exec 2>&1; " + line).c_str(), "r");
  if (pipe == nullptr) return ran;
  char block[4096];
  for (std::size_t size; (size = std::fread(block, 1, sizeof block, pipe)) > 0;)
    ran.output.append(block, size);
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

bool has_program(const std::string& name) {
  return shell("command -v " + name).status == 0;
}

void write(const std::string& path, base::ByteView content) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size()));
  out.close();
  ASSERT_TRUE(out) << path;
}

base::Bytes read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace heqi::demo
