// heqi/documents/drawing/seal_picture.h: pictures of seals, from a name or from an upload.
#pragma once
#include <heqi/documents/drawing/canvas.h>
#include <heqi/documents/drawing/typeface.h>

namespace heqi::documents::drawing {

enum class SealShape : std::uint8_t { round, oval, square };

// SealDesign describes a seal in millimetres.
struct SealDesign {
  SealShape shape = SealShape::round;
  std::string name;     // round and oval: on the arc; square: in the field
  std::string caption;  // below the star, such as 合同专用章
  std::string code;     // digits on the lower arc
  double width_mm = 40, height_mm = 40;
  double border_mm = 1.2;
  Color color{214, 0, 15, 255};
  double wear = 0;  // 0: fresh; 1: half of the ink is missing
  double pixels_per_mm = 600 / 25.4;
};

// draw_seal draws a design with typeface on a transparent ground; exactly width_mm by height_mm.
// Fails with malformed (no name, one that is too long, sizes outside 5 … 100 mm), unsupported (a
// character that the typeface lacks, named in the detail). The same design gives the same picture.
base::Result<Picture> draw_seal(const SealDesign& design, const Typeface& typeface);

// with_clear_ground makes the light ground of an uploaded picture (a photograph or scan of a stamp)
// transparent: what is nearly white and colourless vanishes, ink stays.
Picture with_clear_ground(Picture picture);

}  // namespace heqi::documents::drawing
