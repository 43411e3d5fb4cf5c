// paint.h: what the elements of a page say about numbers and colours.
#pragma once
#include <heqi/documents/drawing/shading.h>
#include <heqi/documents/ofd/document.h>

namespace heqi::documents::ofd_render {

// Paint is a colour, or a shading instead.
struct Paint {
  drawing::Color color{0, 0, 0, 255};
  std::shared_ptr<const drawing::Shading> shading;
};

double number_of(const ofd::XmlElement& element, std::string_view name, double otherwise);
// flag_of is a truth value; otherwise where it is not stated.
bool flag_of(const ofd::XmlElement& element, std::string_view name, bool otherwise);
std::uint8_t octet_of(double value);

// read_paint reads a FillColor or StrokeColor (GB/T 33190 §8.3); place leads from the object to the
// page. nullopt for what is not drawn as it says: patterns and shadings of triangles.
std::optional<Paint> read_paint(const ofd::XmlElement& element, const drawing::Matrix& place);

// faded multiplies the opacity of all of a paint's colours by alpha of 255.
Paint faded(Paint paint, double alpha);

}  // namespace heqi::documents::ofd_render
