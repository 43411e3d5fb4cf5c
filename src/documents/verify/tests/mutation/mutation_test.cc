// Mutations of signed files, judged by what the mutator did and not by what the verifier says. A
// few hundred with the fast tests; with the slow ones as many as HEQI_MUTATIONS says.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "operators.h"

namespace heqi::documents::verify {
namespace {

constexpr long kMemoryMax = 512 * 1024;  // kilobytes, of the whole program
constexpr auto kTimeMax = std::chrono::seconds(10);

std::vector<Operator> all_operators() {
  std::vector<Operator> out = octet_operators();
  for (const auto& more : {structure_operators(), update_operators()})
    out.insert(out.end(), more.begin(), more.end());
  return out;
}

void expect_claim(const Seed& seed, const Mutated& mutated) {
  const auto begin = std::chrono::steady_clock::now();
  const auto report =
      verify_pdf(mutated.file, seed.desk->options(kSignedAt + std::chrono::hours(6)));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kTimeMax);
  const bool good = report && exit_code_of(report->verdict) == 0;
  const std::string said = report ? words(*report) : report.error().detail;
  if (mutated.claim == Claim::broken) {
    EXPECT_FALSE(good) << said;
  }
  if (mutated.claim == Claim::harmless) {
    EXPECT_TRUE(good) << said;
  }
}

void mutate(std::size_t count, std::uint64_t number) {
  const std::vector<Seed> seeds = make_seeds();
  const std::vector<Operator> operators = all_operators();
  ASSERT_GE(seeds.size(), 10u);
  ASSERT_GE(operators.size(), 25u);
  for (const Seed& seed : seeds) {
    SCOPED_TRACE(seed.name);
    expect_claim(seed, {seed.file, Claim::harmless});
  }
  testing::SeededRandom random(number);
  std::size_t made = 0, broken = 0;
  for (std::size_t i = 0; made < count; ++i) {
    // Every operator meets every seed.
    const Operator& one = operators[i % operators.size()];
    const Seed& seed = seeds[i / operators.size() % seeds.size()];
    const std::uint64_t own = random.next();
    testing::SeededRandom choice(own);
    const auto mutated = one.apply(seed, choice);
    if (!mutated) continue;
    SCOPED_TRACE(one.name + ", " + seed.name + ", random number " + std::to_string(own));
    expect_claim(seed, *mutated);
    ++made;
    broken += mutated->claim == Claim::broken ? 1 : 0;
  }
  struct rusage used {};
  ::getrusage(RUSAGE_SELF, &used);
  EXPECT_LT(used.ru_maxrss, kMemoryMax);
  EXPECT_GT(broken, count / 2);  // else the mutator claims nothing
  std::printf("%zu mutations, %zu of them broken\n", made, broken);
}

// shows-part: ECP-DOC-1 (mutations of signed files)
TEST(Mutations, OfSignedOctetsAreNeverGood) {
  const char* count = std::getenv("HEQI_MUTATIONS");
  mutate(count == nullptr ? 400 : std::strtoul(count, nullptr, 10), 2026);
}

}  // namespace
}  // namespace heqi::documents::verify
