// heqi/documents/appearance/seal_box.h: what a seal looks like on the page: its picture, in exactly
// the millimetres that the seal states, what lies under it shining through.
#pragma once
#include <heqi/documents/appearance/signature_box.h>

namespace heqi::documents::appearance {

inline constexpr double kPointsPerMm = 72 / 25.4;

// make_seal_box draws picture alone as a form XObject of Fit::exact. The same input gives the same
// octets. Fails with malformed for a side that is not positive, or a picture whose size is not that
// of its octets.
base::Result<pdf::Appearance> make_seal_box(const Picture& picture, double width_mm,
                                            double height_mm);

}  // namespace heqi::documents::appearance
