#include <heqi/documents/ofd/seam.h>

#include <algorithm>
#include <cmath>

namespace heqi::documents::ofd {

using base::Code;
using base::fail;

namespace {

constexpr double kThousandth = 1000;

// Slice is one part of the seal, in thousandths of a millimetre from its left.
struct Slice {
  std::int64_t begin, width;
};

std::vector<Slice> slices_of(double width, std::size_t count) {
  const auto whole = static_cast<std::int64_t>(std::llround(width * kThousandth));
  const std::int64_t each = whole / static_cast<std::int64_t>(count);
  std::vector<Slice> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t begin = each * static_cast<std::int64_t>(i);
    out.push_back({begin, i + 1 == count ? whole - begin : each});
  }
  return out;
}

// groups_of cuts count pages into even groups of at most most pages, none of a single page.
std::vector<std::size_t> groups_of(std::size_t count, std::size_t most) {
  std::size_t groups = (count + most - 1) / most;
  if (count / groups < 2) groups = count / 2;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < groups; ++i)
    out.push_back(count / groups + (i < count % groups ? 1 : 0));
  return out;
}

StampRequest stamp_of(std::size_t page, const Box& box, const Slice& slice,
                      const SeamRequest& request) {
  StampRequest out;
  out.page = page;
  const double begin = static_cast<double>(slice.begin) / kThousandth,
               width = static_cast<double>(slice.width) / kThousandth;
  const double x = request.edge == Edge::right ? box.width - begin - width : -begin;
  out.boundary = {x, box.height * request.at - request.height / 2, request.width, request.height};
  out.clip = Box{begin, 0, width, request.height};
  return out;
}

}  // namespace

base::Result<std::vector<StampRequest>> plan_seam(const std::vector<Box>& boxes,
                                                  const SeamRequest& request) {
  if (boxes.size() < 2) return fail(Code::malformed, "a seal across pages needs two pages");
  if (request.pages_max < 2) return fail(Code::malformed, "a seal goes across at least two pages");
  if (!(request.width > 0) || !(request.height > 0) || !(request.at >= 0) || request.at > 1)
    return fail(Code::malformed, "a seal without size or place");
  for (const Box& box : boxes)
    if (request.height > box.height || request.width > box.width)
      return fail(Code::malformed, "the seal is larger than a page");
  std::vector<StampRequest> out;
  std::size_t page = 0;
  for (const std::size_t count : groups_of(boxes.size(), request.pages_max)) {
    std::vector<Slice> slices = slices_of(request.width, count);
    // At the left edge the last page of a fanned pile shows the first slice.
    if (request.edge == Edge::left) std::reverse(slices.begin(), slices.end());
    for (const Slice& slice : slices) {
      out.push_back(stamp_of(page, boxes[page], slice, request));
      ++page;
    }
  }
  return out;
}

base::Result<std::vector<Box>> page_boxes(const Package& package, const Body& body) {
  std::vector<Box> out;
  for (std::size_t i = 0; i < body.pages.size(); ++i) {
    HEQI_TRY(const Box box, read_page_box(package, body, i));
    out.push_back(box);
  }
  return out;
}

namespace {

// Letters are the characters of one TextCode, as octets of UTF-8 with a place for each.
struct Letters {
  std::string text;
  std::vector<double> places;  // for each octet, from the object's left
  double y = 0;
};

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
}

base::Result<Letters> letters_of(const XmlElement& code, double size) {
  Letters out;
  out.text = code.text();
  HEQI_TRY(const auto xs, parse_numbers(code.attribute("X").value_or("0"), 1));
  HEQI_TRY(const auto ys, parse_numbers(code.attribute("Y").value_or("0"), 1));
  HEQI_TRY(const auto deltas,
           expand_deltas(code.attribute("DeltaX").value_or(""), out.text.size()));
  double x = xs.empty() ? 0 : xs[0];
  out.y = ys.empty() ? 0 : ys[0];
  std::size_t letter = 0;
  for (std::size_t i = 0; i < out.text.size(); ++i) {
    if (begins_character(out.text[i]) && i > 0)
      x += letter < deltas.size() ? deltas[letter++] : size;
    out.places.push_back(x);
  }
  return out;
}

base::Status find_in_object(const XmlElement& object, std::string_view word, std::size_t page,
                            std::vector<TextPlace>& out) {
  const auto boundary = object.attribute("Boundary");
  if (!boundary) return {};
  HEQI_TRY(const Box box, parse_box(*boundary));
  HEQI_TRY(const auto sizes, parse_numbers(object.attribute("Size").value_or("0"), 1));
  const double size = sizes.empty() ? 0 : sizes[0];
  for (const XmlElement& code : object.children("TextCode")) {
    HEQI_TRY(const Letters letters, letters_of(code, size));
    for (std::size_t at = letters.text.find(word); at != std::string::npos;
         at = letters.text.find(word, at + word.size())) {
      if (out.size() == kTextPlacesMax) return {};
      std::size_t last = at + word.size() - 1;
      while (last > at && !begins_character(letters.text[last])) --last;
      out.push_back({page,
                     {box.x + letters.places[at], box.y + letters.y - size,
                      letters.places[last] - letters.places[at] + size, size}});
    }
  }
  return {};
}

base::Status find_below(const XmlElement& element, std::string_view word, std::size_t page,
                        std::vector<TextPlace>& out) {
  for (const XmlElement& child : element.children()) {
    if (child.name() == "TextObject") {
      HEQI_TRY(find_in_object(child, word, page, out));
    } else {
      HEQI_TRY(find_below(child, word, page, out));
    }
  }
  return {};
}

}  // namespace

base::Result<std::vector<double>> expand_deltas(std::string_view text, std::size_t count_max) {
  std::vector<double> out;
  std::string_view rest = text;
  std::vector<std::string_view> words;
  while (!rest.empty()) {
    const std::size_t begin = rest.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(rest.find_first_of(" \t\r\n", begin), rest.size());
    words.push_back(rest.substr(begin, end - begin));
    rest.remove_prefix(end);
  }
  for (std::size_t i = 0; i < words.size() && out.size() < count_max; ++i) {
    std::size_t times = 1;
    if (words[i] == "g") {
      if (i + 2 >= words.size())
        return fail(Code::malformed, "a distance \"g\" without its numbers");
      HEQI_TRY(const auto count, parse_numbers(words[i + 1], 1));
      if (count.size() != 1 || count[0] < 0) return fail(Code::malformed, "a negative count");
      times = static_cast<std::size_t>(count[0]);
      i += 2;
    }
    HEQI_TRY(const auto value, parse_numbers(words[i], 1));
    if (value.size() != 1) return fail(Code::malformed, "a distance that is none");
    out.insert(out.end(), std::min(times, count_max - out.size()), value[0]);
  }
  return out;
}

base::Result<std::vector<TextPlace>> find_text(const Package& package, const Body& body,
                                               std::string_view word) {
  std::vector<TextPlace> out;
  if (word.empty()) return fail(Code::malformed, "no word to look for");
  for (std::size_t i = 0; i < body.pages.size(); ++i) {
    HEQI_TRY(const XmlElement page, read_xml(package, body.pages[i].part));
    HEQI_TRY(find_below(page, word, i, out));
  }
  return out;
}

}  // namespace heqi::documents::ofd
