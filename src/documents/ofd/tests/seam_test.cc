#include "ofd_world.h"

#include <heqi/documents/ofd/seam.h>

#include <cmath>

namespace heqi::documents::ofd {
namespace {

std::vector<Box> pages(std::size_t count, const Box& box = {0, 0, 210, 297}) {
  return std::vector<Box>(count, box);
}

// expect_whole checks that the slices of one group are the seal, without gap or overlap.
void expect_whole(const std::vector<StampRequest>& stamps, std::size_t first, std::size_t count,
                  const std::vector<Box>& boxes, const SeamRequest& request) {
  std::vector<std::pair<double, double>> slices;
  for (std::size_t i = first; i < first + count; ++i) {
    const StampRequest& one = stamps[i];
    ASSERT_TRUE(one.clip.has_value());
    EXPECT_EQ(one.page, i);
    slices.emplace_back(one.clip->x, one.clip->width);
    const double left = one.boundary.x + one.clip->x, right = left + one.clip->width;
    if (request.edge == Edge::right)
      EXPECT_NEAR(right, boxes[i].width, 1e-9);
    else
      EXPECT_NEAR(left, 0, 1e-9);
    EXPECT_NEAR(one.boundary.y + request.height / 2, boxes[i].height * request.at, 1e-9);
  }
  std::sort(slices.begin(), slices.end());
  double at = 0;
  for (const auto& [begin, width] : slices) {
    EXPECT_NEAR(begin, at, 1e-9);
    at = begin + width;
  }
  EXPECT_NEAR(at, request.width, 1e-9);
}

// shows-part: ECP-SEAL-4 (OFD)
TEST(Seam, GivesEachPageItsSliceOfTheSeal) {
  for (const Edge edge : {Edge::right, Edge::left})
    for (const std::size_t count : {2U, 3U, 7U, 19U, 20U}) {
      SCOPED_TRACE(count);
      const SeamRequest request{.edge = edge};
      const auto stamps = must(plan_seam(pages(count), request));
      ASSERT_EQ(stamps.size(), count);
      expect_whole(stamps, 0, count, pages(count), request);
    }
}

TEST(Seam, IsWhatOtherMakersWrite) {
  const auto stamps = must(plan_seam(pages(5), {.at = 60.0 / 297}));
  EXPECT_NEAR(stamps[0].boundary.x, 202, 1e-9);
  EXPECT_NEAR(stamps[0].boundary.y, 40, 1e-9);
  EXPECT_NEAR(stamps[0].clip->x, 0, 1e-9);
  EXPECT_NEAR(stamps[0].clip->width, 8, 1e-9);
  EXPECT_NEAR(stamps[1].boundary.x, 194, 1e-9);
  EXPECT_NEAR(stamps[1].clip->x, 8, 1e-9);
}

TEST(Seam, OfManyPagesComesInEvenGroupsAndNeverOnOnePage) {
  for (const std::size_t count : {21U, 40U, 41U, 100U, 101U, 999U}) {
    SCOPED_TRACE(count);
    const SeamRequest request;
    const auto stamps = must(plan_seam(pages(count), request));
    ASSERT_EQ(stamps.size(), count);
    std::size_t first = 0;
    for (std::size_t i = 1; i <= count; ++i) {
      if (i < count && stamps[i].clip->x > 0) continue;
      EXPECT_GE(i - first, 2U);
      EXPECT_LE(i - first, 20U);
      expect_whole(stamps, first, i - first, pages(count), request);
      first = i;
    }
  }
  EXPECT_EQ(must(plan_seam(pages(3), {.pages_max = 2})).size(), 3U);
}

TEST(Seam, GoesByEachPagesOwnSize) {
  std::vector<Box> boxes = pages(4);
  boxes[1] = {0, 0, 297, 210};  // landscape
  boxes[3] = {0, 0, 148, 210};
  const SeamRequest request;
  expect_whole(must(plan_seam(boxes, request)), 0, 4, boxes, request);
}

TEST(Seam, SaysNoWhereThereIsNone) {
  EXPECT_ERROR(plan_seam(pages(0), {}), Code::malformed);
  EXPECT_ERROR(plan_seam(pages(1), {}), Code::malformed);
  EXPECT_ERROR(plan_seam(pages(3), {.pages_max = 1}), Code::malformed);
  EXPECT_ERROR(plan_seam(pages(3), {.width = 0}), Code::malformed);
  EXPECT_ERROR(plan_seam(pages(3), {.at = 1.5}), Code::malformed);
  EXPECT_ERROR(plan_seam(pages(3), {.at = std::nan("")}), Code::malformed);
  EXPECT_ERROR(plan_seam(pages(3, {0, 0, 30, 30}), {}), Code::malformed);
}

// shows-part: ECP-SEAL-4 (OFD)
TEST(Seam, IsOneValidSignatureOnAllPages) {
  SealingDesk desk;
  const Bytes file = contract(23);
  const Package package = must(Package::open(file));
  const std::vector<Body> bodies = must(read_bodies(package));
  SignatureRequest request = desk.sealing(desk.alice);
  request.stamps = must(plan_seam(must(page_boxes(package, bodies[0])), {}));
  const Report report = desk.verify(desk.perform(file, request, desk.alice));
  EXPECT_EQ(report.verdict, Verdict::valid) << words(report);
  ASSERT_EQ(report.signatures[0].stamps.size(), 23U);
  EXPECT_EQ(report.signatures[0].stamps[22].page, 23U);
  EXPECT_TRUE(report.signatures[0].stamps[22].clip.has_value());
}

// shows-part: ECP-SEAL-4 (OFD)
TEST(Word, IsFoundWhereItStands) {
  const Bytes file = contract(2);
  const Package package = must(Package::open(file));
  const Body body = must(read_bodies(package))[0];
  const auto places = must(find_text(package, body, "（盖章）"));
  ASSERT_EQ(places.size(), 4U);  // two parties on two pages
  EXPECT_EQ(places[2].page, 1U);
  EXPECT_NEAR(places[0].box.x, 30 + 2 * 4.2, 0.01);
  EXPECT_NEAR(places[0].box.width, 4 * 4.2, 0.01);
  EXPECT_NEAR(places[0].box.y + places[0].box.height, 70, 0.01);
  EXPECT_TRUE(must(find_text(package, body, "丙方")).empty());
  EXPECT_ERROR(find_text(package, body, ""), Code::malformed);
}

TEST(Word, DistancesAreReadInBothForms) {
  EXPECT_EQ(must(expand_deltas("1 g 3 2.5 4", 99)), (std::vector<double>{1, 2.5, 2.5, 2.5, 4}));
  EXPECT_EQ(must(expand_deltas("g 1000000 1", 5)).size(), 5U);
  EXPECT_TRUE(must(expand_deltas("", 5)).empty());
  EXPECT_ERROR(expand_deltas("g 3", 5), Code::malformed);
  EXPECT_ERROR(expand_deltas("g x 1", 5), Code::malformed);
  EXPECT_ERROR(expand_deltas("one", 5), Code::malformed);
}

}  // namespace
}  // namespace heqi::documents::ofd
