// openssl_program.h: runs the openssl command line on files of a temporary folder.
#pragma once
#include <gtest/gtest.h>

#include <string>

#include <heqi/base/bytes.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/certificate.h>

namespace heqi::testing {

class OpensslProgram : public ::testing::Test {
 protected:
  void SetUp() override;
  // path of a file in the folder.
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  void write(const std::string& name, base::ByteView content) const;
  base::Bytes read(const std::string& name) const;
  // run gives the output (both streams) of `openssl arguments`, where @name is path(name). A status
  // other than 0 is put first as "status n: ".
  std::string run(std::string arguments) const;
  // agrees: openssl dgst verifies an SM2 signature over octets under certificate's key.
  ::testing::AssertionResult agrees(const x509::Certificate& certificate, base::ByteView octets,
                                    base::ByteView signature) const;

 private:
  TemporaryFolder folder_;
};

}  // namespace heqi::testing
