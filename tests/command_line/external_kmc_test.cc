// The file that names another organisation's key management centre.
#include "external_kmc.h"

#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::program {
namespace {

using base::Code;

class ExternalKmcFile : public ::testing::Test {
 protected:
  base::Result<ExternalKmcSettings> read(const std::string& text) {
    EXPECT_OK(base::write_file(path_, base::bytes_of(text)));
    return read_external_kmc(path_);
  }
  void expect_refused(const std::string& text, Code code, const std::string& named) {
    const auto refused = read(text);
    ASSERT_ERROR(refused, code) << text;
    EXPECT_NE(refused.error().detail.find(named), std::string::npos) << refused.error().detail;
    EXPECT_NE(refused.error().detail.find(path_), std::string::npos) << refused.error().detail;
  }
  testing::TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/kmc.toml";
  const std::string url_ = "url = \"https://kmc.test/\"\n", root_ = "tls_root = \"root.pem\"\n",
                    application_ = "application = \"unit\"\n";
};

TEST_F(ExternalKmcFile, WhatIsMissingOrMakesNoSenseIsNamed) {
  EXPECT_ERROR(read_external_kmc(path_), Code::not_found);
  expect_refused(application_ + root_, Code::not_found, "url");
  expect_refused(url_ + root_, Code::not_found, "application");
  expect_refused(url_ + application_, Code::not_found, "tls_root");
  expect_refused("url = \"http://kmc.test\"\n" + application_ + root_, Code::malformed, "https://");
  expect_refused(url_ + application_ + root_ + "passphrase = \"x\"\n", Code::malformed,
                 "passphrase");
  expect_refused("url", Code::malformed, "");
}

TEST_F(ExternalKmcFile, PathsAreBesideIt) {
  const auto usual = read(url_ + application_ + root_);
  ASSERT_OK(usual);
  EXPECT_EQ(usual->url, "https://kmc.test");
  EXPECT_EQ(usual->application, "unit");
  EXPECT_EQ(usual->key, "1");
  EXPECT_EQ(usual->tls_root, folder_.path() + "/root.pem");
  const auto other = read(url_ + application_ + "key = \"2\"\ntls_root = \"/etc/root.pem\"\n");
  ASSERT_OK(other);
  EXPECT_EQ(other->key, "2");
  EXPECT_EQ(other->tls_root, "/etc/root.pem");
}

}  // namespace
}  // namespace heqi::program
