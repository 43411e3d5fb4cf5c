#include "image.h"

#include <heqi/documents/appearance/compress.h>

namespace heqi::documents::appearance {

using base::Bytes;

base::Status check_picture(const Picture& picture) {
  const std::uint64_t pixels = std::uint64_t{picture.width} * picture.height;
  if (pixels == 0 || pixels > 4096 * 4096 || picture.rgba.size() != pixels * 4)
    return base::fail(base::Code::malformed, "the picture's size is not that of its octets");
  return {};
}

std::string numbers(std::initializer_list<double> values) {
  std::string out;
  for (const double value : values) out += pdf::encode_value(pdf::to_real(value)) + " ";
  return out;
}

std::size_t append_picture(pdf::Graph& graph, const Picture& picture) {
  Bytes color, opacity;
  const Bytes& rgba = picture.rgba;
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    color.insert(color.end(), {rgba[i], rgba[i + 1], rgba[i + 2]});
    opacity.push_back(rgba[i + 3]);
  }
  pdf::Dictionary image;
  image.set("Type", pdf::Name{"XObject"}).set("Subtype", pdf::Name{"Image"});
  image.set("Width", std::int64_t{picture.width});
  image.set("Height", std::int64_t{picture.height});
  image.set("BitsPerComponent", std::int64_t{8});
  pdf::Dictionary mask = image;
  const std::size_t first = graph.objects.size();
  image.set("ColorSpace", pdf::Name{"DeviceRGB"});
  image.set("SMask", pdf::local_reference(first + 1));
  mask.set("ColorSpace", pdf::Name{"DeviceGray"});
  graph.objects.push_back(make_stream(std::move(image), color));
  graph.objects.push_back(make_stream(std::move(mask), opacity));
  return first;
}

}  // namespace heqi::documents::appearance
