// Replays the kept seeds of one fuzz target. What it must not do is crash, or fail a check of its
// own; the sanitizer builds make that sharper.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include <heqi/base/file_store.h>
#include <heqi/testing/expect.h>
#include <heqi/testing/seeded.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace heqi {

extern const char* const kCorpus;

namespace {

constexpr std::size_t kSeedSizeMax = std::size_t{4} << 20;
constexpr int kDamagedOfEach = 64;

std::vector<base::Bytes> seeds() {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus))
    if (entry.is_regular_file()) paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<base::Bytes> out;
  for (const std::string& path : paths) {
    auto content = base::read_file(path, kSeedSizeMax);
    EXPECT_OK(content) << path;
    if (content) out.push_back(*std::move(content));
  }
  return out;
}

// damaged changes some octets of seed, cuts it off, or doubles a piece of it.
base::Bytes damaged(base::Bytes seed, testing::SeededRandom& random) {
  if (seed.empty()) return seed;
  for (std::uint64_t i = random.below(4); i > 0; --i)
    seed[random.below(seed.size())] = static_cast<std::uint8_t>(random.next());
  const std::size_t at = random.below(seed.size());
  switch (random.below(4)) {
    case 0:
      seed.resize(at);
      break;
    case 1: {
      const base::Bytes piece(seed.begin() + static_cast<std::ptrdiff_t>(at), seed.end());
      base::append(seed, piece);
      break;
    }
    default:
      break;
  }
  return seed;
}

TEST(FuzzTarget, TakesNothingAtAll) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(nullptr, 0), 0);
}

// tools/corpus_coverage runs this one by itself.
TEST(FuzzTarget, TakesEveryKeptSeed) {
  const std::vector<base::Bytes> kept = seeds();
  ASSERT_FALSE(kept.empty()) << "no seeds in the corpus of this target";
  for (const base::Bytes& seed : kept)
    EXPECT_EQ(LLVMFuzzerTestOneInput(seed.data(), seed.size()), 0);
}

TEST(FuzzTarget, TakesDamageToEveryKeptSeed) {
  testing::SeededRandom random(1);
  for (const base::Bytes& seed : seeds()) {
    for (int i = 0; i < kDamagedOfEach; ++i) {
      const base::Bytes input = damaged(seed, random);
      EXPECT_EQ(LLVMFuzzerTestOneInput(input.data(), input.size()), 0);
    }
  }
}

}  // namespace
}  // namespace heqi
