#include <heqi/documents/appearance/font.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_CID_H
#include <hb-ot.h>
#include <hb-subset.h>
#include <hb.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/appearance/compress.h>

namespace heqi::documents::appearance {

using base::Bytes;
using base::Code;
using base::fail;

namespace {

constexpr std::size_t kFontSizeMax = std::size_t{128} << 20;

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};
using Blob = std::unique_ptr<hb_blob_t, Destroy<hb_blob_destroy>>;
using HbFace = std::unique_ptr<hb_face_t, Destroy<hb_face_destroy>>;
using HbFont = std::unique_ptr<hb_font_t, Destroy<hb_font_destroy>>;
using SubsetInput = std::unique_ptr<hb_subset_input_t, Destroy<hb_subset_input_destroy>>;
using FtLibrary = std::unique_ptr<FT_LibraryRec_, Destroy<FT_Done_FreeType>>;
using FtFace = std::unique_ptr<FT_FaceRec_, Destroy<FT_Done_Face>>;

std::string name_of(hb_face_t* face, hb_ot_name_id_t id) {
  char text[128];
  unsigned size = sizeof text;
  hb_ot_name_get_utf8(face, id, hb_language_from_string("en", -1), &size, text);
  return std::string(text, size);
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

Bytes bytes_of_blob(hb_blob_t* blob) {
  unsigned size = 0;
  const char* data = hb_blob_get_data(blob, &size);
  return base::to_bytes(std::string_view(data, size));
}

// for_points calls each with every code point; false where text is not UTF-8 or each says no.
template <class Each>
bool for_points(std::string_view text, Each each) {
  if (!base::is_utf8(text)) return false;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    char32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
    for (int i = 0; i < more; ++i)
      point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
    if (!each(point)) return false;
  }
  return true;
}

std::string utf16_hex(char32_t point) {
  char text[16];
  if (point < 0x10000) {
    std::snprintf(text, sizeof text, "%04X", static_cast<unsigned>(point));
  } else {
    std::snprintf(text, sizeof text, "%04X%04X",
                  static_cast<unsigned>(0xD800 + ((point - 0x10000) >> 10)),
                  static_cast<unsigned>(0xDC00 + ((point - 0x10000) & 0x3FF)));
  }
  return text;
}

std::string code_hex(std::uint16_t code) {
  char text[8];
  std::snprintf(text, sizeof text, "%04X", unsigned{code});
  return text;
}

}  // namespace

struct Font::Face {
  Bytes file;
  HbFace face;
  HbFont font;
  FtLibrary library;
  FtFace freetype;
  std::string name;
  bool is_cff = false, is_cid_keyed = false;
  double units = 1000;

  // code_of is the two-octet code of glyph: its CID, or the glyph's own number.
  std::optional<std::uint16_t> code_of(std::uint32_t glyph) const {
    FT_UInt code = glyph;
    if (is_cid_keyed && FT_Get_CID_From_Glyph_Index(freetype.get(), glyph, &code) != 0)
      return std::nullopt;
    if (code > 0xFFFF) return std::nullopt;
    return static_cast<std::uint16_t>(code);
  }
  double advance(std::uint32_t glyph) const {
    return hb_font_get_glyph_h_advance(font.get(), glyph) / units;
  }
};

std::vector<std::string> default_font_paths() {
  return {"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
          "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
          "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"};
}

base::Result<Font> Font::open(const FontChoice& choice) {
  auto out = std::make_shared<Face>();
  std::vector<std::string> paths = default_font_paths();
  if (!choice.path.empty()) paths = {choice.path};
  for (const std::string& path : paths) {
    auto read = base::read_file(path, kFontSizeMax);
    if (!read) continue;
    out->file = *std::move(read);
    break;
  }
  if (out->file.empty())
    return fail(Code::unavailable, "no font file at " + paths[0] +
                                       (paths.size() > 1 ? " or the other usual places" : "") +
                                       "; install fonts-noto-cjk or name one");
  const Blob blob(hb_blob_create(reinterpret_cast<const char*>(out->file.data()),
                                 static_cast<unsigned>(out->file.size()), HB_MEMORY_MODE_READONLY,
                                 nullptr, nullptr));
  unsigned index = 0;
  const unsigned count = hb_face_count(blob.get());
  for (unsigned i = 0; i < count; ++i) {
    const HbFace face(hb_face_create(blob.get(), i));
    if (ends_with(name_of(face.get(), HB_OT_NAME_ID_FONT_FAMILY), choice.family_suffix)) {
      index = i;
      break;
    }
  }
  out->face.reset(hb_face_create(blob.get(), index));
  if (count == 0 || hb_face_get_glyph_count(out->face.get()) == 0)
    return fail(Code::malformed, "the font file holds no font");
  out->font.reset(hb_font_create(out->face.get()));
  out->units = hb_face_get_upem(out->face.get());
  out->name = name_of(out->face.get(), HB_OT_NAME_ID_POSTSCRIPT_NAME);
  std::erase_if(out->name, [](char c) { return c <= 0x20 || c >= 0x7f; });
  const Blob cff(hb_face_reference_table(out->face.get(), HB_TAG('C', 'F', 'F', ' ')));
  out->is_cff = hb_blob_get_length(cff.get()) > 0;

  FT_Library library = nullptr;
  FT_Face freetype = nullptr;
  if (FT_Init_FreeType(&library) != 0) return fail(Code::internal, "FreeType does not start");
  out->library.reset(library);
  if (FT_New_Memory_Face(library, out->file.data(), static_cast<FT_Long>(out->file.size()),
                         static_cast<FT_Long>(index), &freetype) != 0)
    return fail(Code::malformed, "FreeType cannot read the font");
  out->freetype.reset(freetype);
  FT_Bool keyed = 0;
  out->is_cid_keyed = FT_Get_CID_Is_Internally_CID_Keyed(freetype, &keyed) == 0 && keyed != 0;
  return Font(std::move(out));
}

const std::string& Font::name() const {
  return face_->name;
}

base::Result<std::string> TextFont::show(std::string_view utf8) {
  const Font::Face& face = font_.face();
  std::string out = "<";
  std::string missing;
  const bool good = for_points(utf8, [&](char32_t point) {
    hb_codepoint_t glyph = 0;
    const bool found = hb_font_get_nominal_glyph(face.font.get(), point, &glyph) != 0;
    const auto code = found ? face.code_of(glyph) : std::nullopt;
    if (!code) {
      missing = "the font has no glyph for U+" + utf16_hex(point);
      return false;
    }
    used_.try_emplace(*code, Used{point, glyph});
    out += code_hex(*code);
    return true;
  });
  if (!missing.empty()) return fail(Code::unsupported, missing);
  if (!good) return fail(Code::malformed, "a text that is not UTF-8");
  return out + ">";
}

double TextFont::width(std::string_view utf8) const {
  const Font::Face& face = font_.face();
  double width = 0;
  for_points(utf8, [&](char32_t point) {
    hb_codepoint_t glyph = 0;
    if (hb_font_get_nominal_glyph(face.font.get(), point, &glyph)) width += face.advance(glyph);
    return true;
  });
  return width;
}

namespace {

struct Row {
  std::uint16_t code;
  char32_t character;
  std::uint32_t glyph;
};

base::Result<Bytes> subset_of(const Font::Face& face, const std::vector<Row>& rows) {
  const SubsetInput input(hb_subset_input_create_or_fail());
  if (!input) return fail(Code::internal, "no memory for a font subset");
  hb_set_t* glyphs = hb_subset_input_glyph_set(input.get());
  for (const Row& row : rows) hb_set_add(glyphs, row.glyph);
  unsigned flags = HB_SUBSET_FLAGS_NO_HINTING;
  // Codes are CIDs where the font has them; else glyph numbers, which must then not change.
  if (!face.is_cid_keyed) flags |= HB_SUBSET_FLAGS_RETAIN_GIDS;
  hb_subset_input_set_flags(input.get(), flags);
  const HbFace subset(hb_subset_or_fail(face.face.get(), input.get()));
  if (!subset) return fail(Code::internal, "the font cannot be subset");
  const Blob blob(face.is_cff ? hb_face_reference_table(subset.get(), HB_TAG('C', 'F', 'F', ' '))
                              : hb_face_reference_blob(subset.get()));
  Bytes out = bytes_of_blob(blob.get());
  if (out.empty()) return fail(Code::internal, "the subset of the font is empty");
  return out;
}

// tagged_name puts six letters before the name that stand for the set of glyphs (§9.9.2).
std::string tagged_name(const Font::Face& face, const std::vector<Row>& rows) {
  crypto::Sm3 hash;
  for (const Row& row : rows) {
    const std::uint8_t code[2] = {static_cast<std::uint8_t>(row.code >> 8),
                                  static_cast<std::uint8_t>(row.code & 0xFF)};
    hash.update(code);
  }
  const crypto::Digest digest = hash.finish();
  std::string tag;
  for (std::size_t i = 0; i < 6; ++i) tag += static_cast<char>('A' + digest[i] % 26);
  return tag + "+" + (face.name.empty() ? "Font" : face.name);
}

std::string to_unicode(const std::vector<Row>& rows) {
  std::string out =
      "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
      "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
      "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
      "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n";
  for (std::size_t i = 0; i < rows.size(); i += 100) {
    const std::size_t count = std::min<std::size_t>(100, rows.size() - i);
    out += std::to_string(count) + " beginbfchar\n";
    for (std::size_t k = i; k < i + count; ++k)
      out += "<" + code_hex(rows[k].code) + "> <" + utf16_hex(rows[k].character) + ">\n";
    out += "endbfchar\n";
  }
  return out + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n";
}

std::int64_t per_mille(const Font::Face& face, double value) {
  return std::lround(value * 1000 / face.units);
}

pdf::Dictionary descriptor(const Font::Face& face, const std::string& name,
                           std::size_t file_index) {
  hb_font_extents_t extents{};
  hb_font_get_h_extents(face.font.get(), &extents);
  const FT_BBox& box = face.freetype->bbox;
  const auto scaled = [&](FT_Pos value) {
    return pdf::Value(per_mille(face, static_cast<double>(value)));
  };
  pdf::Dictionary out;
  out.set("Type", pdf::Name{"FontDescriptor"}).set("FontName", pdf::Name{name});
  out.set("Flags", std::int64_t{4});
  out.set("FontBBox",
          pdf::Array{{scaled(box.xMin), scaled(box.yMin), scaled(box.xMax), scaled(box.yMax)}});
  out.set("ItalicAngle", std::int64_t{0});
  out.set("Ascent", per_mille(face, extents.ascender));
  out.set("Descent", per_mille(face, extents.descender));
  out.set("CapHeight", std::int64_t{733}).set("StemV", std::int64_t{80});
  out.set(face.is_cff ? "FontFile3" : "FontFile2", pdf::local_reference(file_index));
  return out;
}

}  // namespace

base::Result<std::size_t> TextFont::append_to(pdf::Graph& graph) const {
  const Font::Face& face = font_.face();
  std::vector<Row> rows;
  for (const auto& [code, used] : used_) rows.push_back({code, used.character, used.glyph});
  HEQI_TRY(const Bytes subset, subset_of(face, rows));
  const std::string name = tagged_name(face, rows);
  const std::size_t first = graph.objects.size();
  const std::size_t cid_font = first + 1, description = first + 2, file = first + 3,
                    unicode = first + 4;

  pdf::Dictionary type0;
  type0.set("Type", pdf::Name{"Font"}).set("Subtype", pdf::Name{"Type0"});
  type0.set("BaseFont", pdf::Name{name + (face.is_cff ? "-Identity-H" : "")});
  type0.set("Encoding", pdf::Name{"Identity-H"});
  type0.set("DescendantFonts", pdf::Array{{pdf::local_reference(cid_font)}});
  type0.set("ToUnicode", pdf::local_reference(unicode));

  pdf::Dictionary system, cid;
  const auto ascii = [](std::string_view text) { return pdf::String{base::to_bytes(text), false}; };
  system.set("Registry", ascii("Adobe")).set("Ordering", ascii("Identity"));
  system.set("Supplement", std::int64_t{0});
  cid.set("Type", pdf::Name{"Font"});
  cid.set("Subtype", pdf::Name{face.is_cff ? "CIDFontType0" : "CIDFontType2"});
  cid.set("BaseFont", pdf::Name{name}).set("CIDSystemInfo", std::move(system));
  cid.set("FontDescriptor", pdf::local_reference(description));
  pdf::Array widths;
  for (const Row& row : rows) {
    widths.items.push_back(std::int64_t{row.code});
    widths.items.push_back(pdf::Array{
        {pdf::Value(static_cast<std::int64_t>(std::lround(face.advance(row.glyph) * 1000)))}});
  }
  cid.set("DW", std::int64_t{1000}).set("W", std::move(widths));
  if (!face.is_cff) cid.set("CIDToGIDMap", pdf::Name{"Identity"});

  pdf::Dictionary file_dictionary;
  if (face.is_cff) {
    file_dictionary.set("Subtype", pdf::Name{"CIDFontType0C"});
  } else {
    file_dictionary.set("Length1", static_cast<std::int64_t>(subset.size()));
  }
  graph.objects.push_back({std::move(type0), {}});
  graph.objects.push_back({std::move(cid), {}});
  graph.objects.push_back({descriptor(face, name, file), {}});
  graph.objects.push_back(make_stream(std::move(file_dictionary), subset));
  graph.objects.push_back(make_stream({}, base::bytes_of(to_unicode(rows))));
  return first;
}

}  // namespace heqi::documents::appearance
