// How often marks are read, over many pages.
#include "../../folding.h"
#include "../page_model.h"

namespace heqi::documents::watermark {
namespace {

constexpr std::uint64_t kPages = 200;

// shows: ECP-SEAL-2
TEST(RobustMarkStatistics, NinetyFiveOfAHundredSurviveCompressionAndScaling) {
  std::uint64_t read = 0;
  for (std::uint64_t seed = 0; seed < kPages; ++seed) {
    Frame frame = frame_of(seed);
    Picture page = text_page(seed, frame.pixels_per_mm);
    ASSERT_OK(embed(page, Mark::robust, payload_for(seed), frame));
    const double by = 0.7 + 0.8 * static_cast<double>(seed) / (kPages - 1);
    page = Jpeg(50).apply(resized(page, by));
    frame.pixels_per_mm *= by;
    const auto reading = read_mark(page, Mark::robust, frame);
    read += reading && reading->payload == payload_for(seed) ? 1 : 0;
  }
  RecordProperty("read", static_cast<int>(read));
  EXPECT_GE(read, kPages * 95 / 100);
}

TEST(RobustMarkStatistics, SeventyOfAHundredSurvivePrintAndScan) {
  std::uint64_t read = 0;
  for (std::uint64_t seed = 0; seed < kPages; ++seed) {
    const Frame frame = frame_of(seed);
    Picture page = text_page(seed, frame.pixels_per_mm);
    ASSERT_OK(embed(page, Mark::robust, payload_for(seed), frame));
    page = printed_and_scanned(page, seed, frame.pixels_per_mm);
    const auto reading = read_mark(page, Mark::robust, frame, {.scale = 0.008, .degrees = 0.5});
    read += reading && reading->payload == payload_for(seed) ? 1 : 0;
  }
  RecordProperty("read", static_cast<int>(read));
  EXPECT_GE(read, kPages * 70 / 100);
}

// shows: ECP-SEAL-2b
TEST(DotsMarkStatistics, NinetyFiveOfAHundredSurvivePrintAndScan) {
  constexpr std::uint64_t kScans = 60;
  std::uint64_t read = 0;
  double weakest = 1e9;
  for (std::uint64_t seed = 0; seed < kScans; ++seed) {
    const Frame frame = frame_of(seed);
    Picture page = text_page(seed, frame.pixels_per_mm);
    ASSERT_OK(embed(page, Mark::dots, payload_for(seed), frame));
    page = printed_and_scanned(page, seed, frame.pixels_per_mm);
    const auto reading = read_mark(page, Mark::dots, frame, {.scale = 0.008, .degrees = 0.5});
    if (!reading || reading->payload != payload_for(seed)) continue;
    ++read;
    weakest = std::min(weakest, reading->score);
  }
  RecordProperty("read", static_cast<int>(read));
  RecordProperty("weakest_score", std::to_string(weakest));
  EXPECT_GE(read, kScans * 95 / 100);
}

// A trial is one page, one key that it was not marked with, and one of the sizes and angles that a
// reader of scans tries; every other page has a mark of another key. No place among 40 000 trials
// that passes the threshold means: fewer than 0.75 of ten thousand pass it, with a confidence of
// 95 % (3 / 40 000). That alone keeps the bound for a reader that knows the size. A reader of scans
// makes 25 trials on a page, and what passes still has to fit a checksum of 16 bits (below): fewer
// than 25 × 0.75 / 65 536 of ten thousand.
TEST(RobustMarkStatistics, NoPlaceOfFortyThousandPassesForAMarkThatIsNotThere) {
  constexpr std::uint64_t kKeys = 200;
  constexpr double kPixelsPerMm = 3.2;  // small pages: more chances in less time
  const double cell = shape_of(Mark::robust).cell_mm * kPixelsPerMm;
  std::uint64_t tried = 0, passed = 0;
  double highest = 0;
  for (std::uint64_t seed = 0; seed < kPages; ++seed) {
    Picture page = text_page(seed, kPixelsPerMm);
    Frame own = frame_of(seed);
    own.pixels_per_mm = kPixelsPerMm;
    if (seed % 2 == 1) {
      ASSERT_OK(embed(page, Mark::robust, payload_for(seed), own));
    }
    const double step = static_cast<double>(seed % 5) / 2 - 1;  // −1 … 1
    const Folded sums =
        fold(sharpened(page, Mark::robust, cell), cell * (1 + 0.008 * step), 0.5 * step);
    for (std::uint64_t key = 1; key <= kKeys; ++key, ++tried) {
      const Lattice other(Mark::robust, frame_of(kPages * key + seed).key);
      const double score = find_place(sums, other).score;
      highest = std::max(highest, score);
      passed += score >= kScoreMin ? 1 : 0;
    }
  }
  RecordProperty("highest_score", std::to_string(highest));
  EXPECT_EQ(tried, 40'000U);
  EXPECT_EQ(passed, 0U) << highest;
}

// The checksum lets through one of 65 536 payloads that were never made: of two million, about 30.
TEST(RobustMarkStatistics, TheChecksumLetsThroughOneOfSixtyFiveThousand) {
  testing::SeededRandom random(5);
  std::uint64_t fit = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    std::array<bool, kBits> bits{};
    for (std::size_t word = 0; word < kBits; word += 16) {
      const auto drawn = random.below(65'536);
      for (std::size_t bit = 0; bit < 16; ++bit) bits[word + bit] = (drawn >> bit & 1) != 0;
    }
    fit += payload_of_bits(bits) ? 1 : 0;
  }
  RecordProperty("fit", static_cast<int>(fit));
  EXPECT_GT(fit, 8U);
  EXPECT_LT(fit, 60U);
}

}  // namespace
}  // namespace heqi::documents::watermark
