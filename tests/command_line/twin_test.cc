// One contract as PDF and as OFD, one seal on both: two renderers, ours and poppler, show the same.
#include "twin_world.h"

namespace heqi::program {
namespace {

constexpr int kDpi = 150;

struct Twins : public TwinWorld {};

// shows-part: ECP-SEAL-4 (place of the seal in our renderer and in poppler)
TEST_F(Twins, ShowOneSealAtTheSamePlace) {
  if (shell("pdftoppm -v") != 0) GTEST_SKIP() << "no pdftoppm: ./dev packages test installs it";
  ASSERT_EQ(twin(lease).code, 0);
  make_seal();
  const std::string box = "1:120.5,200.25,40,40";
  const Ran pdf = seal_at(lease, at("sealed.pdf"), box);
  ASSERT_EQ(pdf.code, 0) << pdf.error;
  const Ran other = seal_at(at("lease.ofd"), at("sealed.ofd"), box);
  ASSERT_EQ(other.code, 0) << other.error;
  const Area a = red_area(rendered(at("sealed.ofd"), 1, kDpi), kDpi),
             b = red_area(rendered(at("sealed.pdf"), 1, kDpi), kDpi);
  EXPECT_NEAR(a.x0, 120.5, 0.3);
  EXPECT_NEAR(a.y0, 200.25, 0.3);
  EXPECT_NEAR(a.x1, 160.5, 0.3);
  EXPECT_NEAR(a.x0, b.x0, 0.3);
  EXPECT_NEAR(a.y0, b.y0, 0.3);
  EXPECT_NEAR(a.x1, b.x1, 0.3);
  EXPECT_NEAR(a.y1, b.y1, 0.3);
}

TEST_F(Twins, KeepEveryLetterAndAreTheSameEachTime) {
  ASSERT_EQ(twin(lease).code, 0);
  const Bytes first = must(base::read_file(at("lease.ofd"), 1 << 24));
  ASSERT_EQ(twin(lease).code, 0);
  EXPECT_EQ(must(base::read_file(at("lease.ofd"), 1 << 24)), first);
  const ofd::Package package = must(ofd::Package::open(first));
  const auto bodies = must(ofd::read_bodies(package));
  EXPECT_FALSE(must(ofd::find_text(package, bodies[0], "柒仟捌佰元整")).empty());
  EXPECT_FALSE(must(ofd::find_text(package, bodies[0], "房屋租赁合同")).empty());
}

TEST_F(Twins, AreRefusedForWhatTemplatesDoNotMake) {
  make_seal();
  ASSERT_EQ(seal_at(lease, at("sealed.pdf"), "1:20,20,40,40").code, 0);
  const Ran sealed = twin(at("sealed.pdf"));
  EXPECT_EQ(sealed.code, 1);
  EXPECT_NE(sealed.error.find("annotations"), std::string::npos) << sealed.error;
  EXPECT_EQ(twin(HEQI_EXAMPLES "/lease.ofd").code, 1);
  EXPECT_EQ(twin(at("none.pdf")).code, 1);
  EXPECT_EQ(shell("test -e " + at("lease.ofd")), 1);
  EXPECT_EQ(run(run_ofd, {"twin", lease}).code, 2);
  EXPECT_EQ(run(run_ofd, {"turn"}).code, 2);
}

}  // namespace
}  // namespace heqi::program
