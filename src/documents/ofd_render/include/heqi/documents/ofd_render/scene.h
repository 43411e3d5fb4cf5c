// heqi/documents/ofd_render/scene.h: one page as shapes, in millimetres, in the order of painting.
#pragma once
#include <memory>
#include <set>

#include <heqi/documents/drawing/canvas.h>
#include <heqi/documents/ofd/document.h>

namespace heqi::documents::ofd_render {

inline constexpr std::size_t kItemsMax = 1'000'000;  // of one page
inline constexpr std::size_t kNestingMax = 16;       // of blocks in blocks
inline constexpr std::size_t kPackagesMax = 2;       // OFDs inside one another: a seal's picture

// Clip is a shape inside which things show; outer is clipped before it.
struct Clip {
  drawing::Path path;
  drawing::FillRule rule = drawing::FillRule::non_zero;
  std::shared_ptr<const Clip> outer;
};

// Item is a filled path, or a picture whose unit square is mapped to the page.
struct Item {
  drawing::Path path;
  drawing::Color color;
  std::shared_ptr<const drawing::Shading> shading;  // instead of the colour; or nullptr
  drawing::FillRule rule = drawing::FillRule::non_zero;
  std::shared_ptr<const drawing::Picture> picture;  // or nullptr
  drawing::Matrix place;                            // of the picture
  std::uint8_t alpha = 255;                         // of the picture
  std::shared_ptr<const Clip> clip;
};

struct Scene {
  double width = 0, height = 0;
  std::vector<Item> items;
  std::set<std::string> notes;  // what is not drawn as it should be, in English
};

// read_scene reads one page of a document of package with its seals. Fails as ofd::read_xml, and
// with limit_exceeded.
base::Result<Scene> read_scene(const ofd::Package& package, const ofd::Body& body,
                               std::size_t page);

std::string to_svg(const Scene& scene);
// to_picture draws the scene on white. Fails as drawing::Canvas.
base::Result<drawing::Picture> to_picture(const Scene& scene, double pixels_per_mm);

}  // namespace heqi::documents::ofd_render
