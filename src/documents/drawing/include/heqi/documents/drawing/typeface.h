// heqi/documents/drawing/typeface.h: glyphs of a font as outlines.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/documents/drawing/path.h>

namespace heqi::documents::drawing {

// Style is the kind of type that a name of a font asks for.
enum class Style : std::uint8_t { song, hei };
// style_of guesses it from a name: 黑体, 微软雅黑, Arial and their like are hei, all others song.
Style style_of(std::string_view font_name);

// Typeface is one face of a font file. Copies share it; one thread at a time.
class Typeface {
 public:
  // open_style finds Debian's Noto CJK face (SC). Fails with unavailable where it is not there.
  static base::Result<Typeface> open_style(Style style);
  // open reads a font file; suffix chooses the face of a collection by the end of its family name.
  // Fails as base::read_file; malformed where it is no font.
  static base::Result<Typeface> open(const std::string& path, const std::string& suffix = "");
  // of reads a font from memory. Fails with malformed.
  static base::Result<Typeface> of(base::Bytes font, const std::string& suffix = "");

  // glyph is the outline of a character in an em square of side 1 that stands on the base line y =
  // 0; nullptr where the font lacks it. It lives as long as the typeface.
  const Path* glyph(char32_t character) const;
  // glyph_number is the same for the font's own number of a glyph.
  const Path* glyph_number(std::uint32_t number) const;
  double advance(char32_t character) const;  // in ems; 1 where the font lacks it

  struct Face;  // of the implementation

 private:
  explicit Typeface(std::shared_ptr<Face> face) : face_(std::move(face)) {}
  std::shared_ptr<Face> face_;
};

// characters_of splits UTF-8; malformed octets become U+FFFD.
std::u32string characters_of(std::string_view utf8);

}  // namespace heqi::documents::drawing
