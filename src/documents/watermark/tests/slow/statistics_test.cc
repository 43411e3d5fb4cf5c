// How often marks are read, over many pages.
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

// One page under two thousand keys is two thousand chances of a false reading. Where 40 000 chances
// give none, the rate is below 0.75 of ten thousand with a confidence of 95 % (3 / 40 000).
TEST(RobustMarkStatistics, NoneOfFortyThousandReadingsFindsWhatIsNotThere) {
  std::uint64_t found = 0, tried = 0;
  for (std::uint64_t page = 0; page < 20; ++page) {
    const Picture plain = text_page(page, 3.2);  // small pages: more chances in less time
    for (std::uint64_t key = 0; key < 2'000; ++key, ++tried) {
      Frame frame = frame_of(page * 10'000 + key);
      frame.pixels_per_mm = 3.2;
      found += read_mark(plain, Mark::robust, frame) ? 1 : 0;
    }
  }
  RecordProperty("found", static_cast<int>(found));
  EXPECT_EQ(tried, 40'000U);
  EXPECT_EQ(found, 0U);
}

}  // namespace
}  // namespace heqi::documents::watermark
