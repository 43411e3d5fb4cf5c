#include <heqi/documents/marked/marked.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include <heqi/base/text.h>
#include <heqi/documents/ofd/document.h>

namespace heqi::documents::marked {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr std::string_view kHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view kSpace = " xmlns:ofd=\"http://www.ofdspec.org/2016\"";
constexpr std::string_view kFolder = "Doc_0/Marks/";
constexpr std::pair<Mark, std::string_view> kNames[] = {
    {Mark::robust, "robust"}, {Mark::dots, "dots"}, {Mark::fragile, "fragile"}};

watermark::Frame frame_of(const MarkRecord& record, const crypto::Digest& secret,
                          double pixels_per_mm) {
  watermark::Frame out;
  out.key = crypto::Sm3().update(secret).update(record.document).finish();
  out.pixels_per_mm = pixels_per_mm;
  return out;
}

Status check(const MarkRecord& wish) {
  if (wish.marks.empty()) return fail(Code::malformed, "no marks");
  if (wish.use.empty() || wish.use.size() > kUseSizeMax || !base::is_utf8(wish.use))
    return fail(Code::malformed, "the use: 1 to " + std::to_string(kUseSizeMax) + " octets");
  return {};
}

// overlay_of is the picture that, laid over white, shows the marks: black, more or less opaque.
Result<Bytes> overlay_of(const ofd::Box& page, const MarkRecord& record,
                         const watermark::Frame& frame) {
  const auto pixels = [](double mm) {
    return static_cast<std::uint32_t>(std::ceil(std::fmin(mm, 5'000) * kMarkPixelsPerMm - 1e-6));
  };
  HEQI_TRY(auto canvas,
           drawing::Canvas::make(pixels(page.width), pixels(page.height), {255, 255, 255, 255}));
  drawing::Picture picture = canvas.take();
  const watermark::Payload payload = watermark::payload_of(record.document, record.use);
  for (const Mark mark : record.marks) {
    HEQI_TRY(watermark::embed(picture, mark, payload, frame));
  }
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    picture.rgba[i + 3] = static_cast<std::uint8_t>(255 - picture.rgba[i]);
    picture.rgba[i] = picture.rgba[i + 1] = picture.rgba[i + 2] = 0;
  }
  return drawing::encode_png(picture, kMarkPixelsPerMm);
}

std::string decimals(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.4f", value);
  return out;
}

std::string record_text(const MarkRecord& record) {
  std::string out = std::string(kHead) + "<Marks Version=\"1\"><Document>" +
                    base::to_hex(record.document) + "</Document><Use>" +
                    ofd::xml_escaped(record.use) + "</Use>";
  for (const Mark mark : record.marks) out += "<Mark>" + std::string(name_of(mark)) + "</Mark>";
  return out + "</Marks>\n";
}

// Marker writes the parts that carry the marks of one document.
class Marker {
 public:
  Marker(const ofd::Package& package, const ofd::Body& body, const MarkRecord& record,
         const watermark::Frame& frame)
      : package_(package), body_(body), record_(record), frame_(frame) {}

  Result<Bytes> make() {
    HEQI_TRY(std::string document, document_text());
    for (std::size_t i = 0; i < body_.pages.size(); ++i) {
      HEQI_TRY(page(i));
    }
    add(std::string(kFolder) + "Annotations.xml",
        root("Annotations", list_) + "</ofd:Annotations>\n");
    add(std::string(kFolder) + "Resources.xml",
        root("Res", "<ofd:MultiMedias>\n" + pictures_) + "</ofd:MultiMedias>\n</ofd:Res>\n");
    add(std::string(kRecordPart), record_text(record_));
    add(body_.part, document);
    return ofd::write_package(&package_, parts_);
  }

 private:
  void add(std::string name, const std::string& text) {
    parts_.push_back({std::move(name), base::to_bytes(text)});
  }
  static std::string root(const std::string& name, const std::string& inner) {
    return std::string(kHead) + "<ofd:" + name + std::string(kSpace) + ">\n" + inner;
  }

  // document_text names the new resources and annotations, and raises the highest identifier.
  Result<std::string> document_text() {
    HEQI_TRY(const ByteView octets, package_.read(body_.part));
    std::string text(base::text_of(octets));
    HEQI_TRY(const ofd::XmlElement document, ofd::parse_xml(octets));
    if (document.child("Annotations"))
      return fail(Code::unsupported, "a document that has annotations already");
    HEQI_TRY(const ofd::XmlElement common, ofd::get_only(document, "CommonData"));
    HEQI_TRY(const std::vector<double> most,
             ofd::parse_numbers(common.child_text("MaxUnitID").value_or(""), 1));
    if (most.size() != 1 || !(most[0] >= 0 && most[0] < 1e12))
      return fail(Code::unsupported, "a document without its MaxUnitID");
    next_ = static_cast<std::uint64_t>(most[0]);
    const std::string last = std::to_string(next_ + 2 * body_.pages.size() + sizes_max_);
    HEQI_TRY(put(text, common.child("MaxUnitID")->offset(), last));
    HEQI_TRY(
        before(text, "CommonData",
               "<ofd:DocumentRes>/" + std::string(kFolder) + "Resources.xml</ofd:DocumentRes>\n"));
    HEQI_TRY(
        after(text, "Pages",
              "\n<ofd:Annotations>/" + std::string(kFolder) + "Annotations.xml</ofd:Annotations>"));
    return text;
  }

  // put replaces the text of the element that begins at offset.
  static Status put(std::string& text, std::size_t offset, const std::string& value) {
    const std::size_t from = text.find('>', offset), to = text.find('<', from);
    if (from == std::string::npos || to == std::string::npos) return fail(Code::malformed, "XML");
    text.replace(from + 1, to - from - 1, value);
    return {};
  }
  // closing is where "</prefix:name>" begins and ends.
  static Result<std::pair<std::size_t, std::size_t>> closing(const std::string& text,
                                                             std::string_view name) {
    for (std::size_t at = text.find("</"); at != std::string::npos; at = text.find("</", at + 2)) {
      const std::size_t end = text.find('>', at);
      if (end == std::string::npos) break;
      std::string_view word = std::string_view(text).substr(at + 2, end - at - 2);
      while (!word.empty() && static_cast<unsigned char>(word.back()) <= 0x20)
        word.remove_suffix(1);
      if (word.substr(word.find(':') == std::string_view::npos ? 0 : word.find(':') + 1) == name)
        return std::pair{at, end + 1};
    }
    return fail(Code::unsupported, "a document without " + std::string(name));
  }
  static Status before(std::string& text, std::string_view name, const std::string& inner) {
    HEQI_TRY(const auto place, closing(text, name));
    text.insert(place.first, inner);
    return {};
  }
  static Status after(std::string& text, std::string_view name, const std::string& inner) {
    HEQI_TRY(const auto place, closing(text, name));
    text.insert(place.second, inner);
    return {};
  }

  // picture_for is the resource for pages of one size.
  Result<std::string> picture_for(const ofd::Box& box) {
    const std::string size = decimals(box.width) + " " + decimals(box.height);
    const auto known = by_size_.find(size);
    if (known != by_size_.end()) return known->second;
    if (by_size_.size() == sizes_max_)
      return fail(Code::unsupported, "pages of too many different sizes");
    HEQI_TRY(Bytes png, overlay_of(box, record_, frame_));
    const std::string id = std::to_string(++next_);
    const std::string file = "marks_" + std::to_string(by_size_.size()) + ".png";
    parts_.push_back({std::string(kFolder) + file, std::move(png)});
    pictures_ += "<ofd:MultiMedia ID=\"" + id + "\" Type=\"Image\" Format=\"PNG\"><ofd:MediaFile>" +
                 file + "</ofd:MediaFile></ofd:MultiMedia>\n";
    return by_size_.emplace(size, id).first->second;
  }

  Status page(std::size_t index) {
    HEQI_TRY(const ofd::Box box, ofd::read_page_box(package_, body_, index));
    HEQI_TRY(const std::string picture, picture_for(box));
    // Whole pixels: the picture reaches as far beyond the page as its last pixel does.
    const double width = std::ceil(box.width * kMarkPixelsPerMm - 1e-6) / kMarkPixelsPerMm,
                 height = std::ceil(box.height * kMarkPixelsPerMm - 1e-6) / kMarkPixelsPerMm;
    const std::string sides = decimals(width) + " " + decimals(height);
    const std::string name = "Page_" + std::to_string(index) + ".xml";
    list_ += "<ofd:Page PageID=\"" + ofd::xml_escaped(body_.pages[index].id) + "\"><ofd:FileLoc>" +
             name + "</ofd:FileLoc></ofd:Page>\n";
    const std::string annotation = std::to_string(++next_), object = std::to_string(++next_);
    add(std::string(kFolder) + name,
        root("PageAnnot", "<ofd:Annot ID=\"" + annotation +
                              "\" Type=\"Watermark\" Creator=\"Heqi\"><ofd:Appearance Boundary=\"" +
                              decimals(box.x) + " " + decimals(box.y) + " " + sides +
                              "\">\n<ofd:ImageObject ID=\"" + object + "\" Boundary=\"0 0 " +
                              sides + "\" CTM=\"" + decimals(width) + " 0 0 " + decimals(height) +
                              " 0 0\" ResourceID=\"" + picture +
                              "\"/>\n</ofd:Appearance></ofd:Annot>\n") +
            "</ofd:PageAnnot>\n");
    return {};
  }

  static constexpr std::size_t sizes_max_ = 16;
  const ofd::Package& package_;
  const ofd::Body& body_;
  const MarkRecord& record_;
  const watermark::Frame& frame_;
  std::uint64_t next_ = 0;
  std::map<std::string, std::string> by_size_;
  std::string list_, pictures_;
  std::vector<ofd::NewEntry> parts_;
};

}  // namespace

std::string_view name_of(Mark mark) {
  return kNames[static_cast<std::size_t>(mark)].second;
}
std::string_view name_of(MarkState state) {
  constexpr std::string_view names[] = {"read", "foreign", "missing"};
  return names[static_cast<std::size_t>(state)];
}
std::optional<Mark> find_mark(std::string_view name) {
  for (const auto& [mark, text] : kNames)
    if (text == name) return mark;
  return std::nullopt;
}

Result<Bytes> mark_document(ByteView ofd, const MarkRecord& wish, const crypto::Digest& secret) {
  HEQI_TRY(check(wish));
  HEQI_TRY(const ofd::Package package, ofd::Package::open(ofd));
  HEQI_TRY(const std::vector<ofd::Body> bodies, ofd::read_bodies(package));
  if (package.find(kRecordPart)) return fail(Code::conflict, "the document is marked already");
  if (bodies.size() != 1) return fail(Code::unsupported, "a package of several documents");
  if (bodies[0].signatures_part) return fail(Code::conflict, "the document is signed already");
  MarkRecord record = wish;
  record.document = crypto::sm3(ofd);
  return Marker(package, bodies[0], record, frame_of(record, secret, kMarkPixelsPerMm)).make();
}

Result<std::optional<MarkRecord>> find_record(const ofd::Package& package) {
  if (!package.find(kRecordPart)) return std::optional<MarkRecord>();
  HEQI_TRY(const ofd::XmlElement root, ofd::read_xml(package, kRecordPart));
  MarkRecord out;
  HEQI_TRY(const Bytes digest, base::parse_hex(root.child_text("Document").value_or("")));
  if (root.name() != "Marks" || root.attribute("Version") != "1" ||
      digest.size() != out.document.size())
    return fail(Code::malformed, "the record of the marks");
  std::copy(digest.begin(), digest.end(), out.document.begin());
  out.use = root.child_text("Use").value_or("");
  for (const ofd::XmlElement& one : root.children("Mark")) {
    const auto mark = find_mark(one.text());
    if (!mark) return fail(Code::malformed, "a mark of an unknown kind");
    out.marks.push_back(*mark);
  }
  HEQI_TRY(check(out));
  return std::optional(std::move(out));
}

std::vector<MarkReading> read_page(const watermark::Picture& page, const MarkRecord& record,
                                   const crypto::Digest& secret, const Scan& scan) {
  const watermark::Frame frame = frame_of(record, secret, scan.pixels_per_mm);
  const watermark::Payload due = watermark::payload_of(record.document, record.use);
  std::vector<MarkReading> out;
  for (const Mark mark : record.marks) {
    // An original is drawn as it is: a fragile mark that has to be searched for is a copy's.
    const watermark::Search search = mark == Mark::fragile ? watermark::Search{} : scan.search;
    const auto reading = watermark::read_mark(page, mark, frame, search);
    const MarkState state = !reading                  ? MarkState::missing
                            : reading->payload == due ? MarkState::read
                                                      : MarkState::foreign;
    out.push_back({mark, state, reading ? reading->score : 0});
  }
  return out;
}

}  // namespace heqi::documents::marked
