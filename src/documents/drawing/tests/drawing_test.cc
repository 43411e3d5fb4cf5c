#include <heqi/documents/appearance/compress.h>
#include <heqi/documents/drawing/canvas.h>
#include <heqi/documents/drawing/seal_picture.h>
#include <heqi/testing/expect.h>

#include <functional>

#include <cmath>

namespace heqi::documents::drawing {
namespace {

using base::Code;

Canvas blank(std::uint32_t width = 100, std::uint32_t height = 100) {
  auto made = Canvas::make(width, height, {255, 255, 255, 0});
  HEQI_CHECK(made.has_value());
  return *std::move(made);
}

std::uint8_t alpha_at(const Picture& picture, std::uint32_t x, std::uint32_t y) {
  return picture.rgba[(std::size_t{y} * picture.width + x) * 4 + 3];
}

// inked is the area that is drawn on, in pixels.
double inked(const Picture& picture) {
  double out = 0;
  for (std::size_t i = 3; i < picture.rgba.size(); i += 4) out += picture.rgba[i] / 255.0;
  return out;
}

TEST(Canvas, FillsExactlyWhatIsInside) {
  Canvas canvas = blank();
  EXPECT_OK(canvas.fill(rectangle(10, 20, 30, 40), {1, 2, 3, 255}, FillRule::non_zero));
  EXPECT_NEAR(inked(canvas.picture()), 1200, 0.5);
  EXPECT_EQ(alpha_at(canvas.picture(), 10, 20), 255);
  EXPECT_EQ(alpha_at(canvas.picture(), 9, 20), 0);
  EXPECT_EQ(alpha_at(canvas.picture(), 39, 59), 255);
  EXPECT_EQ(alpha_at(canvas.picture(), 40, 60), 0);
}

TEST(Canvas, FillsByTheRuleThatIsAsked) {
  Path rings = rectangle(10, 10, 60, 60);
  rings.add(rectangle(20, 20, 40, 40));
  Canvas solid = blank(), hollow = blank();
  EXPECT_OK(solid.fill(rings, {0, 0, 0, 255}, FillRule::non_zero));
  EXPECT_OK(hollow.fill(rings, {0, 0, 0, 255}, FillRule::even_odd));
  EXPECT_NEAR(inked(solid.picture()), 3600, 1);
  EXPECT_NEAR(inked(hollow.picture()), 2000, 1);
}

TEST(Canvas, ClipsBothFillsAndPictures) {
  Canvas canvas = blank();
  const auto mask = canvas.mask_of(rectangle(0, 0, 50, 100), FillRule::non_zero);
  ASSERT_OK(mask);
  EXPECT_OK(canvas.fill(rectangle(40, 0, 20, 10), {0, 0, 0, 255}, FillRule::non_zero, &*mask));
  EXPECT_NEAR(inked(canvas.picture()), 100, 0.5);
  const Picture dot{1, 1, {255, 0, 0, 255}};
  canvas.draw(dot, {20, 0, 0, 20, 40, 50}, 255, &*mask);
  EXPECT_NEAR(inked(canvas.picture()), 300, 0.5);
}

TEST(Canvas, DrawsPicturesWhereTheMatrixPutsThem) {
  const Picture halves{2, 1, {255, 0, 0, 255, 0, 0, 255, 255}};
  Canvas canvas = blank();
  canvas.draw(halves, {40, 0, 0, 20, 10, 10}, 255);
  EXPECT_EQ(canvas.picture().rgba[(15 * 100 + 12) * 4], 255);
  EXPECT_EQ(canvas.picture().rgba[(15 * 100 + 47) * 4 + 2], 255);
  EXPECT_NEAR(inked(canvas.picture()), 800, 1);
  Canvas turned_canvas = blank();
  turned_canvas.draw(halves, {0, 40, 20, 0, 10, 10}, 128);  // x runs downwards
  EXPECT_EQ(turned_canvas.picture().rgba[(12 * 100 + 15) * 4], 255);
  EXPECT_EQ(alpha_at(turned_canvas.picture(), 15, 12), 128);
}

TEST(Canvas, FillsWhatReachesFarBeyondIt) {
  Canvas canvas = blank();
  EXPECT_OK(canvas.fill(rectangle(-1e9, 50, 2e9, 1e9), {0, 0, 0, 255}, FillRule::non_zero));
  EXPECT_NEAR(inked(canvas.picture()), 5000, 1);
}

TEST(Canvas, RefusesWhatIsTooLarge) {
  EXPECT_ERROR(Canvas::make(0, 1, {}), Code::malformed);
  EXPECT_ERROR(Canvas::make(kCanvasSideMax + 1, 1, {}), Code::limit_exceeded);
  EXPECT_ERROR(Canvas::make(16'000, 16'000, {}), Code::limit_exceeded);
  Path endless;
  for (std::size_t i = 0; i <= kPathPointsMax; ++i)
    i == 0 ? endless.move_to({0, 0}) : endless.line_to({double(i % 90), double(i % 80)});
  Canvas canvas = blank();
  EXPECT_ERROR(canvas.fill(endless.close(), {0, 0, 0, 255}, FillRule::non_zero),
               Code::limit_exceeded);
  EXPECT_ERROR(stroked(endless, {.width = 2}), Code::limit_exceeded);
}

TEST(Stroke, HasTheWidthAskedFor) {
  Path line;
  line.move_to({10, 50}).line_to({90, 50});
  const auto area = [&](const Stroke& stroke) {
    Canvas canvas = blank();
    const auto outline = stroked(line, stroke);
    EXPECT_OK(outline);
    EXPECT_OK(canvas.fill(*outline, {0, 0, 0, 255}, FillRule::non_zero));
    return inked(canvas.picture());
  };
  EXPECT_NEAR(area({.width = 4}), 320, 2);
  EXPECT_NEAR(area({.width = 4, .cap = Stroke::Cap::square}), 336, 2);
  EXPECT_NEAR(area({.width = 4, .cap = Stroke::Cap::round}), 332.6, 2);
  EXPECT_NEAR(area({.width = 4, .dashes = {10, 10}}), 160, 3);
  EXPECT_NEAR(area({.width = 4, .dashes = {10, 10}, .dash_offset = 5}), 160, 3);
  EXPECT_NEAR(area({.width = 4, .dashes = {0, 0}}), 320, 3);
  EXPECT_EQ(area({.width = 0}), 0);
}

TEST(Path, DrawsArcsAsTheStandardSays) {
  Path quarter;
  quarter.move_to({90, 50}).arc_to({40, 40, 0, false, true}, {50, 90}).line_to({50, 50}).close();
  Canvas canvas = blank();
  EXPECT_OK(canvas.fill(quarter, {0, 0, 0, 255}, FillRule::non_zero));
  EXPECT_NEAR(inked(canvas.picture()), M_PI * 400, 3);
  EXPECT_EQ(alpha_at(canvas.picture(), 75, 75), 255);
  Path large;
  large.move_to({90, 50}).arc_to({40, 40, 0, true, false}, {50, 90}).line_to({50, 50}).close();
  Canvas other = blank();
  EXPECT_OK(other.fill(large, {0, 0, 0, 255}, FillRule::non_zero));
  EXPECT_NEAR(inked(other.picture()), M_PI * 1200, 6);
}

TEST(Png, IsReadBackAsItWasWritten) {
  Canvas canvas = blank(37, 11);
  EXPECT_OK(canvas.fill(ellipse({20, 5}, 9, 4), {200, 10, 30, 180}, FillRule::non_zero));
  const auto read = appearance::parse_png(encode_png(canvas.picture(), 10));
  ASSERT_OK(read);
  EXPECT_EQ(read->rgba, canvas.picture().rgba);
  const auto quick = appearance::parse_png(encode_png(canvas.picture(), 10, Effort::quick));
  ASSERT_OK(quick);
  EXPECT_EQ(quick->rgba, canvas.picture().rgba);
}

// png_of writes a PNG of one row of pixels, of any kind.
base::Bytes png_of(std::uint8_t depth, std::uint8_t kind, std::uint32_t width,
                   const base::Bytes& row,
                   const std::vector<std::pair<std::string, base::Bytes>>& more = {}) {
  base::Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  const auto put32 = [](base::Bytes& to, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
      to.push_back(static_cast<std::uint8_t>(value >> shift & 0xFF));
  };
  const auto chunk = [&](std::string_view type, const base::Bytes& data) {
    put32(out, static_cast<std::uint32_t>(data.size()));
    const base::Bytes body = base::concat({base::bytes_of(type), data});
    base::append(out, body);
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::uint8_t octet : body) {
      crc ^= octet;
      for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
    }
    put32(out, ~crc);
  };
  base::Bytes header;
  put32(header, width), put32(header, 1);
  base::append(header, base::Bytes{depth, kind, 0, 0, 0});
  chunk("IHDR", header);
  for (const auto& [type, data] : more) chunk(type, data);
  chunk("IDAT", appearance::compress(base::concat({base::Bytes{0}, row})));
  chunk("IEND", {});
  return out;
}

TEST(Png, OfEveryKindIsRead) {
  const auto rgba = [](const base::Bytes& png) {
    const auto read = decode_png(png);
    EXPECT_OK(read);
    return read ? read->rgba : base::Bytes();
  };
  using base::Bytes;
  EXPECT_EQ(rgba(png_of(1, 0, 2, {0x40})), (Bytes{0, 0, 0, 255, 255, 255, 255, 255}));
  EXPECT_EQ(rgba(png_of(4, 0, 2, {0x0F})), (Bytes{0, 0, 0, 255, 255, 255, 255, 255}));
  EXPECT_EQ(rgba(png_of(16, 0, 1, {0xFF, 0xFF})), (Bytes{255, 255, 255, 255}));
  EXPECT_EQ(rgba(png_of(8, 2, 1, {1, 2, 3})), (Bytes{1, 2, 3, 255}));
  EXPECT_EQ(rgba(png_of(8, 2, 1, {1, 2, 3}, {{"tRNS", {0, 1, 0, 2, 0, 3}}})), (Bytes{1, 2, 3, 0}));
  EXPECT_EQ(rgba(png_of(2, 3, 2, {0x10}, {{"PLTE", {9, 8, 7, 6, 5, 4}}, {"tRNS", {77}}})),
            (Bytes{9, 8, 7, 77, 6, 5, 4, 255}));
  EXPECT_EQ(rgba(png_of(8, 4, 1, {5, 6})), (Bytes{5, 5, 5, 6}));
  EXPECT_EQ(rgba(png_of(16, 6, 1, {0x80, 0, 0x81, 0, 0x82, 0, 0x83, 0})),
            (Bytes{0x7F, 0x80, 0x81, 0x82}));
}

TEST(Png, ThatIsBrokenIsRefused) {
  EXPECT_ERROR(decode_png({}), Code::malformed);
  EXPECT_ERROR(decode_png(png_of(8, 3, 1, {0})), Code::malformed);  // no palette
  EXPECT_ERROR(decode_png(png_of(3, 0, 1, {0})), Code::malformed);
  EXPECT_ERROR(decode_png(png_of(8, 5, 1, {0})), Code::malformed);
  EXPECT_ERROR(decode_png(png_of(8, 2, 2, {1, 2, 3})), Code::malformed);  // half a row
  EXPECT_ERROR(decode_png(png_of(8, 0, 9000, {1})), Code::limit_exceeded);
  base::Bytes png = png_of(8, 2, 1, {1, 2, 3});
  for (std::size_t size = 0; size < png.size(); ++size)
    EXPECT_FALSE(decode_png(base::ByteView(png).first(size)).has_value()) << size;
  png[45] ^= 1;
  EXPECT_ERROR(decode_png(png), Code::malformed);
}

class SealPicture : public ::testing::Test {
 protected:
  void SetUp() override {
    auto song = Typeface::open_style(Style::song);
    if (!song) GTEST_SKIP() << "no Chinese font here: ./dev packages build installs fonts-noto-cjk";
    typeface_ = *std::move(song);
  }
  Picture draw(const SealDesign& design) {
    auto drawn = draw_seal(design, *typeface_);
    EXPECT_OK(drawn);
    return drawn ? *std::move(drawn) : Picture{};
  }
  SealDesign company() const {
    SealDesign out;
    out.name = "合契科技（北京）有限公司", out.caption = "合同专用章", out.code = "1101080000001";
    out.pixels_per_mm = 10;
    return out;
  }
  std::optional<Typeface> typeface_;
};

// shows-part: ECP-SEAL-1b (the picture; seal/tests shows that the seal around it is signed)
TEST_F(SealPicture, OfACompanyIsRoundWithAStarAndExactlyAsLargeAsAsked) {
  const Picture picture = draw(company());
  EXPECT_EQ(picture.width, 400U);
  EXPECT_EQ(picture.height, 400U);
  EXPECT_EQ(alpha_at(picture, 0, 0), 0);        // corners are clear
  EXPECT_EQ(alpha_at(picture, 200, 5), 255);    // the border
  EXPECT_EQ(alpha_at(picture, 200, 18), 0);     // inside of it
  EXPECT_EQ(alpha_at(picture, 200, 200), 255);  // the star
  // A star points up: ink above the centre at 0.3 of the radius, none as far below.
  EXPECT_EQ(alpha_at(picture, 200, 200 - 60), 255);
  EXPECT_EQ(alpha_at(picture, 200, 200 + 60), 0);
  EXPECT_EQ(draw(company()).rgba, picture.rgba);
}

TEST_F(SealPicture, ShowsEachTextThatIsGiven) {
  const double whole = inked(draw(company()));
  SealDesign less = company();
  less.code.clear();
  EXPECT_NE(inked(draw(less)), whole);
  less = company(), less.caption.clear();
  EXPECT_LT(inked(draw(less)), whole - 100);
  less = company(), less.name = "合契";
  EXPECT_LT(inked(draw(less)), whole - 500);
}

TEST_F(SealPicture, ComesOvalAndSquareToo) {
  SealDesign oval = company();
  oval.shape = SealShape::oval, oval.width_mm = 45, oval.height_mm = 30, oval.code.clear();
  const Picture drawn = draw(oval);
  EXPECT_EQ(drawn.width, 450U);
  EXPECT_EQ(drawn.height, 300U);
  SealDesign square;
  square.shape = SealShape::square, square.name = "张三丰";
  square.width_mm = square.height_mm = 20, square.border_mm = 0.8, square.pixels_per_mm = 10;
  const Picture personal = draw(square);
  EXPECT_EQ(alpha_at(personal, 3, 100), 255);
  // Read from the right: of 张三丰印 the second character (three strokes) stands at the lower
  // right, and the last one (many strokes) at the lower left.
  const auto quarter = [&](std::uint32_t x0, std::uint32_t y0) {
    double ink = 0;
    for (std::uint32_t y = y0; y < y0 + 80; ++y)
      for (std::uint32_t x = x0; x < x0 + 80; ++x) ink += alpha_at(personal, x, y) / 255.0;
    return ink;
  };
  EXPECT_LT(quarter(105, 105), quarter(15, 105));
  EXPECT_GT(quarter(105, 15), quarter(105, 105));
}

TEST_F(SealPicture, WearsAsMuchAsAsked) {
  const double fresh = inked(draw(company()));
  SealDesign worn = company();
  worn.wear = 0.4;
  const double some = inked(draw(worn));
  worn.wear = 1;
  const double much = inked(draw(worn));
  EXPECT_LT(some, fresh);
  EXPECT_LT(much, some);
  EXPECT_GT(much, fresh * 0.2);
}

TEST_F(SealPicture, IsNotDrawnFromWhatCannotBe) {
  const std::vector<std::function<void(SealDesign&)>> faults = {
      [](SealDesign& one) { one.name.clear(); },
      [](SealDesign& one) { one.name = std::string(41, 'a'); },
      [](SealDesign& one) { one.code = std::string(25, '1'); },
      [](SealDesign& one) { one.width_mm = 4; },
      [](SealDesign& one) { one.height_mm = 101; },
      [](SealDesign& one) { one.height_mm = std::nan(""); },
      [](SealDesign& one) { one.border_mm = 0; },
      [](SealDesign& one) { one.border_mm = 6; },
      [](SealDesign& one) { one.wear = 1.1; },
      [](SealDesign& one) { one.pixels_per_mm = 0; },
      [](SealDesign& one) { one.shape = SealShape::square, one.name = "一二三四五六七八九十"; },
  };
  for (std::size_t i = 0; i < faults.size(); ++i) {
    SCOPED_TRACE(i);
    SealDesign design = company();
    faults[i](design);
    EXPECT_ERROR(draw_seal(design, *typeface_), Code::malformed);
  }
  SealDesign unknown = company();
  unknown.name = "\U0001F600";
  EXPECT_ERROR(draw_seal(unknown, *typeface_), Code::unsupported);
}

// shows-part: ECP-SEAL-1 (the picture; seal/tests shows that the seal around it is signed)
TEST(UploadedSeal, LosesItsWhiteGroundAndKeepsItsInk) {
  Picture photo{3, 1, {252, 250, 249, 255, 200, 30, 40, 255, 40, 40, 40, 255}};
  const Picture clear = with_clear_ground(photo);
  EXPECT_EQ(clear.rgba[3], 0);
  EXPECT_EQ(clear.rgba[7], 255);
  EXPECT_EQ(clear.rgba[11], 255);
}

TEST(Typeface, ThatIsNoneIsRefused) {
  EXPECT_ERROR(Typeface::of({}), Code::malformed);
  EXPECT_ERROR(Typeface::of(base::to_bytes("no font at all")), Code::malformed);
  EXPECT_FALSE(Typeface::open("/nowhere.ttf").has_value());
  EXPECT_EQ(style_of("黑体"), Style::hei);
  EXPECT_EQ(style_of("宋体"), Style::song);
  EXPECT_EQ(characters_of("a\xff\xe4\xbd\xa0\xe4"), U"a\uFFFD你\uFFFD");
}

}  // namespace
}  // namespace heqi::documents::drawing
