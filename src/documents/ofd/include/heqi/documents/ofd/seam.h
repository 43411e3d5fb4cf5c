// heqi/documents/ofd/seam.h: where seals go: across the edges of pages (骑缝章), and at words.
#pragma once
#include <heqi/documents/ofd/sign.h>
#include <heqi/documents/seal/seam.h>

namespace heqi::documents::ofd {

using seal::Edge;
using seal::SeamRequest;

// plan_seam gives each page its slice, in the order of the pages: the picture stands so that the
// slice is at the page's edge, and the clip leaves nothing else. boxes are the pages' own. Fails as
// seal::plan_seam.
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
