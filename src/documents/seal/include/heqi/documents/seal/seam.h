// heqi/documents/seal/seam.h: one seal across the edges of consecutive pages (骑缝章), whatever the
// format of the document.
#pragma once
#include <cstdint>
#include <vector>

#include <heqi/base/result.h>

namespace heqi::documents::seal {

enum class Edge : std::uint8_t { right, left };

// SeamRequest spreads one seal over the edges of consecutive pages.
struct SeamRequest {
  double width = 40, height = 40;  // of the seal, millimetres
  Edge edge = Edge::right;
  double at = 0.5;             // of its middle, as a part of each page's height
  std::size_t pages_max = 20;  // of one seal; more pages get more seals, of even groups
};

// PageSize is that of a page as it is displayed, millimetres.
struct PageSize {
  double width = 0, height = 0;
};

// Slice is the part of the picture that one page shows; millimetres, from the upper left corner.
struct Slice {
  std::size_t page = 0;      // 0 is the first page
  double left = 0, top = 0;  // on the page
  double begin = 0;          // in the picture
  double width = 0, height = 0;
};

// plan_seam gives each page its slice, at the page's edge. Slices are whole thousandths of a
// millimetre; those of one group are together one seal without gap or overlap, and come from the
// left of its picture to the right. Fails with malformed: fewer than two pages, a seal higher or
// wider than a page, pages_max below two.
base::Result<std::vector<std::vector<Slice>>> plan_seam(const std::vector<PageSize>& pages,
                                                        const SeamRequest& request);

}  // namespace heqi::documents::seal
