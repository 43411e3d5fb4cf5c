#include <heqi/documents/ofd/document.h>

#include <charconv>
#include <cmath>
#include <set>

#include <heqi/base/text.h>

namespace heqi::documents::ofd {

using base::Code;
using base::fail;

namespace {

constexpr double kCoordinateMax = 1e6;  // millimetres: a kilometre of paper

constexpr Box kDefaultPage{0, 0, 210, 297};

base::Result<Box> box_of_area(const XmlElement& area) {
  HEQI_TRY(const auto physical, find_only(area, "PhysicalBox"));
  if (!physical) return fail(Code::malformed, "a page area without PhysicalBox");
  return parse_box(physical->text());
}

base::Result<std::vector<PageEntry>> read_pages(const Package& package, const std::string& part,
                                                const XmlElement& document) {
  std::vector<PageEntry> out;
  HEQI_TRY(const auto pages, find_only(document, "Pages"));
  if (!pages) return out;
  std::set<std::string> ids;
  for (const XmlElement& page : pages->children("Page")) {
    const auto id = page.attribute("ID"), place = page.attribute("BaseLoc");
    if (!id || !place) return fail(Code::malformed, part + ": a page without ID or BaseLoc");
    if (!ids.insert(*id).second) return fail(Code::malformed, part + ": page " + *id + " twice");
    if (out.size() == kPagesMax) return fail(Code::limit_exceeded, part + ": too many pages");
    HEQI_TRY(std::string name, resolve(part, *place));
    if (!package.find(name)) return fail(Code::malformed, part + ": there is no page " + name);
    out.push_back({*id, std::move(name)});
  }
  return out;
}

base::Result<Body> read_body(const Package& package, const XmlElement& entry) {
  Body out;
  HEQI_TRY(const XmlElement root, get_only(entry, "DocRoot"));
  HEQI_TRY(out.part, resolve(kRootPart, root.text()));
  HEQI_TRY(const auto signatures, find_only(entry, "Signatures"));
  if (signatures && !signatures->text().empty()) {
    HEQI_TRY(out.signatures_part, resolve(kRootPart, signatures->text()));
  }
  HEQI_TRY(const XmlElement document, read_xml(package, out.part));
  if (document.name() != "Document") return fail(Code::malformed, out.part + " is no Document");
  HEQI_TRY(const auto common, find_only(document, "CommonData"));
  out.page_box = kDefaultPage;
  if (common) {
    HEQI_TRY(const auto area, find_only(*common, "PageArea"));
    if (area) {
      HEQI_TRY(out.page_box, box_of_area(*area));
    }
  }
  HEQI_TRY(out.pages, read_pages(package, out.part, document));
  return out;
}

}  // namespace

base::Result<std::vector<double>> parse_numbers(std::string_view text, std::size_t count_max) {
  std::vector<double> out;
  for (std::size_t at = 0;;) {
    at = text.find_first_not_of(" \t\r\n,", at);
    if (at == std::string_view::npos) return out;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n,", at), text.size());
    std::string_view word = text.substr(at, end - at);
    if (word.front() == '+') word.remove_prefix(1);
    double value = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
    if (read.ec != std::errc() || read.ptr != word.data() + word.size() || !std::isfinite(value) ||
        std::abs(value) > kCoordinateMax)
      return fail(Code::malformed, "a number that is none");
    if (out.size() == count_max) return fail(Code::malformed, "more numbers than belong there");
    out.push_back(value);
    at = end;
  }
}

base::Result<Box> parse_box(std::string_view text) {
  HEQI_TRY(const std::vector<double> numbers, parse_numbers(text, 4));
  if (numbers.size() != 4 || numbers[2] <= 0 || numbers[3] <= 0)
    return fail(Code::malformed, "a box that is not x, y, width and height");
  return Box{numbers[0], numbers[1], numbers[2], numbers[3]};
}

base::Result<XmlElement> read_xml(const Package& package, std::string_view part) {
  HEQI_TRY(const base::ByteView octets, package.read(part));
  auto root = parse_xml(octets, package.limits());
  if (!root) return fail(root.error().code, std::string(part) + ": " + root.error().detail);
  return root;
}

base::Result<std::optional<XmlElement>> find_only(const XmlElement& element,
                                                  std::string_view name) {
  const std::vector<XmlElement> all = element.children(name);
  if (all.size() > 1)
    return fail(Code::malformed, "more than one " + std::string(name) + " in " +
                                     std::string(element.name()) + ", at octet " +
                                     std::to_string(all[1].offset()));
  return all.empty() ? std::optional<XmlElement>() : std::optional(all[0]);
}

base::Result<XmlElement> get_only(const XmlElement& element, std::string_view name) {
  HEQI_TRY(const auto found, find_only(element, name));
  if (!found)
    return fail(Code::malformed, "no " + std::string(name) + " in " + std::string(element.name()));
  return *found;
}

std::optional<std::size_t> Body::find_page(std::string_view id) const {
  for (std::size_t i = 0; i < pages.size(); ++i)
    if (pages[i].id == id) return i;
  return std::nullopt;
}

base::Result<std::vector<Body>> read_bodies(const Package& package) {
  if (!package.find(kRootPart)) return fail(Code::document_not_ofd, "the package has no OFD.xml");
  HEQI_TRY(const XmlElement root, read_xml(package, kRootPart));
  if (root.name() != "OFD") return fail(Code::document_not_ofd, "OFD.xml is no OFD");
  std::vector<Body> out;
  for (const XmlElement& entry : root.children("DocBody")) {
    if (out.size() == kDocBodiesMax) return fail(Code::limit_exceeded, "too many documents");
    HEQI_TRY(Body body, read_body(package, entry));
    out.push_back(std::move(body));
  }
  if (out.empty()) return fail(Code::document_empty, "OFD.xml names no document");
  return out;
}

base::Result<Box> read_page_box(const Package& package, const Body& body, std::size_t page) {
  HEQI_TRY(const XmlElement content, read_xml(package, body.pages.at(page).part));
  HEQI_TRY(const auto area, find_only(content, "Area"));
  if (!area) return body.page_box;
  return box_of_area(*area);
}

}  // namespace heqi::documents::ofd
