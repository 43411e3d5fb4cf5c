// Pages of an OFD: the input is a whole file, or the objects of a page beside resources that are
// always the same. What is drawn is drawn within limits, and as SVG it is XML.
// uses: heqi_documents_ofd_render
// covers: src/documents/ofd_render/page_reader.cc
// covers: src/documents/ofd_render/text_reader.cc
// covers: src/documents/ofd_render/resources.cc
// covers: src/documents/ofd_render/path_data.cc
// covers: src/documents/ofd_render/scene.cc
#include <heqi/base/text.h>
#include <heqi/documents/ofd/make.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/documents/ofd_render/render.h>

#include <array>

namespace {

using namespace heqi::documents;
using heqi::base::Bytes;
using heqi::base::ByteView;

// Resources of the frame: parameters that lean on one another, pictures, a font.
constexpr std::string_view kResources =
    "<ofd:Res xmlns:ofd=\"x\"><ofd:DrawParams>"
    "<ofd:DrawParam ID=\"11\" Relative=\"12\" LineWidth=\"1\"/>"
    "<ofd:DrawParam ID=\"12\" Relative=\"13\"><ofd:FillColor Value=\"9 9 9\"/></ofd:DrawParam>"
    "<ofd:DrawParam ID=\"13\" LineWidth=\"2\"><ofd:StrokeColor Value=\"200 0 0\"/></ofd:DrawParam>"
    "</ofd:DrawParams><ofd:MultiMedias>"
    "<ofd:MultiMedia ID=\"21\" "
    "Type=\"Image\"><ofd:MediaFile>/a.bmp</ofd:MediaFile></ofd:MultiMedia>"
    "<ofd:MultiMedia ID=\"22\" "
    "Type=\"Image\"><ofd:MediaFile>no.png</ofd:MediaFile></ofd:MultiMedia>"
    "</ofd:MultiMedias></ofd:Res>";

// A BMP of one pixel.
constexpr std::array<std::uint8_t, 58> kPixel = {'B', 'M', 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40,
                                                 0,   0,   0,  1, 0, 0, 0, 1, 0, 0, 0,  1, 0, 24};

const Bytes& frame() {
  static const Bytes made = [] {
    ofd::NewDocument wish;
    wish.title = "x";
    wish.pages = {{40, 40, {{1, 5, 3, "x"}}, {{1, 1, 9, 1}}, {}}};
    const Bytes plain = *ofd::make_document(wish);
    const auto package = ofd::Package::open(plain);
    return *ofd::write_package(&*package,
                               {{"Doc_0/DocumentRes.xml", heqi::base::to_bytes(kResources)},
                                {"a.bmp", heqi::base::to_bytes(kPixel)}});
  }();
  return made;
}

// with_objects is the frame with the input as what stands on its page.
Bytes with_objects(ByteView input) {
  const std::string page =
      "<ofd:Page xmlns:ofd=\"x\"><ofd:Area><ofd:PhysicalBox>0 0 40 40</ofd:PhysicalBox></ofd:Area>"
      "<ofd:Content><ofd:Layer>" +
      std::string(heqi::base::text_of(input)) + "</ofd:Layer></ofd:Content></ofd:Page>";
  const auto package = ofd::Package::open(frame());
  return *ofd::write_package(&*package,
                             {{"Doc_0/Pages/Page_0/Content.xml", heqi::base::to_bytes(page)}});
}

void render(ByteView file) {
  ofd::Limits limits;
  limits.xml_nodes = 2'000;
  limits.entries = 100;
  limits.unpacked_total = 1 << 20;
  ofd_render::RenderRequest request;
  request.pixels_per_mm = 2;
  static_cast<void>(ofd_render::render_page(file, request, limits));
  request.output = ofd_render::Output::svg;
  const auto svg = ofd_render::render_page(file, request, limits);
  HEQI_CHECK(!svg || ofd::parse_xml(svg->octets).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 32'768) return 0;
  const ByteView input(data, size);
  ofd::is_package(input) ? render(input) : render(with_objects(input));
  return 0;
}
