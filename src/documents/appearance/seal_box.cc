#include <heqi/documents/appearance/seal_box.h>

#include <heqi/documents/appearance/compress.h>

#include "image.h"

namespace heqi::documents::appearance {

base::Result<pdf::Appearance> make_seal_box(const Picture& picture, double width_mm,
                                            double height_mm) {
  HEQI_TRY(check_picture(picture));
  if (!(width_mm > 0 && height_mm > 0))
    return base::fail(base::Code::malformed, "a seal without a size");
  pdf::Appearance out;
  out.fit = pdf::Fit::exact;
  out.width = width_mm * kPointsPerMm, out.height = height_mm * kPointsPerMm;
  out.graph.objects.emplace_back();  // the form; it needs to know the picture
  pdf::Dictionary pictures, resources, form;
  pictures.set("Im1", pdf::local_reference(append_picture(out.graph, picture)));
  resources.set("XObject", std::move(pictures));
  form.set("Type", pdf::Name{"XObject"}).set("Subtype", pdf::Name{"Form"});
  form.set("BBox", to_value(pdf::Rectangle{0, 0, out.width, out.height}));
  form.set("Resources", std::move(resources));
  const std::string content = "q " + numbers({out.width, 0, 0, out.height, 0, 0}) + "cm /Im1 Do Q";
  out.graph.objects[0] = make_stream(std::move(form), base::bytes_of(content));
  return out;
}

}  // namespace heqi::documents::appearance
