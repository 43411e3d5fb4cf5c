#include <heqi/documents/drawing/typeface.h>

#include <heqi/base/file_store.h>

#include "outline.h"

namespace heqi::documents::drawing {

using base::Bytes;
using base::Code;
using base::fail;

namespace {

constexpr std::size_t kFontSizeMax = std::size_t{128} << 20;
constexpr std::size_t kGlyphsKeptMax = 20'000;

constexpr const char* kSong[] = {"/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
                                 "/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc"};
constexpr const char* kHei[] = {"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
                                "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"};

struct FaceEnd {
  void operator()(FT_Face face) const { FT_Done_Face(face); }
};

}  // namespace

struct Typeface::Face {
  Bytes file;
  Library library;  // of its own: it lives longer than a thread may
  std::unique_ptr<FT_FaceRec_, FaceEnd> face;
  std::map<std::uint32_t, Path> glyphs;
};

Style style_of(std::string_view font_name) {
  for (const std::string_view hei :
       {"黑", "雅", "圆", "Hei", "Sans", "Arial", "Helvetica", "YaHei"})
    if (font_name.find(hei) != std::string_view::npos) return Style::hei;
  return Style::song;
}

base::Result<Typeface> Typeface::open_style(Style style) {
  // The file is large and the same each time; what it was once is kept by each thread.
  thread_local std::map<Style, Typeface> kept;
  if (const auto found = kept.find(style); found != kept.end()) return found->second;
  for (const char* path : style == Style::song ? kSong : kHei)
    if (auto face = open(path, "SC")) return kept.emplace(style, *std::move(face)).first->second;
  return fail(Code::unavailable, "no Chinese font; install fonts-noto-cjk");
}

base::Result<Typeface> Typeface::open(const std::string& path, const std::string& suffix) {
  HEQI_TRY(Bytes file, base::read_file(path, kFontSizeMax));
  return of(std::move(file), suffix);
}

base::Result<Typeface> Typeface::of(Bytes font, const std::string& suffix) {
  auto out = std::make_shared<Face>();
  out->file = std::move(font);
  FT_Library library = nullptr;
  if (FT_Init_FreeType(&library) != 0) return fail(Code::internal, "FreeType does not start");
  out->library.reset(library);
  FT_Long count = 1;
  for (FT_Long index = 0; index < count; ++index) {
    FT_Face face = nullptr;
    if (FT_New_Memory_Face(library, out->file.data(), static_cast<FT_Long>(out->file.size()), index,
                           &face) != 0)
      return fail(Code::malformed, "FreeType cannot read the font");
    count = face->num_faces;
    const std::string family = face->family_name ? face->family_name : "";
    const bool wanted = suffix.empty() || family.ends_with(suffix);
    if (wanted || !out->face)
      out->face.reset(face);
    else
      FT_Done_Face(face);
    if (wanted) break;
  }
  if (!FT_IS_SCALABLE(out->face.get())) return fail(Code::malformed, "a font without outlines");
  return Typeface(std::move(out));
}

const Path* Typeface::glyph_number(std::uint32_t number) const {
  const auto kept = face_->glyphs.find(number);
  if (kept != face_->glyphs.end()) return &kept->second;
  FT_Face face = face_->face.get();
  if (FT_Load_Glyph(face, number, FT_LOAD_NO_SCALE | FT_LOAD_NO_BITMAP) != 0 ||
      face->glyph->format != FT_GLYPH_FORMAT_OUTLINE)
    return nullptr;
  // Unscaled outlines are in units of the font, which path_of takes for 1/64.
  const auto path = path_of(face->glyph->outline, face->units_per_EM / 64.0);
  if (!path) return nullptr;
  if (face_->glyphs.size() > kGlyphsKeptMax) face_->glyphs.clear();
  return &face_->glyphs.emplace(number, *path).first->second;
}

const Path* Typeface::glyph(char32_t character) const {
  const FT_UInt number = FT_Get_Char_Index(face_->face.get(), character);
  return number == 0 ? nullptr : glyph_number(number);
}

double Typeface::advance(char32_t character) const {
  FT_Face face = face_->face.get();
  const FT_UInt number = FT_Get_Char_Index(face, character);
  if (number == 0 || FT_Load_Glyph(face, number, FT_LOAD_NO_SCALE | FT_LOAD_NO_BITMAP) != 0)
    return 1;
  return static_cast<double>(face->glyph->metrics.horiAdvance) / face->units_per_EM;
}

namespace {

// sequence_size is how many octets a character of UTF-8 has that begins with first; 0: none does.
std::size_t sequence_size(unsigned char first) {
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

bool continues(std::string_view tail) {
  for (const char c : tail)
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80) return false;
  return true;
}

}  // namespace

std::u32string characters_of(std::string_view utf8) {
  std::u32string out;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    const std::size_t size = sequence_size(first);
    if (size == 0 || at + size > utf8.size() || !continues(utf8.substr(at + 1, size - 1))) {
      out += U'\uFFFD';
      ++at;
      continue;
    }
    char32_t point = size == 1 ? first : first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i)
      point = point << 6 | (static_cast<unsigned char>(utf8[at + i]) & 0x3FU);
    out += point;
    at += size;
  }
  return out;
}

}  // namespace heqi::documents::drawing
