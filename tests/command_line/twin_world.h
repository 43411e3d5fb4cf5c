// A contract of ours as PDF and as OFD, a seal, and the two renderers that show both.
#pragma once
#include <heqi/base/text.h>
#include <heqi/documents/drawing/canvas.h>
#include <heqi/documents/ofd/seam.h>

#include "../../src/documents/ofd/tests/ofd_world.h"
#include "shell.h"

namespace heqi::program {

namespace drawing = documents::drawing;
namespace ofd = documents::ofd;
namespace seal = documents::seal;
using base::Bytes;
using drawing::Picture;
using seal::must;

// Area is where a page is red, in millimetres; nowhere: x1 < x0.
struct Area {
  double x0 = 1e9, y0 = 1e9, x1 = -1, y1 = -1;
};
inline Area red_area(const Picture& picture, int dpi) {
  const double pixels = dpi / 25.4;  // to the millimetre
  Area out;
  for (std::uint32_t y = 0; y < picture.height; ++y)
    for (std::uint32_t x = 0; x < picture.width; ++x) {
      const std::uint8_t* p = &picture.rgba[(std::size_t{y} * picture.width + x) * 4];
      if (p[0] < 150 || p[1] > 120 || p[2] > 120) continue;
      out.x0 = std::min(out.x0, x / pixels), out.x1 = std::max(out.x1, (x + 1) / pixels);
      out.y0 = std::min(out.y0, y / pixels), out.y1 = std::max(out.y1, (y + 1) / pixels);
    }
  return out;
}

struct TwinWorld : public ::testing::Test {
  std::string at(const std::string& name) const { return folder.path() + "/" + name; }
  Ran twin(const std::string& pdf) {
    return run(run_ofd, {"twin", pdf, "--out", at("lease.ofd"), "--title", "房屋租赁合同",
                         "--created", "2026-09-21T00:00:00Z"});
  }
  // rendered is a page, drawn by heqi render: ours for an OFD, poppler's for a PDF.
  Picture rendered(const std::string& file, int page, int dpi) {
    const Ran ran = run(run_render, {file, "--out", at("page.png"), "--page", std::to_string(page),
                                     "--resolution", std::to_string(dpi)});
    EXPECT_EQ(ran.code, 0) << ran.error;
    return must(drawing::decode_png(must(base::read_file(at("page.png"), std::size_t{1} << 28))));
  }
  // make_seal draws a red ring in a frame: a seal without letters, so that no font is needed.
  void make_seal() {
    constexpr double pixels = 600 / 25.4;
    auto canvas =
        must(drawing::Canvas::make(static_cast<std::uint32_t>(40 * pixels),
                                   static_cast<std::uint32_t>(40 * pixels), {255, 255, 255, 0}));
    drawing::Path shape = drawing::ellipse({20 * pixels, 20 * pixels}, 20 * pixels, 20 * pixels);
    shape.add(drawing::ellipse({20 * pixels, 20 * pixels}, 18 * pixels, 18 * pixels));
    EXPECT_OK(canvas.fill(shape, {214, 0, 15, 255}, drawing::FillRule::even_odd));
    EXPECT_OK(canvas.fill(drawing::rectangle(14 * pixels, 14 * pixels, 12 * pixels, 12 * pixels),
                          {214, 0, 15, 255}, drawing::FillRule::non_zero));
    seal::SealRequest wish = desk.request();
    wish.info.picture = {"PNG", drawing::encode_png(canvas.picture(), pixels), 40, 40};
    wish.info.extensions = {seal::make_certificate_values(desk.authority.chain())};
    write(at("seal.esl"), base::text_of(desk.make(wish)));
  }
  Ran seal_at(const std::string& file, const std::string& to, const std::string& box) {
    return seal_with(file, to, {"--box", box});
  }
  // seal_with seals a file where the options say.
  Ran seal_with(const std::string& file, const std::string& to, std::vector<std::string> where) {
    const base::SecretBytes der = x509::encode_private_key(desk.alice.sm2->key());
    write(at("alice.key"), base::to_pem("PRIVATE KEY", der.expose()));
    write(at("alice.pem"), x509::to_pem(desk.alice.certificate) +
                               x509::to_pem(desk.authority.issuing().certificate));
    where.insert(where.end(), {"--seal", at("seal.esl"), "--key", at("alice.key"), "--certificate",
                               at("alice.pem"), "--out", to, file});
    return run(run_sign, where);
  }

  const std::string lease = HEQI_EXAMPLES "/lease.pdf";
  testing::TemporaryFolder folder;
  ofd::SealingDesk desk;
};

}  // namespace heqi::program
