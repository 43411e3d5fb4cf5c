// The platform's configuration: what is written is read again, and what makes no sense is named.
#include "configuration.h"

#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

namespace heqi::program {
namespace {

using base::Code;

class ConfigurationTest : public ::testing::Test {
 protected:
  base::Result<Configuration> read(const std::string& more) {
    const std::string path = folder_.path() + "/heqi.toml";
    EXPECT_OK(base::write_file(
        path, base::bytes_of("public_url = \"https://a.test:1\"\npki_url = \"http://a.test\"\n"
                             "database = \"sqlite:/a\"\ndata_folder = \"/a\"\nmodule_socket = "
                             "\"/a/m\"\n" +
                             more)));
    return read_configuration(path);
  }
  void expect_refused(const std::string& line, const std::string& named) {
    const auto refused = read(line);
    ASSERT_ERROR(refused, Code::malformed) << line;
    EXPECT_NE(refused.error().detail.find(named), std::string::npos) << refused.error().detail;
  }
  testing::TemporaryFolder folder_;
};

TEST_F(ConfigurationTest, PoliciesOfCertificatesAreAsBeforeWhereNothingIsSaid) {
  const auto usual = read("");
  ASSERT_OK(usual);
  EXPECT_EQ(update_lead(*usual), std::chrono::hours(24 * 30));
  EXPECT_EQ(revocation_policy(*usual), services::mss::RevocationPolicy::identity);
}

TEST_F(ConfigurationTest, PoliciesOfCertificatesAreReadAndWrittenAgain) {
  const auto set =
      read("update_lead_days = 7\nrevocation_policy = \"none\"\nkmc = \"/etc/heqi/kmc.toml\"\n");
  ASSERT_OK(set);
  EXPECT_EQ(update_lead(*set), std::chrono::hours(24 * 7));
  EXPECT_EQ(revocation_policy(*set), services::mss::RevocationPolicy::none);
  const std::string path = folder_.path() + "/again.toml";
  ASSERT_OK(base::write_file(path, base::bytes_of(encode_configuration(*set))));
  const auto again = read_configuration(path);
  ASSERT_OK(again);
  EXPECT_EQ(again->update_lead_days, 7);
  EXPECT_EQ(again->revocation_policy, "none");
  EXPECT_EQ(again->kmc, "/etc/heqi/kmc.toml");
  EXPECT_OK(read("update_lead_days = 1\n"));
  EXPECT_OK(read("update_lead_days = 180\n"));
}

TEST_F(ConfigurationTest, WhatMakesNoSenseIsNamed) {
  expect_refused("update_lead_days = 0\n", "update_lead_days");
  expect_refused("update_lead_days = -1\n", "update_lead_days");
  expect_refused("update_lead_days = 181\n", "update_lead_days");
  expect_refused("update_lead_days = \"30\"\n", "update_lead_days");
  expect_refused("revocation_policy = \"always\"\n", "revocation_policy");
  expect_refused("revocation_policy = \"\"\n", "revocation_policy");
  expect_refused("challenge_addresses = \"all\"\n", "challenge_addresses");
  expect_refused("port = 65536\n", "port");
  expect_refused("nonsense = 1\n", "nonsense");
}

}  // namespace
}  // namespace heqi::program
