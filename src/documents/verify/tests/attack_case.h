// A table of attacks: each makes a file, and is caught by a named finding or cannot be read at all.
#pragma once
#include "attacker.h"

namespace heqi::documents::verify {

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
