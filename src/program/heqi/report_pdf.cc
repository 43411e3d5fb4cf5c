#include "report_pdf.h"

#include <heqi/documents/appearance/font.h>
#include <heqi/documents/pdf/update.h>

namespace heqi::program {

namespace pdf = documents::pdf;
using base::Bytes;
using base::Result;
using documents::appearance::TextFont;

namespace {

constexpr double kWidth = 595, kHeight = 842, kMargin = 50, kSize = 9, kLeading = 13;
constexpr std::size_t kLinesOfPage = static_cast<std::size_t>((kHeight - 2 * kMargin) / kLeading);

// An empty file, to which everything is appended as one update.
constexpr std::string_view kEmpty =
    "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids "
    "[] "
    "/Count 0 >>\nendobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n "
    "\ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n110\n%%EOF\n";

// characters_of splits well-formed UTF-8; anything else becomes "?".
std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0x20 || i + size > text.size())
      out.emplace_back("?");
    else
      out.emplace_back(text.substr(i, size));
    i += size;
  }
  return out;
}

// Layout breaks text into lines that fit, and shows them with one font.
class Layout {
 public:
  explicit Layout(documents::appearance::Font font) : font_(std::move(font)) {}

  void add(std::string_view line) {
    std::string now;
    double width = 0;
    for (std::string character : characters_of(line)) {
      if (!font_.show(character)) character = "?";
      const double more = font_.width(character) * kSize;
      if (width + more > kWidth - 2 * kMargin) {
        lines_.push_back(std::move(now));
        now = "    ";
        width = font_.width(now) * kSize;
      }
      now += character;
      width += more;
    }
    lines_.push_back(std::move(now));
  }

  Result<std::vector<std::string>> contents() {
    std::vector<std::string> pages;
    for (std::size_t first = 0; first < lines_.size(); first += kLinesOfPage) {
      std::string page = "BT /F1 " + std::to_string(static_cast<int>(kSize)) + " Tf " +
                         std::to_string(static_cast<int>(kLeading)) + " TL " +
                         std::to_string(static_cast<int>(kMargin)) + " " +
                         std::to_string(static_cast<int>(kHeight - kMargin)) + " Td\n";
      for (std::size_t i = first; i < std::min(first + kLinesOfPage, lines_.size()); ++i) {
        HEQI_TRY(const std::string shown, font_.show(lines_[i]));
        page += shown + " Tj T*\n";
      }
      pages.push_back(page + "ET");
    }
    return pages;
  }

  const TextFont& font() const { return font_; }

 private:
  TextFont font_;
  std::vector<std::string> lines_;
};

// add_resources is the dictionary with the font.
Result<pdf::Reference> add_resources(pdf::Update& update, const TextFont& font) {
  pdf::Graph graph;
  graph.objects.push_back({pdf::Dictionary{}, {}});
  HEQI_TRY(const std::size_t index, font.append_to(graph));
  pdf::Dictionary fonts, resources;
  fonts.set("F1", pdf::local_reference(index));
  resources.set("Font", std::move(fonts));
  graph.objects[0].value = std::move(resources);
  return update.add_graph(graph);
}

}  // namespace

Result<Bytes> write_text_pdf(const std::string& title, const std::string& text) {
  HEQI_TRY(documents::appearance::Font font, documents::appearance::Font::open());
  Layout layout(std::move(font));
  layout.add(title);
  layout.add("");
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    layout.add(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  HEQI_TRY(const std::vector<std::string> contents, layout.contents());

  const Bytes empty = base::to_bytes(kEmpty);
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(empty));
  pdf::Update update(document);
  HEQI_TRY(const pdf::Reference resources, add_resources(update, layout.font()));
  const pdf::Reference pages{2, 0};
  pdf::Array kids;
  for (const std::string& content : contents) {
    const pdf::Reference stream = update.add({pdf::Dictionary{}, base::to_bytes(content)});
    pdf::Dictionary page;
    page.set("Type", pdf::Name{"Page"}).set("Parent", pages).set("Contents", stream);
    page.set("Resources", resources);
    page.set("MediaBox", pdf::to_value(pdf::Rectangle{0, 0, kWidth, kHeight}));
    kids.items.push_back(update.add({std::move(page), {}}));
  }
  pdf::Dictionary tree;
  tree.set("Type", pdf::Name{"Pages"});
  tree.set("Count", static_cast<std::int64_t>(kids.items.size())).set("Kids", std::move(kids));
  update.put(pages, {std::move(tree), {}});
  HEQI_TRY(const pdf::Update::Written written, update.finish());
  return base::concat({empty, written.octets});
}

}  // namespace heqi::program
