#include "page_model.h"

namespace heqi::documents::watermark {
namespace {

constexpr std::uint64_t kSeed = 3;

Picture marked(Mark mark, std::uint64_t seed = kSeed) {
  const Frame frame = frame_of(seed);
  Picture page = text_page(seed, frame.pixels_per_mm);
  EXPECT_OK(embed(page, mark, payload_for(seed), frame));
  return page;
}

bool reads(const Picture& page, Mark mark, const Frame& frame = frame_of(kSeed),
           const Search& search = {}) {
  const auto reading = read_mark(page, mark, frame, search);
  return reading && reading->payload == payload_for(kSeed);
}

// shows-part: ECP-SEAL-2 (the mark and its reading; slow tests have the statistics)
TEST(RobustMark, SurvivesCompressionAndScaling) {
  const Picture page = marked(Mark::robust);
  EXPECT_TRUE(reads(page, Mark::robust));
  EXPECT_TRUE(reads(Jpeg(50).apply(page), Mark::robust));
  for (const double by : {0.7, 1.5}) {
    Frame frame = frame_of(kSeed);
    frame.pixels_per_mm *= by;
    EXPECT_TRUE(reads(Jpeg(50).apply(resized(page, by)), Mark::robust, frame)) << by;
  }
}

TEST(RobustMark, IsNearlyInvisible) {
  const Frame frame = frame_of(kSeed);
  const Picture plain = text_page(kSeed, frame.pixels_per_mm), page = marked(Mark::robust);
  int most = 0;
  for (std::size_t i = 0; i < plain.rgba.size(); ++i)
    most = std::max(most, std::abs(plain.rgba[i] - page.rgba[i]));
  EXPECT_GT(most, 0);
  EXPECT_LE(most, 6);
}

TEST(RobustMark, IsReadFromAPrintedAndScannedPage) {
  const Frame frame = frame_of(kSeed);
  const Picture scan = printed_and_scanned(marked(Mark::robust), 8, frame.pixels_per_mm);
  EXPECT_TRUE(reads(scan, Mark::robust, frame, {.scale = 0.008, .degrees = 0.5}));
}

// shows: ECP-SEAL-2
TEST(RobustMark, OfAnotherDocumentOrKeyIsNotTakenForThisOne) {
  const Picture page = marked(Mark::robust);
  EXPECT_FALSE(reads(page, Mark::robust, frame_of(kSeed + 1)));
  EXPECT_FALSE(reads(page, Mark::dots));
  const auto other = read_mark(marked(Mark::robust, 9), Mark::robust, frame_of(9));
  ASSERT_TRUE(other.has_value());
  EXPECT_NE(other->payload, payload_for(kSeed));
  EXPECT_FALSE(read_mark(text_page(1, 150 / 25.4), Mark::robust, frame_of(1)).has_value());
  EXPECT_NE(payload_of(crypto::sm3({}), "use 1"), payload_of(crypto::sm3({}), "use 2"));
}

// shows: ECP-SEAL-2b
TEST(DotsMark, IsVisibleAndKeptByPrintAndScan) {
  const Frame frame = frame_of(kSeed);
  const Picture page = marked(Mark::dots);
  EXPECT_TRUE(reads(page, Mark::dots));
  EXPECT_TRUE(reads(Jpeg(50).apply(page), Mark::dots));
  EXPECT_TRUE(reads(printed_and_scanned(page, 5, frame.pixels_per_mm), Mark::dots, frame,
                    {.scale = 0.008, .degrees = 0.5}));
  EXPECT_FALSE(reads(text_page(kSeed, frame.pixels_per_mm), Mark::dots));
}

// What is read comes first: the pattern is there for who looks, and in nobody's way.
TEST(DotsMark, IsFaintAndCoversLittleOfThePage) {
  const Frame frame = frame_of(kSeed);
  const Picture plain = text_page(kSeed, frame.pixels_per_mm), page = marked(Mark::dots);
  std::size_t changed = 0;
  int most = 0;
  for (std::size_t i = 0; i < plain.rgba.size(); i += 4) {
    const int by = plain.rgba[i] - page.rgba[i];
    changed += by != 0 ? 1 : 0;
    most = std::max(most, by);
  }
  EXPECT_GE(most, 26);  // visible, and read from small pages too
  EXPECT_LE(most, 38);  // of 255
  EXPECT_LE(changed, plain.rgba.size() / 4 / 10);
}

// shows: ECP-SEAL-2c
TEST(FragileMark, IsDestroyedByAnyCopy) {
  const Frame frame = frame_of(kSeed);
  const Picture page = marked(Mark::fragile);
  EXPECT_TRUE(reads(page, Mark::fragile));
  EXPECT_FALSE(reads(Jpeg(50).apply(page), Mark::fragile));
  EXPECT_FALSE(reads(resized(page, 0.9), Mark::fragile));
  EXPECT_FALSE(reads(resized(resized(page, 0.8), 1.25), Mark::fragile));
  EXPECT_FALSE(reads(printed_and_scanned(page, 4, frame.pixels_per_mm), Mark::fragile, frame));
}

TEST(Mark, AllThreeStandOnOnePage) {
  const Frame frame = frame_of(kSeed);
  Picture page = text_page(kSeed, frame.pixels_per_mm);
  for (const Mark mark : {Mark::robust, Mark::dots, Mark::fragile})
    EXPECT_OK(embed(page, mark, payload_for(kSeed), frame));
  for (const Mark mark : {Mark::robust, Mark::dots, Mark::fragile})
    EXPECT_TRUE(reads(page, mark)) << static_cast<int>(mark);
}

TEST(Mark, NeedsAPageThatIsLargeEnough) {
  Picture small{20, 20, base::Bytes(1600, 255)};
  EXPECT_ERROR(embed(small, Mark::robust, {}, frame_of(1)), base::Code::malformed);
  EXPECT_ERROR(embed(small, Mark::fragile, {}, frame_of(1)), base::Code::malformed);
  EXPECT_FALSE(read_mark(small, Mark::robust, frame_of(1)).has_value());
  Frame coarse = frame_of(1);
  coarse.pixels_per_mm = 1;
  Picture page = text_page(1, 3);
  EXPECT_ERROR(embed(page, Mark::robust, {}, coarse), base::Code::malformed);
}

}  // namespace
}  // namespace heqi::documents::watermark
