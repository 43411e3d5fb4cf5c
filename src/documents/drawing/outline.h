// outline.h: paths as FreeType has them: 26.6 fixed point, y upwards.
#pragma once
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <memory>
#include <vector>

#include <heqi/documents/drawing/path.h>

namespace heqi::documents::drawing {

struct LibraryEnd {
  void operator()(FT_Library library) const { FT_Done_FreeType(library); }
};
using Library = std::unique_ptr<FT_LibraryRec_, LibraryEnd>;

// library_of_thread is FreeType's library of the calling thread: it may not be shared by two.
base::Result<FT_Library> library_of_thread();

// Outline owns the arrays of an FT_Outline.
struct Outline {
  std::vector<FT_Vector> points;
  std::vector<char> tags;
  std::vector<short> ends;

  // view fails where the arrays are longer than FreeType can count.
  base::Result<FT_Outline> view();
};
// outline_of maps path by scale, turns y upwards, and leaves contours open where open says so.
Outline outline_of(const Path& path, double scale);
// path_of is the way back.
base::Result<Path> path_of(const FT_Outline& outline, double scale);

}  // namespace heqi::documents::drawing
