// heqi/documents/ofd/document.h: what an OFD package says that it is (GB/T 33190 §7): its
// documents, their pages, and where their signatures are listed.
#pragma once
#include <heqi/documents/ofd/package.h>
#include <heqi/documents/ofd/xml.h>

namespace heqi::documents::ofd {

inline constexpr std::string_view kRootPart = "OFD.xml";

// Box is a rectangle in millimetres, from the upper left corner.
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};
// parse_box reads "x y width height". Fails with malformed: other numbers, not finite, a side that
// is not positive.
base::Result<Box> parse_box(std::string_view text);
// parse_numbers reads numbers between spaces; count_max bounds them.
base::Result<std::vector<double>> parse_numbers(std::string_view text, std::size_t count_max);

// expand_deltas reads the distances of a text: numbers, with "g n v" for n times v. No more than
// count_max are given. Fails with malformed.
base::Result<std::vector<double>> expand_deltas(std::string_view text, std::size_t count_max);

// PageEntry is one page of a document.
struct PageEntry {
  std::string id;    // of the object, which stamps name
  std::string part;  // its content
};

// Body is one document of the package.
struct Body {
  std::string part;  // "Doc_0/Document.xml"
  std::optional<std::string> signatures_part;
  std::vector<PageEntry> pages;
  Box page_box;  // of pages that state none

  // find_page is the index of a page by its object's id.
  std::optional<std::size_t> find_page(std::string_view id) const;
};

// read_bodies reads OFD.xml and each document's own part. Fails with document_not_ofd (no OFD.xml),
// malformed (also where an element that may stand once stands twice), limit_exceeded.
base::Result<std::vector<Body>> read_bodies(const Package& package);

// read_page_box is the size of one page: its own, or its document's.
base::Result<Box> read_page_box(const Package& package, const Body& body, std::size_t page);

// read_xml is a part as XML.
base::Result<XmlElement> read_xml(const Package& package, std::string_view part);
// find_only is the child of that name, where there is one; malformed where there are more: another
// reader could take the other.
base::Result<std::optional<XmlElement>> find_only(const XmlElement& element, std::string_view name);
// get_only fails with malformed where there is none.
base::Result<XmlElement> get_only(const XmlElement& element, std::string_view name);

}  // namespace heqi::documents::ofd
