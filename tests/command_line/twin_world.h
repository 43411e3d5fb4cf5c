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
    const base::SecretBytes der = x509::encode_private_key(desk.alice.sm2->key());
    write(at("alice.key"), base::to_pem("PRIVATE KEY", der.expose()));
    write(at("alice.pem"), x509::to_pem(desk.alice.certificate) +
                               x509::to_pem(desk.authority.issuing().certificate));
    return run(run_sign, {"--seal", at("seal.esl"), "--box", box, "--key", at("alice.key"),
                          "--certificate", at("alice.pem"), "--out", to, file});
  }

  const std::string lease = HEQI_EXAMPLES "/lease.pdf";
  testing::TemporaryFolder folder;
  ofd::SealingDesk desk;
};

}  // namespace heqi::program
