// A seal across the edges of a PDF's pages: from heqi sign and heqi pdf fields to the drawn pages.
#include "twin_world.h"

namespace heqi::program {
namespace {

constexpr int kDpi = 127;  // five pixels to the millimetre
constexpr double kPixelMm = 25.4 / kDpi;
constexpr int kPages = 3;

bool is_red(const Picture& picture, std::uint32_t x, std::uint32_t y) {
  const std::uint8_t* p = &picture.rgba[(std::size_t{y} * picture.width + x) * 4];
  return p[0] > 150 && p[1] < 120 && p[2] < 120;
}

// red_between counts the red pixels of the columns from one place to another, in millimetres.
double red_between(const Picture& picture, double from, double to) {
  double count = 0;
  for (std::uint32_t x = 0; x < picture.width; ++x) {
    const double middle = (x + 0.5) * kPixelMm;
    if (middle < from || middle >= to) continue;
    for (std::uint32_t y = 0; y < picture.height; ++y) count += is_red(picture, x, y) ? 1 : 0;
  }
  return count;
}

struct SeamPdf : public TwinWorld {
  void SetUp() override {
    write(at("root.pem"), x509::to_pem(desk.authority.root().certificate));
    make_seal();
  }
  // judge is whether a file holds; the time of its signatures is their word.
  Ran judge(const std::string& file) {
    return run(run_verify, {"--trust", at("root.pem"), "--json", file});
  }
};

// What the pages show side by side is what the seal shows in one piece.
// shows-part: ECP-SEAL-4 (PDF: across page edges)
TEST_F(SeamPdf, SlicesTogetherAreTheSeal) {
  const Ran whole = seal_with(lease, at("whole.pdf"), {"--box", "1:150,128.5"});
  ASSERT_EQ(whole.code, 0) << whole.error;
  const Picture seal = rendered(at("whole.pdf"), 1, kDpi);
  for (const std::string edge : {"right", "left"}) {
    SCOPED_TRACE(edge);
    const Ran ran = seal_with(lease, at("out.pdf"), {"--seam", edge});
    ASSERT_EQ(ran.code, 0) << ran.error;
    const Ran verdict = judge(at("out.pdf"));
    EXPECT_EQ(verdict.code, 0) << verdict.out;
    const double width = 40.0 / kPages;
    for (int page = 0; page < kPages; ++page) {
      SCOPED_TRACE(page);
      const Picture drawn = rendered(at("out.pdf"), page + 1, kDpi);
      const Area area = red_area(drawn, kDpi);
      EXPECT_NEAR(edge == "right" ? area.x1 : area.x0, edge == "right" ? 210 : 0, 2 * kPixelMm);
      EXPECT_NEAR(area.x1 - area.x0, width, 3 * kPixelMm);
      EXPECT_NEAR((area.y0 + area.y1) / 2, 297 / 2.0, 2 * kPixelMm);
      const int slice = edge == "right" ? page : kPages - 1 - page;
      const double expected = red_between(seal, 150 + slice * width, 150 + (slice + 1) * width);
      EXPECT_NEAR(red_between(drawn, 0, 211), expected, 0.05 * expected);
    }
  }
}

// Every party's slices are prepared before anyone signs; a seal may also stand whole beside them.
TEST_F(SeamPdf, FieldsOfAllPartiesAreFilledInTurn) {
  const Ran made = run(run_pdf, {"fields", lease, "lessor=right:0.2,40,40",
                                 "lessee=3:20,240,40,40+right:0.6", "--out", at("0.pdf")});
  ASSERT_EQ(made.code, 0) << made.error;
  ASSERT_EQ(seal_with(at("0.pdf"), at("1.pdf"), {"--field", "lessor", "--certify", "2"}).code, 0);
  ASSERT_EQ(seal_with(at("1.pdf"), at("2.pdf"), {"--field", "lessee"}).code, 0);
  const Ran verdict = judge(at("2.pdf"));
  EXPECT_EQ(verdict.code, 0) << verdict.out;
  const Area area = red_area(rendered(at("2.pdf"), 3, kDpi), kDpi);
  EXPECT_NEAR(area.x0, 20, 2 * kPixelMm);  // the whole seal
  EXPECT_NEAR(area.x1, 210, 2 * kPixelMm);
  EXPECT_NEAR(area.y1, 280, 2 * kPixelMm);
  const Area middle = red_area(rendered(at("2.pdf"), 2, kDpi), kDpi);  // where slices are highest
  EXPECT_NEAR(middle.y0, 297 * 0.2 - 20, 2 * kPixelMm);
  EXPECT_NEAR(middle.y1, 297 * 0.6 + 20, 2 * kPixelMm);
  EXPECT_EQ(run(run_pdf, {"lint", at("0.pdf")}).code, run(run_pdf, {"lint", lease}).code);
}

TEST_F(SeamPdf, IsRefusedWhereItCannotBe) {
  const auto refused = [&](const std::string& from, const std::vector<std::string>& where) {
    return seal_with(from, at("b.pdf"), where).code != 0 &&
           !base::read_file(at("b.pdf"), 1 << 24).has_value();
  };
  EXPECT_TRUE(refused(lease, {"--seam", "top"}));
  EXPECT_TRUE(refused(lease, {"--seam", "right:1.5"}));
  EXPECT_TRUE(refused(lease, {"--seam", "right:0.5mm"}));
  EXPECT_TRUE(refused(lease, {"--seam", "right:0.01"}));  // leaves the page
  ASSERT_EQ(run(run_pdf, {"fields", lease, "a=right,40,40", "b=right:0.2,30,40", "c=1:20,20,40,40",
                          "--out", at("ready.pdf")})
                .code,
            0);
  EXPECT_TRUE(refused(at("ready.pdf"), {"--seam", "right"}));  // the field has its place
  EXPECT_TRUE(refused(at("ready.pdf"), {"--field", "b"}));     // made for another seal
  const auto no_fields = [&](const std::string& field) {
    return run(run_pdf, {"fields", lease, field, "--out", at("b.pdf")}).code != 0;
  };
  EXPECT_TRUE(no_fields("a=right"));
  EXPECT_TRUE(no_fields("a=right,40"));
  EXPECT_TRUE(no_fields("a=top,40,40"));
  EXPECT_TRUE(no_fields("a=right,40,40,40"));
  EXPECT_TRUE(no_fields("a=1:20,20,40,40+top"));
  EXPECT_TRUE(no_fields("=right,40,40"));
  // A picture of one piece is not put into slices.
  const base::SecretBytes der = x509::encode_private_key(desk.alice.sm2->key());
  write(at("alice.key"), base::to_pem("PRIVATE KEY", der.expose()));
  write(at("alice.pem"), x509::to_pem(desk.alice.certificate));
  EXPECT_NE(run(run_sign, {"--key", at("alice.key"), "--certificate", at("alice.pem"), "--field",
                           "a", "--out", at("b.pdf"), at("ready.pdf")})
                .code,
            0);
  EXPECT_NE(run(run_sign, {"--key", at("alice.key"), "--certificate", at("alice.pem"), "--seam",
                           "right", "--out", at("b.pdf"), lease})
                .code,
            0);
}

}  // namespace
}  // namespace heqi::program
