#include "resources.h"

#include <heqi/base/text.h>

namespace heqi::documents::ofd_render {

using base::ByteView;
using ofd::XmlElement;

namespace {

// part_below resolves a file of a Res part, whose BaseLoc names the folder of its files.
std::optional<std::string> part_below(const std::string& part, const std::string& folder,
                                      const std::string& file) {
  const std::string joined = file.starts_with('/') || folder.empty() ? file : folder + "/" + file;
  const auto out = ofd::resolve(part, joined);
  return out ? std::optional(*out) : std::nullopt;
}

std::uint32_t little_endian(ByteView in, std::size_t at) {
  return std::uint32_t{in[at + 3]} << 24 | std::uint32_t{in[at + 2]} << 16 |
         std::uint32_t{in[at + 1]} << 8 | in[at];
}

// decode_bmp reads 24 and 32 bits a pixel without compression.
std::optional<drawing::Picture> decode_bmp(ByteView bmp) {
  if (bmp.size() < 54) return std::nullopt;
  const std::uint32_t width = little_endian(bmp, 18), stated = little_endian(bmp, 22),
                      bits = little_endian(bmp, 28) & 0xFFFF, begin = little_endian(bmp, 10);
  const bool from_top = (stated & 0x80000000U) != 0;
  const std::uint32_t height = from_top ? 0U - stated : stated;
  if ((bits != 24 && bits != 32) || little_endian(bmp, 30) != 0 || width == 0 || height == 0 ||
      width > 4096 || height > 4096)
    return std::nullopt;
  const std::size_t step = bits / 8, row = (width * step + 3) / 4 * 4;
  if (begin > bmp.size() || bmp.size() - begin < row * height) return std::nullopt;
  drawing::Picture out{width, height, base::Bytes(std::size_t{width} * height * 4)};
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      const std::size_t from = begin + (from_top ? y : height - 1 - y) * row + x * step,
                        to = (std::size_t{y} * width + x) * 4;
      for (std::size_t i = 0; i < 3; ++i) out.rgba[to + i] = bmp[from + 2 - i];
      out.rgba[to + 3] = 255;
    }
  return out;
}

DrawParameters parameters_of(const XmlElement& element) {
  DrawParameters out;
  out.relative = element.attribute("Relative").value_or("");
  if (const auto width = element.attribute("LineWidth"))
    if (const auto number = ofd::parse_numbers(*width, 1); number && number->size() == 1)
      out.line_width = (*number)[0];
  out.fill = element.child("FillColor");
  out.stroke = element.child("StrokeColor");
  return out;
}

}  // namespace

namespace {

// A format that is known by its first octets and not read: its name is what a reader is told.
struct Unread {
  std::string_view begins, name;
};
constexpr Unread kUnread[] = {
    {std::string_view("\x97JB2\r\n\x1a\n", 8), "JBIG2, of which there is no free decoder to link"},
    {"GIF8", "GIF"},
    {std::string_view("II*\0", 4), "TIFF"},
    {std::string_view("MM\0*", 4), "TIFF"},
    {std::string_view("\0\0\0\x0cjP  ", 8), "JPEG 2000"},
    {"RIFF", "WebP"}};

base::Result<drawing::Picture> decode(ByteView octets) {
  const std::string_view text = base::text_of(octets);
  if (text.starts_with("\x89PNG")) return drawing::decode_png(octets);
  if (text.starts_with("\xFF\xD8\xFF")) return drawing::decode_jpeg(octets);
  if (text.starts_with("BM")) {
    if (auto bmp = decode_bmp(octets)) return *std::move(bmp);
    return base::fail(base::Code::unsupported, "a BMP that is compressed, damaged or too large");
  }
  for (const Unread& one : kUnread)
    if (text.starts_with(one.begins))
      return base::fail(base::Code::unsupported, std::string(one.name));
  return base::fail(base::Code::unsupported, "neither PNG nor JPEG nor BMP");
}

}  // namespace

std::shared_ptr<const drawing::Picture> decode_picture(ByteView octets,
                                                       std::set<std::string>& notes) {
  if (auto picture = decode(octets))
    return std::make_shared<const drawing::Picture>(*std::move(picture));
  else
    notes.insert("a picture is not drawn: " + picture.error().detail);
  return nullptr;
}

void Resources::add(const std::string& part, std::set<std::string>& notes) {
  const auto root = ofd::read_xml(package_, part);
  if (!root) {
    notes.insert("resources " + part + " cannot be read");
    return;
  }
  const std::string folder = root->attribute("BaseLoc").value_or("");
  for (const XmlElement& group : root->children())
    for (const XmlElement& one : group.children()) {
      const std::string id = one.attribute("ID").value_or("");
      if (one.name() == "Font") {
        const auto file = one.child_text("FontFile");
        fonts_[id] = {one.attribute("FontName").value_or(""),
                      file ? part_below(part, folder, *file).value_or("") : ""};
      } else if (one.name() == "MultiMedia") {
        const auto file = one.child_text("MediaFile");
        if (file) pictures_[id] = {part_below(part, folder, *file).value_or(""), ""};
      } else if (one.name() == "DrawParam") {
        parameters_.insert_or_assign(id, parameters_of(one));
      } else if (one.name() == "CompositeGraphicUnit") {
        notes.insert("composite graphics are not drawn");
      }
    }
}

const DrawParameters* Resources::find_parameters(const std::string& id) const {
  const auto found = parameters_.find(id);
  return found == parameters_.end() ? nullptr : &found->second;
}

bool Resources::is_embedded(const std::string& id) const {
  const auto found = fonts_.find(id);
  return found != fonts_.end() && !found->second.file.empty();
}

const drawing::Typeface* Resources::find_typeface(const std::string& id,
                                                  std::set<std::string>& notes) {
  const auto kept = typefaces_.find(id);
  if (kept != typefaces_.end()) return kept->second ? &*kept->second : nullptr;
  const auto found = fonts_.find(id);
  std::optional<drawing::Typeface> typeface;
  if (found != fonts_.end() && !found->second.file.empty()) {
    const auto file = package_.read(found->second.file);
    if (auto own = file ? drawing::Typeface::of(base::to_bytes(*file)) : file.error())
      typeface = *std::move(own);
    else
      notes.insert("the embedded font " + found->second.file + " cannot be read");
  }
  if (!typeface) {
    const std::string name = found == fonts_.end() ? "" : found->second.name;
    if (auto near = drawing::Typeface::open_style(drawing::style_of(name)))
      typeface = *std::move(near);
    else
      notes.insert("no font for text: " + near.error().detail);
  }
  const auto& place = typefaces_.emplace(id, std::move(typeface)).first->second;
  return place ? &*place : nullptr;
}

std::shared_ptr<const drawing::Picture> Resources::find_picture(const std::string& id,
                                                                std::set<std::string>& notes) {
  const auto kept = decoded_.find(id);
  if (kept != decoded_.end()) return kept->second;
  const auto found = pictures_.find(id);
  std::shared_ptr<const drawing::Picture> out;
  if (found == pictures_.end()) {
    notes.insert("there is no picture " + id);
  } else if (const auto file = package_.read(found->second.part)) {
    out = decode_picture(*file, notes);
    if (out) decoded_octets_ += out->rgba.size();
    if (decoded_octets_ > kDecodedMax) {
      notes.insert("pictures of too many pixels in all");
      out = nullptr;
    }
  } else {
    notes.insert("the picture " + found->second.part + " cannot be read");
  }
  return decoded_.emplace(id, std::move(out)).first->second;
}

}  // namespace heqi::documents::ofd_render
