// heqi/documents/ofd/seam.h: where seals go: across the edges of pages (骑缝章), and at words.
#pragma once
#include <heqi/documents/ofd/sign.h>

namespace heqi::documents::ofd {

enum class Edge : std::uint8_t { right, left };

// SeamRequest spreads one seal over the edges of consecutive pages.
struct SeamRequest {
  double width = 40, height = 40;  // of the seal, millimetres
  Edge edge = Edge::right;
  double at = 0.5;             // of its middle, as a part of each page's height
  std::size_t pages_max = 20;  // of one seal; more pages get more seals, of even groups
};

// plan_seam gives each page its slice: the picture stands so that the slice ends at the page's
// edge, and the clip leaves nothing else. Slices are whole thousandths of a millimetre; together
// they are the seal without gap or overlap. boxes are the pages' own. Fails with malformed: fewer
// than two pages, a seal higher or wider than a page, pages_max below two.
base::Result<std::vector<StampRequest>> plan_seam(const std::vector<Box>& boxes,
                                                  const SeamRequest& request);
// page_boxes are those of a document's pages, in order.
base::Result<std::vector<Box>> page_boxes(const Package& package, const Body& body);

// TextPlace is where a text stands on a page.
struct TextPlace {
  std::size_t page = 0;
  Box box;
};
inline constexpr std::size_t kTextPlacesMax = 1'000;
// find_text looks for word in each text object of the document's pages, in reading order. Text that
// is spread over several objects is not found. Fails as read_xml.
base::Result<std::vector<TextPlace>> find_text(const Package& package, const Body& body,
                                               std::string_view word);

}  // namespace heqi::documents::ofd
