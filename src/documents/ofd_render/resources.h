// resources.h: what pages refer to by number: fonts, pictures, drawing parameters, colour spaces.
#pragma once
#include <map>

#include <heqi/documents/drawing/typeface.h>
#include <heqi/documents/ofd/document.h>
#include <heqi/documents/ofd_render/scene.h>

namespace heqi::documents::ofd_render {

struct FontResource {
  std::string name;
  std::string file;  // the part of an embedded font; empty: none
};
struct PictureResource {
  std::string part, format;
};
struct DrawParameters {
  std::string relative;  // the id of those it begins with
  std::optional<double> line_width;
  std::optional<ofd::XmlElement> fill, stroke;
};

inline constexpr std::size_t kDecodedMax = std::size_t{400} << 20;  // octets of one page's pictures

// Resources are those of one document, shared by its pages.
class Resources {
 public:
  explicit Resources(const ofd::Package& package) : package_(package) {}

  // add reads one Res part; what cannot be read is noted.
  void add(const std::string& part, std::set<std::string>& notes);

  // find_typeface gives the font of an id: embedded, else the nearest that the machine has.
  const drawing::Typeface* find_typeface(const std::string& id, std::set<std::string>& notes);
  std::shared_ptr<const drawing::Picture> find_picture(const std::string& id,
                                                       std::set<std::string>& notes);
  const DrawParameters* find_parameters(const std::string& id) const;
  // is_embedded tells whether glyphs of the font can be named by number.
  bool is_embedded(const std::string& id) const;

 private:
  const ofd::Package& package_;
  std::map<std::string, FontResource> fonts_;
  std::map<std::string, PictureResource> pictures_;
  std::map<std::string, DrawParameters> parameters_;
  std::map<std::string, std::optional<drawing::Typeface>> typefaces_;
  std::map<std::string, std::shared_ptr<const drawing::Picture>> decoded_;
  std::size_t decoded_octets_ = 0;
};

// decode_picture reads PNG, JPEG and uncompressed BMP; nullptr and a note that names the format or
// the fault for anything else.
std::shared_ptr<const drawing::Picture> decode_picture(base::ByteView octets,
                                                       std::set<std::string>& notes);

}  // namespace heqi::documents::ofd_render
