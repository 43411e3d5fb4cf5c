#include <heqi/services/ca/profile.h>

#include <gtest/gtest.h>

#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>
#include <heqi/x509/oids.h>

namespace heqi::services::ca {
namespace {

using base::Code;

const std::string kEvent =
    "profile = \"event\"\nlifetime_hours = 12\nkey_usage = \"digitalSignature\"\n"
    "purposes = \"documentSigning\"\nevidence = \"required\"\nreview = \"manual\"\n";

TEST(ProfileRules, EveryProfileIsBuiltIn) {
  for (std::size_t i = 0; i < kProfiles; ++i) {
    const auto profile = static_cast<Profile>(i);
    const Rules& rules = Profiles::built_in().of(profile);
    EXPECT_EQ(rules.profile, profile);
    EXPECT_GT(rules.lifetime.count(), 0) << name_of(profile);
    EXPECT_EQ(*parse_profile_name(name_of(profile)), profile);
  }
  EXPECT_EQ(Profiles::built_in().of(Profile::event).lifetime, std::chrono::hours(24));
}

TEST(ProfileRules, AFileSaysEverything) {
  const auto rules = parse_rules(kEvent + "policies = \"1.2.3.4 1.2.3.5\"\n");
  ASSERT_OK(rules);
  EXPECT_EQ(rules->lifetime, std::chrono::hours(12));
  EXPECT_TRUE(rules->usage.has(x509::KeyUsageBit::digital_signature));
  EXPECT_EQ(rules->policies.size(), 2U);
  EXPECT_EQ(rules->evidence, Presence::required);
  EXPECT_EQ(rules->review, Review::manual);
}

TEST(ProfileRules, WhatIsLeftOutIsTheStrictestReview) {
  const auto rules =
      parse_rules("profile = \"device\"\nlifetime_hours = 1\nkey_usage = \"digitalSignature\"\n");
  EXPECT_EQ(rules->review, Review::two_person);
}

TEST(ProfileRules, AFileThatSaysSomethingElseIsRefused) {
  const std::string head = "profile = \"device\"\nlifetime_hours = 1\n";
  for (const std::string& text :
       {std::string(), head, head + "key_usage = \"everything\"\n",
        head + "key_usage = \"digitalSignature\"\npurposes = \"any\"\n",
        head + "key_usage = \"digitalSignature\"\nevidence = \"perhaps\"\n",
        head + "key_usage = \"digitalSignature\"\nreview = \"nobody\"\n",
        head + "key_usage = \"digitalSignature\"\npolicies = \"one\"\n",
        head + "key_usage = \"digitalSignature\"\nlifetime = 3\n",
        std::string("profile = \"king\"\nlifetime_hours = 1\nkey_usage = \"digitalSignature\"\n"),
        std::string("profile = \"device\"\nlifetime_hours = 0\nkey_usage = \"digitalSignature\"\n"),
        std::string("profile = \"device\"\nlifetime_hours = 900000\nkey_usage = \"cRLSign\"\n")})
    EXPECT_FALSE(parse_rules(text).has_value()) << text;
}

TEST(ProfileRules, AFolderReplacesWhatItHas) {
  testing::MemoryStore files;
  ASSERT_OK(files.write("event.profile", base::bytes_of(kEvent)));
  ASSERT_OK(files.write("notes.txt", base::bytes_of("not a profile")));
  const auto profiles = Profiles::load(files);
  ASSERT_OK(profiles);
  EXPECT_EQ(profiles->of(Profile::event).lifetime, std::chrono::hours(12));
  EXPECT_EQ(profiles->of(Profile::person).lifetime,
            Profiles::built_in().of(Profile::person).lifetime);
  ASSERT_OK(files.write("broken.profile", base::bytes_of("profile = \"king\"\n")));
  const auto broken = Profiles::load(files);
  ASSERT_FALSE(broken.has_value());
  EXPECT_NE(broken.error().detail.find("broken.profile"), std::string::npos);
}

}  // namespace
}  // namespace heqi::services::ca
