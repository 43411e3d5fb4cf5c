// Mutations of signed OFD files, judged by what the mutator did and not by what the verifier says.
// A few hundred with the fast tests; ten thousand with the slow ones (HEQI_MUTATIONS).
#include <cstdio>

#include "operators.h"

namespace heqi::documents::ofd {
namespace {

void expect_claim(SealingDesk& desk, const Mutated& mutated) {
  const auto report = verify_ofd(mutated.file, desk.options());
  const bool good = report && verify::exit_code_of(report->verdict) == 0;
  const std::string said = report ? words(*report) : report.error().detail;
  if (mutated.claim == Claim::broken) {
    EXPECT_FALSE(good) << said;
  }
  if (mutated.claim == Claim::harmless) {
    EXPECT_TRUE(good) << said;
  }
}

void mutate(std::size_t count, std::uint64_t number) {
  SealingDesk desk;
  std::vector<Sample> samples = make_samples(desk, 1);
  for (Sample& one : make_samples(desk, 3)) samples.push_back(std::move(one));
  std::vector<Operator> operators = part_operators();
  for (Operator& one : package_operators()) operators.push_back(std::move(one));
  ASSERT_GE(samples.size(), 10U);
  ASSERT_GE(operators.size(), 25U);
  for (const Sample& sample : samples) {
    SCOPED_TRACE(sample.name);
    expect_claim(desk, {sample.file, Claim::harmless});
  }
  testing::SeededRandom random(number);
  std::size_t made = 0, broken = 0;
  for (std::size_t i = 0; made < count; ++i) {
    // Every operator meets every sample.
    const Operator& one = operators[i % operators.size()];
    const Sample& sample = samples[i / operators.size() % samples.size()];
    const std::uint64_t own = random.next();
    testing::SeededRandom choice(own);
    const auto mutated = one.apply(sample, desk, choice);
    if (!mutated) continue;
    SCOPED_TRACE(one.name + ", " + sample.name + ", random number " + std::to_string(own));
    expect_claim(desk, *mutated);
    ++made;
    broken += mutated->claim == Claim::broken ? 1 : 0;
  }
  EXPECT_GT(broken, count / 2);  // else the mutator claims nothing
  std::printf("%zu mutations, %zu of them broken\n", made, broken);
}

// shows-part: ECP-DOC-2 (mutations of signed files)
TEST(OfdMutations, OfWhatIsSignedAreNeverGood) {
  mutate(HEQI_MUTATIONS, 2026);
}

}  // namespace
}  // namespace heqi::documents::ofd
