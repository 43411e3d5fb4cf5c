// A table of attacks: each makes a file, and is caught by a named finding or cannot be read at all.
#pragma once
#include <heqi/testing/foreign_suites.h>

#include "attacker.h"

namespace heqi::documents::verify {

// WithSuite runs each case with the keys of SM2, RSA and ECDSA.
class WithSuite : public ::testing::TestWithParam<const testing::Suite*> {
 protected:
  const testing::Suite& suite() const { return *GetParam(); }
};
#define HEQI_WITH_EACH_SUITE(fixture)                                                           \
  class fixture : public WithSuite {};                                                          \
  INSTANTIATE_TEST_SUITE_P(                                                                     \
      Keys, fixture,                                                                            \
      ::testing::Values(&testing::sm2_suite(), &testing::rsa_suite(), &testing::ecdsa_suite()), \
      [](const auto& one) { return std::string(one.param->name()); })

struct Attack {
  std::string name;
  std::function<Bytes()> make;
  std::variant<Reason, Code> caught_by;
};

inline void expect_caught(const std::vector<Attack>& attacks, const VerifyOptions& options) {
  for (const Attack& attack : attacks) {
    SCOPED_TRACE(attack.name);
    const auto report = verify_pdf(attack.make(), options);
    if (const Code* code = std::get_if<Code>(&attack.caught_by)) {
      EXPECT_ERROR(report, *code);
      continue;
    }
    EXPECT_OK(report);
    if (!report) continue;
    EXPECT_GT(report->verdict, Verdict::valid_with_notes) << words(*report);
    EXPECT_EQ(exit_code_of(report->verdict), 1);
    EXPECT_TRUE(has(*report, std::get<Reason>(attack.caught_by))) << words(*report);
  }
}

}  // namespace heqi::documents::verify
