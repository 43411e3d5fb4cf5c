// heqi/documents/ofd/make.h: makes OFD documents of text, rules and pictures (GB/T 33190 §7–§11):
// what contracts from templates of ours need.
#pragma once
#include <heqi/base/clock.h>
#include <heqi/documents/ofd/document.h>

namespace heqi::documents::ofd {

// TextLine is one line of text: millimetres from the upper left corner; y is the base line.
struct TextLine {
  double x = 0, y = 0, size = 4.2;  // size: height of the em square
  std::string text;                 // UTF-8
  std::string font = "宋体";
  double grey = 0;  // 0 is black, 1 is white
  // Where font is one of NewDocument::fonts: the font's number of each letter's glyph.
  std::vector<std::uint32_t> glyphs = {};
  // Millimetres from each letter to the next one; empty: as text_width sets them.
  std::vector<double> steps = {};
};

// Rule is a straight line.
struct Rule {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0, width = 0.2;
  double grey = 0;
};

// PlacedPicture is a PNG on the page.
struct PlacedPicture {
  Box place;
  base::Bytes png;
};

struct NewPage {
  double width = 210, height = 297;
  std::vector<TextLine> lines;
  std::vector<Rule> rules;
  std::vector<PlacedPicture> pictures;
};

// NewFont is a font file that goes into the package.
struct NewFont {
  std::string name;
  base::Bytes file;  // OpenType, TrueType or bare CFF
};

struct NewDocument {
  std::string title, author = "Heqi";
  base::Time created;
  std::vector<NewPage> pages;
  std::vector<NewFont> fonts = {};
};

// text_width is how wide a line is set: a full em for Chinese, half of one for ASCII.
double text_width(const TextLine& line);

// make_document makes a package. The same input gives the same octets. Fails with document_empty
// without pages; malformed for text that is not UTF-8, sizes that are not positive, as many glyphs
// or steps as do not fit the letters, or a picture that is no PNG.
base::Result<base::Bytes> make_document(const NewDocument& document);

}  // namespace heqi::documents::ofd
