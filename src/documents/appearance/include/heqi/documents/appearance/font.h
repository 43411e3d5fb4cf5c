// heqi/documents/appearance/font.h: OpenType fonts and the subsets of them that are embedded
// (ISO 32000-2 §9.7, §9.9).
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/result.h>
#include <heqi/documents/pdf/update.h>

namespace heqi::documents::appearance {

// FontChoice names the font file; where path is empty the places of default_font_paths are tried.
struct FontChoice {
  std::string path;
  std::string family_suffix = "SC";  // which face of a .ttc: the one whose family ends with it
};

// default_font_paths are where Debian's fonts-noto-cjk puts its files (SIL Open Font License 1.1).
std::vector<std::string> default_font_paths();

// Font is one face of a font file in memory. Copies share it.
class Font {
 public:
  // open fails with unavailable (no such file), malformed or unsupported (not a usable font).
  static base::Result<Font> open(const FontChoice& choice = {});

  const std::string& name() const;  // PostScript name

  struct Face;  // of the implementation
  const Face& face() const { return *face_; }

 private:
  explicit Font(std::shared_ptr<const Face> face) : face_(std::move(face)) {}
  std::shared_ptr<const Face> face_;
};

// TextFont collects the characters that a document shows, and becomes the font objects for them.
class TextFont {
 public:
  explicit TextFont(Font font) : font_(std::move(font)) {}

  // show is the string operand, "<…>", for the Tj operator. Fails with unsupported where the font
  // has no glyph for a character (the detail names it), malformed if text is not UTF-8.
  base::Result<std::string> show(std::string_view utf8);
  // width is the advance of text at 1 point; characters without glyph count nothing.
  double width(std::string_view utf8) const;

  // append_to adds the font objects to graph and returns the index of the Type0 font, to be named
  // by pdf::local_reference(index). Fails with internal if the font cannot be subset.
  base::Result<std::size_t> append_to(pdf::Graph& graph) const;

 private:
  struct Used {
    char32_t character = 0;
    std::uint32_t glyph = 0;
  };
  Font font_;
  std::map<std::uint16_t, Used> used_;  // by code
};

}  // namespace heqi::documents::appearance
