#include <heqi/documents/ofd/seam.h>

#include <algorithm>

namespace heqi::documents::ofd {

using base::Code;
using base::fail;

namespace {

// stamp_of is the picture so that slice is where it was planned.
StampRequest stamp_of(const seal::Slice& slice, const SeamRequest& request) {
  StampRequest out;
  out.page = slice.page;
  out.boundary = {slice.left - slice.begin, slice.top, request.width, request.height};
  out.clip = Box{slice.begin, 0, slice.width, slice.height};
  return out;
}

}  // namespace

base::Result<std::vector<StampRequest>> plan_seam(const std::vector<Box>& boxes,
                                                  const SeamRequest& request) {
  std::vector<seal::PageSize> pages;
  pages.reserve(boxes.size());
  for (const Box& box : boxes) pages.push_back({box.width, box.height});
  HEQI_TRY(const auto seals, seal::plan_seam(pages, request));
  std::vector<StampRequest> out;
  for (const std::vector<seal::Slice>& slices : seals)
    for (const seal::Slice& slice : slices) out.push_back(stamp_of(slice, request));
  std::sort(out.begin(), out.end(),
            [](const StampRequest& a, const StampRequest& b) { return a.page < b.page; });
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
