// Where heqi sign puts seals on the pages of an OFD, seen in the drawn pages.
#include <heqi/documents/ofd/make.h>

#include "twin_world.h"

namespace heqi::program {
namespace {

constexpr int kDpi = 75;
constexpr double kPixelMm = 25.4 / kDpi;
constexpr int kPages = 3;

struct SealPlaces : public TwinWorld {
  void SetUp() override {
    ofd::NewDocument document;
    document.title = "合同";
    for (int i = 0; i < kPages; ++i)
      document.pages.push_back({210, 297, {{60, 160, 4, "甲方（盖章）："}}, {}, {}});
    write(at("a.ofd"), base::text_of(must(ofd::make_document(document))));
    write(at("root.pem"), x509::to_pem(desk.authority.root().certificate));
    make_seal();
  }
  // areas_of seals, sees that the seal holds, and gives where each page is red.
  std::vector<Area> areas_of(const std::vector<std::string>& where) {
    const Ran done = seal_with(at("a.ofd"), at("b.ofd"), where);
    EXPECT_EQ(done.code, 0) << done.error;
    const Ran verdict = run(run_verify, {"--trust", at("root.pem"), "--json", at("b.ofd")});
    EXPECT_NE(verdict.out.find("\"seal\":\"valid\""), std::string::npos) << verdict.out;
    std::vector<Area> out;
    for (int page = 1; page <= kPages; ++page)
      out.push_back(red_area(rendered(at("b.ofd"), page, kDpi), kDpi));
    return out;
  }
};

void expect_area(const Area& area, double x0, double y0, double x1, double y1) {
  EXPECT_NEAR(area.x0, x0, kPixelMm);
  EXPECT_NEAR(area.y0, y0, kPixelMm);
  EXPECT_NEAR(area.x1, x1, kPixelMm);
  EXPECT_NEAR(area.y1, y1, kPixelMm);
}

// shows: ECP-SEAL-4
TEST_F(SealPlaces, AreByCoordinatesByWordAcrossEdgesAndOnSeveralPages) {
  const std::vector<Area> place = areas_of({"--box", "2:100.5,50.25,40,40"});
  expect_area(place[1], 100.5, 50.25, 140.5, 90.25);
  EXPECT_LT(place[0].x1, 0);
  EXPECT_LT(place[2].x1, 0);

  for (const Area& area : areas_of({"--word", "（盖章）"})) {  // on every page, in its middle
    EXPECT_NEAR((area.x0 + area.x1) / 2, 60 + 4 * 4, 1);
    EXPECT_NEAR((area.y0 + area.y1) / 2, 160 - 2, 3);
    EXPECT_NEAR(area.x1 - area.x0, 40, 2 * kPixelMm);
  }

  for (const std::string edge : {"right", "left"}) {
    SCOPED_TRACE(edge);
    double sum = 0;
    for (const Area& area : areas_of({"--seam", edge})) {
      EXPECT_NEAR(edge == "right" ? area.x1 : area.x0, edge == "right" ? 210 : 0, kPixelMm);
      EXPECT_NEAR((area.y0 + area.y1) / 2, 297 / 2.0, kPixelMm);
      sum += area.x1 - area.x0;
    }
    EXPECT_NEAR(sum, 40, kPages * kPixelMm);
  }
}

TEST_F(SealPlaces, ThatAreNotThereAreRefused) {
  EXPECT_EQ(seal_with(at("a.ofd"), at("b.ofd"), {"--box", "4:20,20,40,40"}).code, 1);
  EXPECT_EQ(seal_with(at("a.ofd"), at("b.ofd"), {"--word", "乙方（盖章）"}).code, 1);
  EXPECT_EQ(seal_with(at("a.ofd"), at("b.ofd"), {"--seam", "top"}).code, 1);
  EXPECT_FALSE(base::read_file(at("b.ofd"), 1 << 24).has_value());
}

}  // namespace
}  // namespace heqi::program
