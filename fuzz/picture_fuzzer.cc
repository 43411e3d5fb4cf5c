// Pictures of other makers: what is read has as many octets as pixels, and is within the limits.
// uses: heqi_documents_drawing
// covers: src/documents/drawing/png_read.cc
// covers: src/documents/drawing/jpeg_read.cc
#include <heqi/documents/drawing/canvas.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::documents::drawing;
  if (size > 65'536) return 0;
  for (const auto& decode : {decode_png, decode_jpeg}) {
    const auto picture = decode({data, size});
    if (!picture) continue;
    HEQI_CHECK(picture->width > 0 && picture->width <= kPictureSideMax);
    HEQI_CHECK(picture->height > 0 && picture->height <= kPictureSideMax);
    HEQI_CHECK(picture->rgba.size() == std::size_t{picture->width} * picture->height * 4);
  }
  return 0;
}
