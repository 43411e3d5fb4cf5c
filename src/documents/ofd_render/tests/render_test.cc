#include <heqi/documents/drawing/seal_picture.h>
#include <heqi/documents/ofd/seam.h>
#include <heqi/documents/ofd_render/render.h>

#include <cmath>

#include "../../ofd/tests/ofd_world.h"

namespace heqi::documents::ofd_render {
namespace {

using namespace ofd;
using drawing::Picture;

constexpr double kPixels = 10;  // to the millimetre

Picture drawn(ByteView file, std::size_t page = 0, double pixels = kPixels) {
  const Package package = must(Package::open(file));
  const std::vector<Body> bodies = must(read_bodies(package));
  return must(to_picture(must(read_scene(package, bodies[0], page)), pixels));
}

struct Area {
  double x0 = 1e9, y0 = 1e9, x1 = -1, y1 = -1;  // millimetres
  double inked = 0;                             // square millimetres
};
// area_of is where pixels are that choose takes.
Area area_of(const Picture& picture, const std::function<bool(const std::uint8_t*)>& choose) {
  Area out;
  for (std::uint32_t y = 0; y < picture.height; ++y)
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      if (!choose(&picture.rgba[(std::size_t{y} * picture.width + x) * 4])) continue;
      out.x0 = std::min(out.x0, x / kPixels), out.x1 = std::max(out.x1, (x + 1) / kPixels);
      out.y0 = std::min(out.y0, y / kPixels), out.y1 = std::max(out.y1, (y + 1) / kPixels);
      out.inked += 1 / (kPixels * kPixels);
    }
  return out;
}
bool is_red(const std::uint8_t* p) {
  return p[0] > 150 && p[1] < 120 && p[2] < 120;
}
bool is_dark(const std::uint8_t* p) {
  return p[0] < 128 && p[1] < 128 && p[2] < 128;
}

// page_of is a document of one page of 100 by 100 mm with these objects.
Bytes page_of(const std::string& objects, const std::string& around = "") {
  NewDocument wish;
  wish.title = "x";
  wish.pages = {{100, 100, {}, {}, {}}};
  const Bytes file = must(make_document(wish));
  const std::string page =
      "<ofd:Page xmlns:ofd=\"http://www.ofdspec.org/2016\"><ofd:Area><ofd:PhysicalBox>0 0 100 "
      "100</ofd:PhysicalBox></ofd:Area>" +
      around + "<ofd:Content><ofd:Layer ID=\"9\">" + objects +
      "</ofd:Layer></ofd:Content></ofd:Page>";
  return with(file, {{"Doc_0/Pages/Page_0/Content.xml", base::to_bytes(page)}});
}

std::string filled(const std::string& boundary, const std::string& data,
                   const std::string& more = "", const std::string& inside = "") {
  return "<ofd:PathObject Boundary=\"" + boundary + "\" Fill=\"true\" Stroke=\"false\" " + more +
         ">" + inside + "<ofd:AbbreviatedData>" + data + "</ofd:AbbreviatedData></ofd:PathObject>";
}
const std::string kSquare = "M 0 0 L 20 0 L 20 20 L 0 20 C";

double dark(const Bytes& file) {
  return area_of(drawn(file), is_dark).inked;
}

TEST(Rendering, DrawsPathsWhereTheyStand) {
  const Area area = area_of(drawn(page_of(filled("30 40 20 20", kSquare))), is_dark);
  EXPECT_NEAR(area.x0, 30, 0.05);
  EXPECT_NEAR(area.y0, 40, 0.05);
  EXPECT_NEAR(area.x1, 50, 0.05);
  EXPECT_NEAR(area.inked, 400, 1);
}

TEST(Rendering, KnowsTheWholeLanguageOfPaths) {
  EXPECT_NEAR(dark(page_of(filled("30 40 20 20", kSquare, "CTM=\"0.5 0 0 2 0 0\""))), 400, 1);
  EXPECT_NEAR(dark(page_of(filled("10 10 80 80",
                                  "M 0 0 L 40 0 L 40 40 L 0 40 C M 10 10 L 30 10 L "
                                  "30 30 L 10 30 C",
                                  "Rule=\"Even-Odd\""))),
              1200, 2);
  EXPECT_NEAR(dark(page_of(filled("10 10 80 80", "M 40 0 A 20 20 0 1 1 40 40 A 20 20 0 1 1 40 0"))),
              M_PI * 400, 3);
  EXPECT_NEAR(dark(page_of(filled("10 10 80 80", "M 0 0 Q 20 40 40 0 C"))), 40 * 20 * 2.0 / 3, 3);
  EXPECT_NEAR(dark(page_of("<ofd:PathObject Boundary=\"10 10 80 80\" LineWidth=\"2\">"
                           "<ofd:AbbreviatedData>M 0 10 L 50 10</ofd:AbbreviatedData>"
                           "</ofd:PathObject>")),
              100, 1);
  EXPECT_EQ(dark(page_of(filled("30 40 20 20", kSquare, "Visible=\"false\""))), 0);
  EXPECT_EQ(dark(page_of(filled("30 40 20 20", kSquare, "Alpha=\"60\""))), 0);
  EXPECT_EQ(
      dark(page_of(filled("30 40 20 20", kSquare, "", "<ofd:FillColor Value=\"250 250 0\"/>"))), 0);
  EXPECT_NEAR(dark(page_of("<ofd:PageBlock ID=\"3\">" + filled("30 40 20 20", kSquare) +
                           "</ofd:PageBlock>")),
              400, 1);
}

TEST(Rendering, ClipsWhatIsToBeClipped) {
  const std::string clip =
      "<ofd:Clips><ofd:Clip><ofd:Area><ofd:Path Boundary=\"0 0 20 20\"><ofd:AbbreviatedData>M 0 0 "
      "L "
      "10 0 L 10 20 L 0 20 C</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips>";
  EXPECT_NEAR(dark(page_of(filled("30 40 20 20", kSquare, "", clip))), 200, 1);
}

TEST(Rendering, PutsTemplatesAndAnnotationsInTheirPlaces) {
  const Bytes plain = page_of(filled("10 10 20 20", kSquare),
                              "<ofd:Template TemplateID=\"77\" ZOrder=\"Background\"/>");
  const std::string layer = "<ofd:Page xmlns:ofd=\"x\"><ofd:Content><ofd:Layer>" +
                            filled("60 60 20 20", kSquare) +
                            "</ofd:Layer></ofd:Content></ofd:Page>";
  Bytes file = edited(plain, "Doc_0/Document.xml", "</ofd:CommonData>",
                      "<ofd:TemplatePage ID=\"77\" BaseLoc=\"Tpls/T/Content.xml\"/>"
                      "</ofd:CommonData>");
  file = with(file, {{"Doc_0/Tpls/T/Content.xml", base::to_bytes(layer)}});
  EXPECT_NEAR(area_of(drawn(file), is_dark).x1, 80, 0.05);
  const std::string id = must(read_bodies(must(Package::open(file))))[0].pages[0].id;
  file = edited(file, "Doc_0/Document.xml", "</ofd:Pages>",
                "</ofd:Pages><ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>");
  file =
      with(file,
           {{"Doc_0/Annots/Annotations.xml",
             base::to_bytes("<ofd:Annotations xmlns:ofd=\"x\"><ofd:Page PageID=\"" + id +
                            "\"><ofd:FileLoc>A.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>")},
            {"Doc_0/Annots/A.xml",
             base::to_bytes(
                 "<ofd:PageAnnot xmlns:ofd=\"x\"><ofd:Annot><ofd:Appearance Boundary=\"5 70 30 "
                 "30\">" +
                 filled("0 0 20 20", kSquare) + "</ofd:Appearance></ofd:Annot></ofd:PageAnnot>")}});
  const Area area = area_of(drawn(file), is_dark);
  EXPECT_NEAR(area.x0, 5, 0.05);
  EXPECT_NEAR(area.y1, 90, 0.05);
  EXPECT_NEAR(area.inked, 1200, 2);
}

TEST(Rendering, SaysWhatItDoesNotDraw) {
  const Bytes file = page_of(
      "<ofd:CompositeObject Boundary=\"0 0 1 1\"/>"
      "<ofd:ImageObject Boundary=\"0 0 1 1\" ResourceID=\"404\"/>" +
      filled("0 0 1 1", "M 0 X"));
  const Rendered page = must(render_page(file, {}));
  EXPECT_EQ(page.notes.size(), 3U);
  EXPECT_EQ(dark(file), 0);
}

TEST(Rendering, DrawsAPageWithoutItsTemplateAndSaysSo) {
  const Bytes plain = page_of(filled("10 10 20 20", kSquare), "<ofd:Template TemplateID=\"77\"/>");
  const Bytes file = edited(plain, "Doc_0/Document.xml", "</ofd:CommonData>",
                            "<ofd:TemplatePage ID=\"77\" BaseLoc=\"Tpls/None.xml\"/>"
                            "</ofd:CommonData>");
  EXPECT_NEAR(dark(file), 400, 1);
  EXPECT_EQ(must(render_page(file, {})).notes.size(), 1U);
}

std::string shaded(const std::string& shading) {
  return filled("10 10 80 80", "M 0 0 L 80 0 L 80 80 L 0 80 C", "",
                "<ofd:FillColor>" + shading + "</ofd:FillColor>");
}
const std::string kTwoColors =
    "<ofd:Segment Position=\"0\"><ofd:Color Value=\"0 0 0\"/></ofd:Segment>"
    "<ofd:Segment><ofd:Color Value=\"255 255 255\"/></ofd:Segment>";

// red_at is the red of a pixel, at a place in millimetres.
int red_at(const Picture& picture, double x, double y) {
  const auto column = static_cast<std::size_t>(x * kPixels),
             row = static_cast<std::size_t>(y * kPixels);
  return picture.rgba[(row * picture.width + column) * 4];
}

TEST(Rendering, ShadesAlongALineAndBetweenCircles) {
  const Picture axial =
      drawn(page_of(shaded("<ofd:AxialShd StartPoint=\"0 0\" EndPoint=\"40 0\" Extend=\"2\">" +
                           kTwoColors + "</ofd:AxialShd>")));
  EXPECT_NEAR(red_at(axial, 30, 50), 127, 3);
  EXPECT_NEAR(red_at(axial, 20, 80), 64, 3);
  EXPECT_EQ(red_at(axial, 70, 50), 255);
  const Bytes file =
      page_of(shaded("<ofd:RadialShd StartPoint=\"40 40\" StartRadius=\"0\" EndPoint=\"40 40\" "
                     "EndRadius=\"30\" Eccentricity=\"0.8\" Angle=\"90\">" +
                     kTwoColors + "</ofd:RadialShd>"));
  const Picture radial = drawn(file);
  EXPECT_NEAR(red_at(radial, 50, 65), 127, 3);  // the longer half stands upright
  EXPECT_NEAR(red_at(radial, 59, 50), 127, 3);
  EXPECT_TRUE(must(render_page(file, {})).notes.empty());
}

TEST(Rendering, RepeatsAShadingByItsUnit) {
  const Picture waves = drawn(page_of(shaded(
      "<ofd:AxialShd StartPoint=\"0 0\" EndPoint=\"80 0\" MapType=\"Reflect\" MapUnit=\"20\">" +
      kTwoColors + "</ofd:AxialShd>")));
  for (const double x : {20.0, 40.0, 60.0, 80.0}) EXPECT_NEAR(red_at(waves, x, 50), 127, 4) << x;
  EXPECT_GT(red_at(waves, 30, 50), 250);
  EXPECT_LT(red_at(waves, 50, 50), 5);
}

TEST(Rendering, WritesShadingsIntoSvgToo) {
  const Bytes file = page_of(shaded("<ofd:AxialShd StartPoint=\"0 0\" EndPoint=\"40 0\">" +
                                    kTwoColors + "</ofd:AxialShd>"));
  const Rendered svg = must(render_page(file, {.output = Output::svg}));
  const std::string text(base::text_of(svg.octets));
  EXPECT_NE(text.find("<linearGradient id=\"s0\""), std::string::npos);
  EXPECT_NE(text.find("fill=\"url(#s0)\""), std::string::npos);
  EXPECT_OK(parse_xml(svg.octets));
}

TEST(Rendering, NamesShadingsThatItCannotDraw) {
  for (const std::string& shading :
       {std::string("<ofd:GouraudShd/>"), "<ofd:AxialShd>" + kTwoColors + "</ofd:AxialShd>",
        std::string("<ofd:AxialShd StartPoint=\"0 0\" EndPoint=\"1 0\"/>"),
        std::string("<ofd:Pattern Width=\"1\" Height=\"1\"/>")})
    EXPECT_EQ(must(render_page(page_of(shaded(shading)), {})).notes.size(), 1U) << shading;
}

// pictured is a page with one picture of 50 mm.
Bytes pictured(const Bytes& picture) {
  const Bytes plain = page_of(
      "<ofd:ImageObject Boundary=\"20 20 50 50\" CTM=\"50 0 0 50 0 0\" "
      "ResourceID=\"90\"/>");
  const Bytes file = edited(plain, "Doc_0/Document.xml", "</ofd:CommonData>",
                            "<ofd:DocumentRes>Own.xml</ofd:DocumentRes></ofd:CommonData>");
  return with(file,
              {{"Doc_0/Own.xml",
                base::to_bytes("<ofd:Res xmlns:ofd=\"x\" BaseLoc=\"Res\"><ofd:MultiMedias>"
                               "<ofd:MultiMedia ID=\"90\" Type=\"Image\"><ofd:MediaFile>p"
                               "</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>")},
               {"Doc_0/Res/p", picture}});
}

TEST(Rendering, NamesPicturesOfFormatsThatItDoesNotRead) {
  const Bytes red = drawing::encode_png({1, 1, {255, 0, 0, 255}});
  EXPECT_NEAR(area_of(drawn(pictured(red)), is_red).inked, 2500, 10);
  struct {
    std::string_view octets, name;
  } const unread[] = {{std::string_view("\x97JB2\r\n\x1a\n\0\0", 10), "JBIG2"},
                      {"GIF89a", "GIF"},
                      {std::string_view("II*\0xxxx", 8), "TIFF"},
                      {"\xFF\xD8\xFF\xE0 no picture", "JPEG"},
                      {"BM", "BMP"},
                      {"", "neither"}};
  for (const auto& one : unread) {
    const Rendered page = must(render_page(pictured(base::to_bytes(one.octets)), {}));
    ASSERT_EQ(page.notes.size(), 1U) << one.name;
    EXPECT_NE(page.notes[0].find(one.name), std::string::npos) << page.notes[0];
  }
}

std::string written(const std::string& text, const std::string& more) {
  return "<ofd:TextObject Boundary=\"0 0 100 100\" Font=\"1\" Size=\"10\" " + more +
         "><ofd:TextCode X=\"50\" Y=\"50\"" + text + "</ofd:TextCode></ofd:TextObject>";
}

TEST(Rendering, TurnsLettersAndTheWayTheyAreRead) {
  if (!drawing::Typeface::open_style(drawing::Style::song))
    GTEST_SKIP() << "no Chinese font here: ./dev packages build installs fonts-noto-cjk";
  const auto drawn_at = [&](const std::string& text, const std::string& more) {
    return area_of(drawn(page_of(written(text, more))), is_dark);
  };
  // An upright letter stands above and to the right of its point; turned ones around it.
  const Area upright = drawn_at(">国", "");
  EXPECT_GT(upright.x0, 49.9);
  EXPECT_LT(upright.y0, 43);
  const Area quarter = drawn_at(">国", "CharDirection=\"90\"");
  EXPECT_GT(quarter.x0, 48);
  EXPECT_GT(quarter.y1, 58);
  const Area half = drawn_at(">国", "CharDirection=\"180\"");
  EXPECT_LT(half.x1, 50.1);
  EXPECT_GT(half.y1, 57);
  EXPECT_NEAR(upright.inked, half.inked, 0.5);
  // Without distances each letter follows the last one in the direction of reading.
  EXPECT_GT(drawn_at(">国国国", "ReadDirection=\"90\"").y1, 66);
  EXPECT_LT(drawn_at(">国国国", "ReadDirection=\"180\"").x0, 32);
  EXPECT_LT(drawn_at(">国国国", "ReadDirection=\"270\"").y0, 25);
  // Stated distances count as they stand.
  EXPECT_GT(drawn_at(" DeltaY=\"10 10\">国国国", "ReadDirection=\"90\"").y1, 66);
  const Area squeezed = drawn_at(">国", "CTM=\"0.5 0 0 1 25 0\"");
  EXPECT_NEAR(squeezed.x1 - squeezed.x0, (upright.x1 - upright.x0) / 2, 0.3);
}

TEST(Rendering, MeetsLimitsAndMissingPages) {
  const Bytes file = contract();
  EXPECT_ERROR(render_page(file, {.page = 3}), Code::not_found);
  EXPECT_ERROR(render_page(file, {.body = 1}), Code::not_found);
  EXPECT_ERROR(render_page(file, {.pixels_per_mm = 1000}), Code::limit_exceeded);
  EXPECT_ERROR(render_page(base::to_bytes("no"), {}), Code::document_not_ofd);
  std::string deep, close;
  for (int i = 0; i < 20; ++i) deep += "<ofd:PageBlock>", close += "</ofd:PageBlock>";
  EXPECT_ERROR(render_page(page_of(deep + close), {}), Code::limit_exceeded);
}

// A page without letters looks the same on every machine, octet by octet.
TEST(Rendering, OfAPageWithoutLettersIsTheGoldenOne) {
  const Bytes file =
      page_of(filled("10 10 80 80", "M 0 0 B 30 0 40 40 0 60 C", "",
                     "<ofd:FillColor Value=\"200 30 30\"/>") +
              "<ofd:PathObject Boundary=\"10 10 80 80\" LineWidth=\"1\" DashPattern=\"4 2\" "
              "Cap=\"Round\"><ofd:AbbreviatedData>M 5 70 L 75 5 L 75 70</ofd:AbbreviatedData>"
              "</ofd:PathObject>");
  const Picture picture = drawn(file, 0, 4);
  EXPECT_EQ(base::to_hex(crypto::sm3(picture.rgba)),
            "a050f78414eced25387f005dedf80277fa7b31f460de4554f94b9c6e08953699");
}

class SealRendering : public ::testing::Test {
 protected:
  // red_seal is a full red square of 40 mm: every slice of it can be told.
  static Bytes red_seal() {
    return drawing::encode_png(
        {2, 2, {255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255}});
  }
  Bytes sealed(std::vector<StampRequest> stamps, seal::Picture picture, std::size_t pages = 1) {
    SignatureRequest request = desk.sealing(desk.alice);
    seal::SealRequest wish = desk.request();
    wish.info.picture = std::move(picture);
    request.seal = desk.make(wish);
    request.stamps = std::move(stamps);
    NewDocument document;
    document.title = "x";
    for (std::size_t i = 0; i < pages; ++i) document.pages.push_back({210, 297, {}, {}, {}});
    return desk.perform(must(make_document(document)), request, desk.alice);
  }
  SealingDesk desk;
};

// shows-part: ECP-SEAL-4 (place and slices of our own renderer; other makers' readers by hand)
TEST_F(SealRendering, ShowsTheSealWhereItWasPut) {
  const Bytes file =
      sealed({{0, {61.5, 60.25, 40, 40}, std::nullopt}}, {"PNG", red_seal(), 40, 40});
  EXPECT_EQ(desk.verify(file).verdict, verify::Verdict::valid);
  const Area area = area_of(drawn(file), is_red);
  EXPECT_NEAR(area.x0, 61.5, 0.3);
  EXPECT_NEAR(area.y0, 60.25, 0.3);
  EXPECT_NEAR(area.x1, 101.5, 0.3);
  EXPECT_NEAR(area.inked, 1600, 20);
}

TEST_F(SealRendering, SlicesOfASeamMakeTheWholeSeal) {
  const std::size_t pages = 7;
  const auto stamps = must(plan_seam(std::vector<Box>(pages, {0, 0, 210, 297}), {}));
  const Bytes file = sealed(stamps, {"PNG", red_seal(), 40, 40}, pages);
  double inked = 0;
  for (std::size_t i = 0; i < pages; ++i) {
    const Area area = area_of(drawn(file, i), is_red);
    EXPECT_NEAR(area.x1, 210, 0.11) << i;
    EXPECT_NEAR(area.x1 - area.x0, 40.0 / 7, 0.21) << i;
    EXPECT_NEAR(area.y0, 148.5 - 20, 0.3);
    inked += area.inked;
  }
  EXPECT_NEAR(inked, 1600, 30);
}

TEST_F(SealRendering, ShowsASealWhosePictureIsAnOfdItself) {
  const Bytes inner = page_of(filled("0 0 100 100", "M 0 0 L 100 0 L 100 50 L 0 50 C", "",
                                     "<ofd:FillColor Value=\"255 0 0\"/>"));
  const Bytes file = sealed({{0, {50, 50, 40, 40}, Box{0, 0, 20, 40}}}, {"OFD", inner, 40, 40});
  const Area area = area_of(drawn(file), is_red);
  EXPECT_NEAR(area.x1 - area.x0, 20, 0.2);  // clipped to its left half
  EXPECT_NEAR(area.y1 - area.y0, 20, 0.2);  // red in its upper half
  // An OFD in the seal of an OFD in a seal is where it ends.
  const Bytes nested = sealed({{0, {0, 0, 40, 40}, std::nullopt}}, {"OFD", inner, 40, 40});
  const Bytes deeper = sealed({{0, {0, 0, 40, 40}, std::nullopt}}, {"OFD", nested, 40, 40});
  EXPECT_FALSE(must(render_page(deeper, {})).notes.empty());
  EXPECT_TRUE(must(render_page(nested, {})).notes.empty());
}

TEST_F(SealRendering, RendersTheOctetsThatWereSigned) {
  const Bytes file = sealed({{0, {50, 50, 40, 40}, std::nullopt}}, {"PNG", red_seal(), 40, 40});
  EXPECT_EQ(must(render_page(file, {})).digest, desk.verify(file).digest);
}

TEST_F(SealRendering, KeepsWhatIsUnderATransparentSeal) {
  Bytes half = drawing::encode_png({2, 1, {255, 0, 0, 0, 255, 0, 0, 255}});
  SignatureRequest request = desk.sealing(desk.alice);
  seal::SealRequest wish = desk.request();
  wish.info.picture = {"PNG", half, 40, 40};
  request.seal = desk.make(wish);
  request.stamps = {{0, {10, 10, 40, 40}, std::nullopt}};
  const Bytes file = desk.perform(page_of(filled("0 0 100 100", kSquare, "CTM=\"5 0 0 5 0 0\"")),
                                  request, desk.alice);
  EXPECT_NEAR(area_of(drawn(file), is_red).inked, 800, 5);
  EXPECT_NEAR(dark(file), 10'000 - 800, 5);
}

TEST_F(SealRendering, SvgAndPixelsComeFromOneScene) {
  const Bytes file = contract();
  const Rendered svg = must(render_page(file, {.output = Output::svg}));
  const std::string text(base::text_of(svg.octets));
  EXPECT_TRUE(text.starts_with("<svg"));
  EXPECT_NE(text.find("width=\"210mm\" height=\"297mm\" viewBox=\"0 0 210 297\""),
            std::string::npos);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_OK(parse_xml(svg.octets));
}

TEST_F(SealRendering, WritesTextAsLetters) {
  if (!drawing::Typeface::open_style(drawing::Style::song))
    GTEST_SKIP() << "no Chinese font here: ./dev packages build installs fonts-noto-cjk";
  const Area area = area_of(drawn(contract()), is_dark);
  EXPECT_GT(area.inked, 60);
  EXPECT_NEAR(area.x0, 30, 1);
  EXPECT_GT(area.y0, 33);
  EXPECT_LT(area.y1, 73);
}

}  // namespace
}  // namespace heqi::documents::ofd_render
