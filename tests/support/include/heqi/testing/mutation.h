// Mutations of signed files, judged by what the mutator did and not by what the verifier says.
#pragma once
#include <gtest/gtest.h>
#include <heqi/base/bytes.h>
#include <heqi/testing/seeded.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace heqi::testing {

// Claim is what the mutator knows about the result.
enum class Claim : std::uint8_t {
  broken,   // something signed, or what is shown, differs: the verdict must not be good
  open,     // nothing signed was touched: any verdict
  harmless  // what further parties add, or how the file is packed: the verdict must be good
};

struct Mutated {
  base::Bytes file;
  Claim claim = Claim::open;
};

// Verdict is what the verifier says of a file: good (exit code 0) or not, and its words.
struct Verdict {
  bool good = false;
  std::string words;
};

// mutation_count: HEQI_MUTATIONS of the environment, which the slow tests set, else the fast tests'
// number.
inline std::size_t mutation_count(std::size_t fast) {
  const char* count = std::getenv("HEQI_MUTATIONS");
  return count == nullptr ? fast : std::strtoul(count, nullptr, 10);
}

// expect_claim judges one file; no verdict takes more than ten seconds.
template <class Judge>
void expect_claim(const Mutated& mutated, const Judge& judge) {
  const auto begin = std::chrono::steady_clock::now();
  const Verdict verdict = judge(mutated.file);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  if (mutated.claim == Claim::broken) {
    EXPECT_FALSE(verdict.good) << verdict.words;
  }
  if (mutated.claim == Claim::harmless) {
    EXPECT_TRUE(verdict.good) << verdict.words;
  }
}

// mutate lets every operator (at least 25) meet every seed (at least 10) until `count` mutations
// are made, and judges each; the whole program stays below 512 MiB. A seed has a name and a file,
// an operator a name; apply(operator, seed, random) gives a Mutated, or nullopt where the seed has
// nothing of the kind; judge(seed, file) gives the Verdict.
template <class Operator, class Seed, class Apply, class Judge>
void mutate(std::size_t count, const std::vector<Operator>& operators,
            const std::vector<Seed>& seeds, const Apply& apply, const Judge& judge) {
  ASSERT_GE(seeds.size(), 10U);
  ASSERT_GE(operators.size(), 25U);
  const auto judge_as = [&](const Seed& seed, const Mutated& mutated) {
    expect_claim(mutated, [&](const base::Bytes& file) { return judge(seed, file); });
  };
  for (const Seed& seed : seeds) {
    SCOPED_TRACE(seed.name);
    judge_as(seed, {seed.file, Claim::harmless});
  }
  SeededRandom random(2026);
  std::size_t made = 0, broken = 0;
  for (std::size_t i = 0; made < count; ++i) {
    const Operator& one = operators[i % operators.size()];
    const Seed& seed = seeds[i / operators.size() % seeds.size()];
    const std::uint64_t own = random.next();
    SeededRandom choice(own);
    const auto mutated = apply(one, seed, choice);
    if (!mutated) continue;
    SCOPED_TRACE(one.name + ", " + seed.name + ", random number " + std::to_string(own));
    judge_as(seed, *mutated);
    ++made;
    broken += mutated->claim == Claim::broken ? 1 : 0;
  }
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  EXPECT_LT(used.ru_maxrss, 512 * 1024);  // kilobytes
  EXPECT_GT(broken, count / 2);           // else the mutator claims nothing
  std::printf("%zu mutations, %zu of them broken\n", made, broken);
}

}  // namespace heqi::testing
