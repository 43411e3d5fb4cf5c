#include <heqi/documents/ofd/make.h>

#include <algorithm>
#include <cmath>
#include <map>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/seal/seal.h>

#include "signature_text.h"

namespace heqi::documents::ofd {

using base::Bytes;
using base::Code;
using base::fail;

namespace {

constexpr double kAscent = 0.86, kLineHeight = 1.2;  // of the em

const std::string kHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string open_root(std::string_view name) {
  return kHead + "<ofd:" + std::string(name) + " xmlns:ofd=\"" + std::string(kNamespace) + "\">\n";
}

// ems are the widths of the characters of a text, in ems.
std::vector<double> ems(std::string_view text) {
  std::vector<double> out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x80)
      out.push_back(0.5);
    else if (octet >= 0xC0)
      out.push_back(1);
  }
  return out;
}

// Writer makes the parts of one document.
class Writer {
 public:
  explicit Writer(const NewDocument& document) : document_(document) {}

  base::Result<Bytes> make() {
    put_fonts();
    for (std::size_t i = 0; i < document_.pages.size(); ++i) {
      HEQI_TRY(page(i));
    }
    add("Doc_0/PublicRes.xml", public_resources());
    add("Doc_0/DocumentRes.xml", document_resources());
    entries_.insert(entries_.begin(), {"Doc_0/Document.xml", base::to_bytes(document_text())});
    entries_.insert(entries_.begin(), {"OFD.xml", base::to_bytes(root_text())});
    return write_package(nullptr, entries_);
  }

 private:
  std::uint64_t next() { return ++id_; }
  static std::string id_text(std::uint64_t id) { return " ID=\"" + std::to_string(id) + "\""; }
  void add(std::string name, const std::string& text) {
    entries_.push_back({std::move(name), base::to_bytes(text)});
  }

  static std::string boundary(const Box& box) {
    return " Boundary=\"" + millimetres(box.x) + " " + millimetres(box.y) + " " +
           millimetres(box.width) + " " + millimetres(box.height) + "\"";
  }

  std::uint64_t font_of(const std::string& name) {
    const auto [found, fresh] = fonts_.try_emplace(name, 0);
    if (fresh) found->second = next();
    return found->second;
  }

  static std::string grey_of(std::string_view element, double grey) {
    if (grey <= 0) return {};
    const std::string level = std::to_string(std::lround(std::min(grey, 1.0) * 255));
    return "<ofd:" + std::string(element) + " Value=\"" + level + " " + level + " " + level +
           "\"/>";
  }

  static base::Result<std::string> deltas_of(const TextLine& line) {
    const std::vector<double> widths = ems(line.text);
    if (!line.steps.empty() && line.steps.size() + 1 != widths.size())
      return fail(Code::malformed, "steps that do not fit the letters");
    std::string out;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
      out += (i == 0 ? "" : " ") +
             millimetres(line.steps.empty() ? widths[i] * line.size : line.steps[i]);
    return out;
  }

  static base::Result<std::string> glyphs_of(const TextLine& line) {
    if (line.glyphs.empty()) return std::string();
    const std::size_t letters = ems(line.text).size();
    if (line.glyphs.size() != letters)
      return fail(Code::malformed, "glyphs that do not fit the letters");
    const std::string count = std::to_string(letters);
    std::string out = "<ofd:CGTransform CodePosition=\"0\" CodeCount=\"" + count +
                      "\" GlyphCount=\"" + count + "\"><ofd:Glyphs>";
    for (std::size_t i = 0; i < letters; ++i)
      out += (i == 0 ? "" : " ") + std::to_string(line.glyphs[i]);
    return out + "</ofd:Glyphs></ofd:CGTransform>";
  }

  // put_fonts adds the files of fonts; their names lead to them.
  void put_fonts() {
    for (std::size_t i = 0; i < document_.fonts.size(); ++i) {
      const std::string file = "font_" + std::to_string(i) + ".otf";
      entries_.push_back({"Doc_0/Res/" + file, document_.fonts[i].file});
      font_files_[document_.fonts[i].name] = file;
    }
  }

  base::Result<std::string> text_object(const TextLine& line) {
    if (!base::is_utf8(line.text) || line.text.empty() || !(line.size > 0))
      return fail(Code::malformed, "a line that is empty, not UTF-8, or of no size");
    HEQI_TRY(const std::string deltas, deltas_of(line));
    HEQI_TRY(const std::string glyphs, glyphs_of(line));
    const Box box{line.x, line.y - kAscent * line.size, text_width(line), kLineHeight * line.size};
    std::string out = "<ofd:TextObject" + id_text(next()) + boundary(box) + " Font=\"" +
                      std::to_string(font_of(line.font)) + "\" Size=\"" + millimetres(line.size) +
                      "\">" + grey_of("FillColor", line.grey) + glyphs +
                      "<ofd:TextCode X=\"0\" Y=\"" + millimetres(kAscent * line.size) + "\"";
    if (!deltas.empty()) out += " DeltaX=\"" + deltas + "\"";
    return out + ">" + xml_escaped(line.text) + "</ofd:TextCode></ofd:TextObject>\n";
  }

  std::string rule_object(const Rule& rule) {
    const Box box{std::min(rule.x1, rule.x2) - rule.width, std::min(rule.y1, rule.y2) - rule.width,
                  std::abs(rule.x2 - rule.x1) + 2 * rule.width,
                  std::abs(rule.y2 - rule.y1) + 2 * rule.width};
    return "<ofd:PathObject" + id_text(next()) + boundary(box) + " LineWidth=\"" +
           millimetres(rule.width) + "\">" + grey_of("StrokeColor", rule.grey) +
           "<ofd:AbbreviatedData>M " + millimetres(rule.x1 - box.x) + " " +
           millimetres(rule.y1 - box.y) + " L " + millimetres(rule.x2 - box.x) + " " +
           millimetres(rule.y2 - box.y) + "</ofd:AbbreviatedData></ofd:PathObject>\n";
  }

  base::Result<std::string> picture_object(const PlacedPicture& picture) {
    HEQI_TRY(seal::check_picture({"PNG", picture.png, 1, 1}));
    const std::uint64_t resource = next();
    const std::string file = "image_" + std::to_string(resource) + ".png";
    entries_.push_back({"Doc_0/Res/" + file, picture.png});
    pictures_ += "<ofd:MultiMedia" + id_text(resource) +
                 " Type=\"Image\" Format=\"PNG\"><ofd:MediaFile>" + file +
                 "</ofd:MediaFile></ofd:MultiMedia>\n";
    return "<ofd:ImageObject" + id_text(next()) + boundary(picture.place) + " CTM=\"" +
           millimetres(picture.place.width) + " 0 0 " + millimetres(picture.place.height) +
           " 0 0\" ResourceID=\"" + std::to_string(resource) + "\"/>\n";
  }

  base::Status page(std::size_t index) {
    const NewPage& wish = document_.pages[index];
    if (!(wish.width > 0) || !(wish.height > 0)) return fail(Code::malformed, "a page of no size");
    std::string objects;
    for (const Rule& one : wish.rules) objects += rule_object(one);
    for (const TextLine& one : wish.lines) {
      HEQI_TRY(const std::string object, text_object(one));
      objects += object;
    }
    for (const PlacedPicture& one : wish.pictures) {
      HEQI_TRY(const std::string object, picture_object(one));
      objects += object;
    }
    const std::string name = "Pages/Page_" + std::to_string(index) + "/Content.xml";
    pages_ += "<ofd:Page" + id_text(next()) + " BaseLoc=\"" + name + "\"/>\n";
    add("Doc_0/" + name, open_root("Page") + "<ofd:Area><ofd:PhysicalBox>0 0 " +
                             millimetres(wish.width) + " " + millimetres(wish.height) +
                             "</ofd:PhysicalBox></ofd:Area>\n<ofd:Content><ofd:Layer" +
                             id_text(next()) + " Type=\"Body\">\n" + objects +
                             "</ofd:Layer></ofd:Content>\n</ofd:Page>\n");
    return {};
  }

  std::string public_resources() const {
    std::string fonts;
    for (const auto& [name, id] : fonts_)
      fonts += "<ofd:Font" + id_text(id) + " FontName=\"" + xml_escaped(name) + "\" FamilyName=\"" +
               xml_escaped(name) + "\"" + font_file_of(name) + "\n";
    const std::string inner = fonts.empty() ? "" : "<ofd:Fonts>\n" + fonts + "</ofd:Fonts>\n";
    return resources(inner);
  }
  std::string font_file_of(const std::string& name) const {
    const auto found = font_files_.find(name);
    if (found == font_files_.end()) return "/>";
    return "><ofd:FontFile>" + found->second + "</ofd:FontFile></ofd:Font>";
  }
  std::string document_resources() const {
    return resources(
        pictures_.empty() ? "" : "<ofd:MultiMedias>\n" + pictures_ + "</ofd:MultiMedias>\n");
  }
  static std::string resources(const std::string& inner) {
    std::string out = open_root("Res") + inner + "</ofd:Res>\n";
    out.insert(out.find('>', kHead.size()), " BaseLoc=\"Res\"");
    return out;
  }

  std::string document_text() const {
    const NewPage& first = document_.pages[0];
    return open_root("Document") + "<ofd:CommonData>\n<ofd:MaxUnitID>" + std::to_string(id_) +
           "</ofd:MaxUnitID>\n<ofd:PageArea><ofd:PhysicalBox>0 0 " + millimetres(first.width) +
           " " + millimetres(first.height) +
           "</ofd:PhysicalBox></ofd:PageArea>\n<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>\n"
           "<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>\n</ofd:CommonData>\n<ofd:Pages>\n" +
           pages_ + "</ofd:Pages>\n</ofd:Document>\n";
  }

  std::string root_text() const {
    crypto::Sm3 hash;
    for (const NewEntry& one : entries_) hash.update(one.content);
    const crypto::Digest digest = hash.finish();
    const std::string id = base::to_hex(base::ByteView(digest).first(16));
    const std::string date = base::to_rfc3339(document_.created).substr(0, 10);
    std::string out = open_root("OFD");
    out.insert(out.find('>', kHead.size()), " Version=\"1.1\" DocType=\"OFD\"");
    return out + "<ofd:DocBody>\n<ofd:DocInfo>\n<ofd:DocID>" + id + "</ofd:DocID>\n<ofd:Title>" +
           xml_escaped(document_.title) + "</ofd:Title>\n<ofd:Author>" +
           xml_escaped(document_.author) + "</ofd:Author>\n<ofd:CreationDate>" + date +
           "</ofd:CreationDate>\n<ofd:Creator>Heqi</ofd:Creator>\n</ofd:DocInfo>\n"
           "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>\n</ofd:DocBody>\n</ofd:OFD>\n";
  }

  const NewDocument& document_;
  std::uint64_t id_ = 0;
  std::map<std::string, std::uint64_t> fonts_;
  std::map<std::string, std::string> font_files_;
  std::string pages_, pictures_;
  std::vector<NewEntry> entries_;
};

}  // namespace

double text_width(const TextLine& line) {
  double out = 0;
  for (const double em : ems(line.text)) out += em * line.size;
  return out;
}

base::Result<Bytes> make_document(const NewDocument& document) {
  if (document.pages.empty()) return fail(Code::document_empty, "a document without pages");
  if (!base::is_utf8(document.title) || !base::is_utf8(document.author))
    return fail(Code::malformed, "title and author are UTF-8");
  return Writer(document).make();
}

}  // namespace heqi::documents::ofd
