// A page as a scene: templates, content, annotations, seals.
#include <heqi/base/text.h>
#include <heqi/documents/ofd/signature_file.h>
#include <heqi/documents/seal/sealed_signature.h>

#include "page_reader.h"

namespace heqi::documents::ofd_render {

using base::ByteView;
using drawing::Matrix;
using ofd::Body;
using ofd::Package;
using ofd::XmlElement;

namespace {

base::Result<Scene> read_nested(const Package& package, const Body& body, std::size_t page,
                                std::size_t depth);

// Page reads one page; its parts are told apart by where they come from.
class PageScene {
 public:
  PageScene(const Package& package, const Body& body, std::size_t page, std::size_t depth)
      : package_(package), body_(body), page_(page), depth_(depth), resources_(package) {}

  base::Result<Scene> read() {
    HEQI_TRY(const ofd::Box box, ofd::read_page_box(package_, body_, page_));
    scene_.width = box.width, scene_.height = box.height;
    base_.place = drawing::moved(-box.x, -box.y);
    HEQI_TRY(const XmlElement document, ofd::read_xml(package_, body_.part));
    HEQI_TRY(const XmlElement page, ofd::read_xml(package_, body_.pages[page_].part));
    if (const auto common = document.child("CommonData")) {
      for (const char* kind : {"PublicRes", "DocumentRes"})
        for (const XmlElement& one : common->children(kind)) add_resources(body_.part, one.text());
    }
    for (const XmlElement& one : page.children("PageRes"))
      add_resources(body_.pages[page_].part, one.text());
    HEQI_TRY(templates(document, page, "Background"));
    HEQI_TRY(layers(page));
    HEQI_TRY(templates(document, page, "Foreground"));
    HEQI_TRY(annotations(document));
    HEQI_TRY(seals());
    return std::move(scene_);
  }

 private:
  void add_resources(const std::string& from, const std::string& reference) {
    if (const auto part = ofd::resolve(from, reference)) resources_.add(*part, scene_.notes);
  }

  // read_or_note: a page without its template or annotations is drawn all the same, and says so.
  std::optional<XmlElement> read_or_note(const std::string& part) {
    auto read = ofd::read_xml(package_, part);
    if (read) return *std::move(read);
    scene_.notes.insert(part + " cannot be read");
    return std::nullopt;
  }

  base::Status layers(const XmlElement& page) {
    const auto content = page.child("Content");
    if (!content) return {};
    for (const XmlElement& layer : content->children("Layer")) {
      Inherited own = base_;
      own.parameters = layer.attribute("DrawParam").value_or("");
      HEQI_TRY(PageReader(resources_, scene_).objects(layer, own, 0));
    }
    return {};
  }

  base::Status templates(const XmlElement& document, const XmlElement& page,
                         std::string_view order) {
    for (const XmlElement& use : page.children("Template")) {
      if (use.attribute("ZOrder").value_or("Background") != order) continue;
      const std::string id = use.attribute("TemplateID").value_or("");
      const auto common = document.child("CommonData");
      if (!common) continue;
      for (const XmlElement& one : common->children("TemplatePage")) {
        if (one.attribute("ID") != id) continue;
        HEQI_TRY(const std::string part,
                 ofd::resolve(body_.part, one.attribute("BaseLoc").value_or("")));
        const auto content = read_or_note(part);
        if (!content) continue;
        for (const XmlElement& resource : content->children("PageRes"))
          add_resources(part, resource.text());
        HEQI_TRY(layers(*content));
      }
    }
    return {};
  }

  base::Status annotations(const XmlElement& document) {
    const auto list = document.child_text("Annotations");
    if (!list || list->empty()) return {};
    HEQI_TRY(const std::string part, ofd::resolve(body_.part, *list));
    const auto root = read_or_note(part);
    if (!root) return {};
    for (const XmlElement& page : root->children("Page")) {
      if (page.attribute("PageID") != body_.pages[page_].id) continue;
      HEQI_TRY(const std::string file, ofd::resolve(part, page.child_text("FileLoc").value_or("")));
      const auto own = read_or_note(file);
      if (!own) continue;
      for (const XmlElement& annotation : own->children("Annot")) {
        HEQI_TRY(appearance(annotation));
      }
    }
    return {};
  }

  base::Status appearance(const XmlElement& annotation) {
    const auto look = annotation.child("Appearance");
    const std::string visible = annotation.attribute("Visible").value_or("true");
    if (!look || visible == "false" || visible == "0") return {};
    Inherited own = base_;
    const auto numbers = ofd::parse_numbers(look->attribute("Boundary").value_or(""), 4);
    if (numbers && numbers->size() == 4)
      own.place = drawing::moved((*numbers)[0], (*numbers)[1]).then(base_.place);
    return PageReader(resources_, scene_).objects(*look, own, 0);
  }

  // seals draws every stamp that a signature puts on this page, whatever it is worth: whether it
  // holds is the report's word.
  base::Status seals() {
    if (!body_.signatures_part) return {};
    const auto list = ofd::read_signature_list(package_, *body_.signatures_part);
    if (!list) {
      scene_.notes.insert("the list of signatures cannot be read");
      return {};
    }
    for (const ofd::SignatureEntry& entry : list->entries) {
      const auto file = ofd::read_signature_file(package_, entry.part);
      if (!file) {
        scene_.notes.insert(entry.part + " cannot be read");
        continue;
      }
      for (const ofd::StampPlace& stamp : file->stamps)
        if (stamp.page_id == body_.pages[page_].id) {
          HEQI_TRY(draw_stamp(*file, stamp));
        }
    }
    return {};
  }

  base::Status draw_stamp(const ofd::SignatureFile& file, const ofd::StampPlace& stamp) {
    const auto value = package_.read(file.value_part);
    const auto sealed = value ? seal::parse_sealed_signature(*value) : value.error();
    if (!sealed) {
      scene_.notes.insert("a seal that cannot be read is not drawn");
      return {};
    }
    const base::Bytes& data = sealed->seal.info.picture.data;
    const ofd::Box box{stamp.boundary.x + base_.place.e, stamp.boundary.y + base_.place.f,
                       stamp.boundary.width, stamp.boundary.height};
    if (data.size() > 4 && data[0] == 'P' && data[1] == 'K') return draw_package(data, box, stamp);
    if (auto picture = decode_picture(data, scene_.notes))
      PageReader(resources_, scene_).picture(std::move(picture), box, stamp.clip);
    return {};
  }

  // draw_package draws a seal's picture that is an OFD itself: its first page, fitted into the box.
  base::Status draw_package(ByteView data, const ofd::Box& box, const ofd::StampPlace& stamp) {
    if (depth_ + 1 >= kPackagesMax) {
      scene_.notes.insert("an OFD inside the picture of a seal inside a seal is not drawn");
      return {};
    }
    const auto inner = Package::open(data, package_.limits());
    const auto bodies = inner ? ofd::read_bodies(*inner) : inner.error();
    const auto scene = bodies && !bodies->front().pages.empty()
                           ? read_nested(*inner, bodies->front(), 0, depth_ + 1)
                           : base::Result<Scene>(base::fail(base::Code::malformed));
    if (!scene) {
      scene_.notes.insert("a seal's picture that is an OFD cannot be read");
      return {};
    }
    const Matrix place = drawing::scaled(box.width / scene->width, box.height / scene->height)
                             .then(drawing::moved(box.x, box.y));
    std::shared_ptr<const Clip> clip;
    if (stamp.clip)
      clip = std::make_shared<const Clip>(
          Clip{drawing::rectangle(box.x + stamp.clip->x, box.y + stamp.clip->y, stamp.clip->width,
                                  stamp.clip->height),
               drawing::FillRule::non_zero, nullptr});
    for (Item item : scene->items) {
      item.path = item.path.mapped(place);
      item.place = item.place.then(place);
      if (item.shading)
        item.shading = std::make_shared<const drawing::Shading>(item.shading->mapped(place));
      item.clip = mapped(item.clip, place, clip);
      HEQI_TRY(PageReader(resources_, scene_).add(std::move(item)));
    }
    scene_.notes.insert(scene->notes.begin(), scene->notes.end());
    return {};
  }

  static std::shared_ptr<const Clip> mapped(const std::shared_ptr<const Clip>& clip,
                                            const Matrix& place,
                                            const std::shared_ptr<const Clip>& outermost) {
    if (!clip) return outermost;
    return std::make_shared<const Clip>(
        Clip{clip->path.mapped(place), clip->rule, mapped(clip->outer, place, outermost)});
  }

  const Package& package_;
  const Body& body_;
  std::size_t page_, depth_;
  Resources resources_;
  Scene scene_;
  Inherited base_;
};

base::Result<Scene> read_nested(const Package& package, const Body& body, std::size_t page,
                                std::size_t depth) {
  return PageScene(package, body, page, depth).read();
}

}  // namespace

base::Result<Scene> read_scene(const Package& package, const Body& body, std::size_t page) {
  if (page >= body.pages.size())
    return base::fail(base::Code::not_found, "there is no page " + std::to_string(page + 1));
  return read_nested(package, body, page, 0);
}

}  // namespace heqi::documents::ofd_render
