// page_reader.h: reads the objects of pages, templates and annotations into a scene.
#pragma once
#include "paint.h"
#include "resources.h"

namespace heqi::documents::ofd_render {

// Layer is what the objects of one layer inherit.
struct Inherited {
  drawing::Matrix place;  // from the objects' parent to the page
  std::shared_ptr<const Clip> clip;
  std::string parameters;  // DrawParam of the layer
};

class PageReader {
 public:
  PageReader(Resources& resources, Scene& scene) : resources_(resources), scene_(scene) {}

  // objects reads all objects directly below parent.
  base::Status objects(const ofd::XmlElement& parent, const Inherited& inherited,
                       std::size_t nesting);
  // picture puts a picture into a box of the page, clipped to what of it is to show.
  void picture(std::shared_ptr<const drawing::Picture> what, const ofd::Box& box,
               const std::optional<ofd::Box>& shown);
  base::Status add(Item item);

 private:
  base::Status object(const ofd::XmlElement& element, const Inherited& inherited,
                      std::size_t nesting);
  base::Status text(const ofd::XmlElement& element, const Inherited& own);
  base::Status letters(const ofd::XmlElement& element, const ofd::XmlElement& code,
                       const Inherited& own, std::uint32_t& first_letter);
  base::Status path(const ofd::XmlElement& element, const Inherited& own);
  base::Status image(const ofd::XmlElement& element, const Inherited& own);
  std::shared_ptr<const Clip> clips(const ofd::XmlElement& element, const Inherited& own);
  // paint_of is the colour of an object: its own, its parameters', or black.
  Paint paint_of(const ofd::XmlElement& element, std::string_view name, const Inherited& own);
  base::Status add_filled(drawing::Path path, Paint paint, drawing::FillRule rule,
                          const Inherited& own);
  double line_width_of(const ofd::XmlElement& element, const Inherited& own) const;
  void note(std::string what) { scene_.notes.insert(std::move(what)); }

  Resources& resources_;
  Scene& scene_;
};

// parse_abbreviated reads path data: M, S, L, Q, B, A, C with their numbers (GB/T 33190 §9.3).
base::Result<drawing::Path> parse_abbreviated(std::string_view data);

}  // namespace heqi::documents::ofd_render
