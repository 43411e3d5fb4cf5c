#include <heqi/documents/ofd_render/render.h>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

namespace heqi::documents::ofd_render {

base::Result<Rendered> render_page(base::ByteView file, const RenderRequest& request,
                                   const ofd::Limits& limits) {
  HEQI_TRY(const ofd::Package package, ofd::Package::open(file, limits));
  HEQI_TRY(const std::vector<ofd::Body> bodies, ofd::read_bodies(package));
  if (request.body >= bodies.size())
    return base::fail(base::Code::not_found, "there is no such document in the package");
  const ofd::Body& body = bodies[request.body];
  HEQI_TRY(const Scene scene, read_scene(package, body, request.page));
  Rendered out;
  out.width_mm = scene.width, out.height_mm = scene.height;
  out.pages = body.pages.size();
  out.digest = base::to_hex(crypto::sm3(file));
  out.notes.assign(scene.notes.begin(), scene.notes.end());
  if (request.output == Output::svg) {
    out.octets = base::to_bytes(to_svg(scene));
  } else {
    HEQI_TRY(const drawing::Picture picture, to_picture(scene, request.pixels_per_mm));
    out.octets = drawing::encode_png(picture, request.pixels_per_mm, drawing::Effort::quick);
  }
  return out;
}

}  // namespace heqi::documents::ofd_render
