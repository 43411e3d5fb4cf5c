// Pages of an OFD: the input is the objects of a page, with a picture among the resources. What is
// drawn is drawn within limits, and as SVG it is XML.
// uses: heqi_documents_ofd_render
#include <heqi/base/text.h>
#include <heqi/documents/ofd/make.h>
#include <heqi/documents/ofd_render/render.h>

namespace {

using namespace heqi::documents;
using heqi::base::Bytes;

const Bytes& frame() {
  static const Bytes made = [] {
    ofd::NewDocument wish;
    wish.title = "x";
    wish.pages = {{40, 40, {{1, 5, 3, "x"}}, {{1, 1, 9, 1}}, {}}};
    return *ofd::make_document(wish);
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 16'384) return 0;
  const std::string objects(reinterpret_cast<const char*>(data), size);
  const std::string page =
      "<ofd:Page xmlns:ofd=\"x\"><ofd:Area><ofd:PhysicalBox>0 0 40 40</ofd:PhysicalBox></ofd:Area>"
      "<ofd:Content><ofd:Layer>" +
      objects + "</ofd:Layer></ofd:Content></ofd:Page>";
  const auto package = ofd::Package::open(frame());
  const auto file = ofd::write_package(
      &*package, {{"Doc_0/Pages/Page_0/Content.xml", heqi::base::to_bytes(page)}});
  ofd::Limits limits;
  limits.xml_nodes = 2'000;
  ofd_render::RenderRequest request;
  request.pixels_per_mm = 2;
  static_cast<void>(ofd_render::render_page(*file, request, limits));
  request.output = ofd_render::Output::svg;
  const auto svg = ofd_render::render_page(*file, request, limits);
  HEQI_CHECK(!svg || ofd::parse_xml(svg->octets).has_value());
  return 0;
}
