// Runs the openssl command in a temporary folder.
#pragma once
#include <string>
#include <string_view>

#include <heqi/base/bytes.h>
#include <heqi/testing/seeded.h>

namespace heqi::x509 {

struct Outcome {
  int status = -1;
  std::string output;  // standard output and standard error
};

// OpensslFolder is a folder in which openssl is run.
class OpensslFolder {
 public:
  void write(std::string_view name, base::ByteView content) const;
  base::Bytes read(std::string_view name) const;
  // run executes "openssl ARGUMENTS" with the folder as working folder.
  Outcome run(const std::string& arguments) const;

 private:
  testing::TemporaryFolder folder_;
};

}  // namespace heqi::x509
