#include "openssl_program.h"

#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <iterator>

namespace heqi::testing {

void OpensslProgram::SetUp() {
  if (run("version").find("OpenSSL 3") != 0)
    GTEST_SKIP()
        << "the openssl program (version 3) is not installed: ./dev packages test installs it";
}

void OpensslProgram::write(const std::string& name, base::ByteView content) const {
  std::ofstream out(path(name), std::ios::binary);
  out.write(reinterpret_cast<const char*>(content.data()),
            static_cast<std::streamsize>(content.size()));
}

base::Bytes OpensslProgram::read(const std::string& name) const {
  std::ifstream in(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string OpensslProgram::run(std::string arguments) const {
  for (std::size_t at = arguments.find('@'); at != std::string::npos;
       at = arguments.find('@', at + 1))
    arguments.replace(at, 1, folder_.path() + "/");
  FILE* pipe = popen(("openssl " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return "status -1: ";
  std::string output;
  char buffer[4096];
  for (std::size_t size; (size = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    output.append(buffer, size);
  const int status = pclose(pipe);
  if (status == 0) return output;
  return "status " + std::to_string(WEXITSTATUS(status)) + ": " + output;
}

::testing::AssertionResult OpensslProgram::agrees(const x509::Certificate& certificate,
                                                  base::ByteView octets,
                                                  base::ByteView signature) const {
  write("key.der", certificate.public_key().der);
  write("octets", octets);
  write("signature", signature);
  run("pkey -pubin -inform DER -in @key.der -out @key.pem");
  const std::string said = run(
      "dgst -sm3 -verify @key.pem -sigopt distid:1234567812345678 -signature @signature @octets");
  if (said.find("Verified OK") == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << said;
}

}  // namespace heqi::testing
