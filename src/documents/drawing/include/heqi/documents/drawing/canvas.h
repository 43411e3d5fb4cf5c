// heqi/documents/drawing/canvas.h: pictures of pixels, and drawing on them.
#pragma once
#include <heqi/documents/appearance/signature_box.h>
#include <heqi/documents/drawing/shading.h>

namespace heqi::documents::drawing {

using appearance::Picture;  // rows from the top; red, green, blue, opacity, not premultiplied

enum class FillRule : std::uint8_t { non_zero, even_odd };

inline constexpr std::uint32_t kCanvasSideMax = 16'384;
inline constexpr std::uint64_t kCanvasPixelsMax = 100'000'000;

// Mask is how much of each pixel is let through.
struct Mask {
  std::uint32_t width = 0, height = 0;
  base::Bytes coverage;
};

// Canvas is what is drawn on, in pixels from the upper left corner.
class Canvas {
 public:
  // make fails with limit_exceeded beyond the limits above, malformed for no pixels.
  static base::Result<Canvas> make(std::uint32_t width, std::uint32_t height, Color background);

  std::uint32_t width() const { return picture_.width; }
  std::uint32_t height() const { return picture_.height; }
  const Picture& picture() const { return picture_; }
  Picture take() { return std::move(picture_); }

  // fill paints the inside of path; clip, where given, is of the canvas' size. Fails with
  // limit_exceeded for paths beyond kPathPointsMax.
  base::Status fill(const Path& path, Color color, FillRule rule, const Mask* clip = nullptr);
  base::Status fill(const Path& path, const Shading& shading, FillRule rule,
                    const Mask* clip = nullptr);
  // draw paints source: its unit square is mapped to the canvas by to_canvas, y downwards. Each
  // pixel of the canvas is the mean of the source's pixels under it.
  void draw(const Picture& source, const Matrix& to_canvas, std::uint8_t alpha,
            const Mask* clip = nullptr);
  // mask_of is the coverage of path on this canvas, inside outer where given.
  base::Result<Mask> mask_of(const Path& path, FillRule rule, const Mask* outer = nullptr) const;

 private:
  explicit Canvas(Picture picture) : picture_(std::move(picture)) {}
  Picture picture_;
};

// Effort: small files (seals, which go into every document), or quick ones (pages to be looked at).
enum class Effort : std::uint8_t { small, quick };
// encode_png writes 8 bits per channel with opacity; pixels_per_mm, where not 0, is noted (pHYs).
// The same picture gives the same octets.
base::Bytes encode_png(const Picture& picture, double pixels_per_mm = 0,
                       Effort effort = Effort::small);

inline constexpr std::uint32_t kPictureSideMax = 8'192;  // of a file that is read

// decode_png reads every depth and colour type, interlaced or not. Fails with malformed,
// limit_exceeded.
base::Result<Picture> decode_png(base::ByteView png);
// decode_jpeg reads baseline and progressive JPEG of grey, YCbCr, RGB, CMYK and YCCK. One that
// ends early or has damaged data is malformed. Fails with malformed, limit_exceeded.
base::Result<Picture> decode_jpeg(base::ByteView jpeg);

}  // namespace heqi::documents::drawing
