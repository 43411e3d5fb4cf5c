#include "openssl_command.h"

#include <sys/wait.h>

#include <array>
#include <cstdio>

#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>

namespace heqi::x509 {

void OpensslFolder::write(std::string_view name, base::ByteView content) const {
  EXPECT_OK(base::write_file(folder_.path() + "/" + std::string(name), content));
}

base::Bytes OpensslFolder::read(std::string_view name) const {
  auto content = base::read_file(folder_.path() + "/" + std::string(name), 1U << 20);
  EXPECT_OK(content);
  return content ? *std::move(content) : base::Bytes();
}

Outcome OpensslFolder::run(const std::string& arguments) const {
  Outcome out;
  const std::string command = "cd '" + folder_.path() + "' && openssl " + arguments + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> part;
  while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe))
    out.output.append(part.data(), size);
  const int status = pclose(pipe);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

}  // namespace heqi::x509
