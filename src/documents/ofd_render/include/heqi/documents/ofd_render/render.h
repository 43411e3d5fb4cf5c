// heqi/documents/ofd_render/render.h: renders pages of an OFD file.
#pragma once
#include <heqi/documents/ofd_render/scene.h>

namespace heqi::documents::ofd_render {

enum class Output : std::uint8_t { svg, png };

struct RenderRequest {
  std::size_t body = 0, page = 0;  // 0 is the first
  Output output = Output::png;
  double pixels_per_mm = 150 / 25.4;
};

struct Rendered {
  base::Bytes octets;  // SVG text or a PNG
  double width_mm = 0, height_mm = 0;
  std::size_t pages = 0;           // of the document
  std::string digest;              // SM3 of the file that was rendered, lower-case hexadecimal
  std::vector<std::string> notes;  // see Scene
};

// render_page fails as ofd::Package::open and read_scene; not_found for a page that is not there.
base::Result<Rendered> render_page(base::ByteView file, const RenderRequest& request,
                                   const ofd::Limits& limits = {});

}  // namespace heqi::documents::ofd_render
