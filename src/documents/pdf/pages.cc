// The page tree (ISO 32000-2 §7.7.3).
#include <algorithm>

#include "structure.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

class PageWalk {
 public:
  explicit PageWalk(const Document& document) : document_(document) {}

  base::Result<std::vector<Page>> run() {
    HEQI_TRY(const Dictionary* const catalog, document_.catalog());
    const Value* root = catalog->find("Pages");
    if (!root || !root->reference())
      return fail(Code::malformed, "catalog: /Pages is not a reference");
    HEQI_TRY(node(*root->reference(), std::nullopt, Inherited{}, 0));
    return std::move(pages_);
  }

 private:
  struct Inherited {
    const Value* media_box = nullptr;
    const Value* crop_box = nullptr;
    const Value* rotate = nullptr;
    const Value* resources = nullptr;
  };

  base::Error bad(Reference id, std::string_view problem) const {
    return fail(Code::malformed,
                "page tree, object " + std::to_string(id.number) + ": " + std::string(problem));
  }

  // node walks one node and returns how many pages are below it.
  base::Result<std::size_t> node(Reference id, std::optional<Reference> parent, Inherited inherited,
                                 std::size_t depth) {
    if (depth > document_.limits().tree_depth)
      return fail(Code::limit_exceeded, "the page tree is too deep");
    if (!seen_.insert(id.number).second) return bad(id, "occurs twice");
    HEQI_TRY(const Object* const object, document_.get(id));
    const Dictionary* dictionary = object->value.dictionary();
    if (!dictionary || object->value.stream()) return bad(id, "is no dictionary");
    HEQI_TRY(const Value* const type, document_.find(*dictionary, "Type"));
    if (parent) {
      const Value* up = dictionary->find("Parent");
      if (!up || !up->reference() || *up->reference() != *parent)
        return bad(id, "/Parent is not the node that lists it");
    }
    HEQI_TRY(inherit(*dictionary, inherited));
    if (type && type->is_name("Page")) {
      HEQI_TRY(leaf(id, *dictionary, inherited));
      return std::size_t{1};
    }
    if (!type || !type->is_name("Pages")) return bad(id, "is neither /Page nor /Pages");
    HEQI_TRY(const Value* const kids, document_.find(*dictionary, "Kids"));
    if (!kids || !kids->array()) return bad(id, "has no /Kids");
    std::size_t count = 0;
    for (const Value& kid : kids->array()->items) {
      if (!kid.reference()) return bad(id, "/Kids holds something that is no reference");
      HEQI_TRY(const std::size_t below, node(*kid.reference(), id, inherited, depth + 1));
      count += below;
    }
    HEQI_TRY(const Value* const stated, document_.find(*dictionary, "Count"));
    if (!stated || !stated->integer() || *stated->integer() != static_cast<std::int64_t>(count))
      return bad(id, "/Count is not the number of pages below, " + std::to_string(count));
    return count;
  }

  base::Status inherit(const Dictionary& dictionary, Inherited& inherited) const {
    const auto take = [&](std::string_view key, const Value*& into) -> base::Status {
      HEQI_TRY(const Value* const value, document_.find(dictionary, key));
      if (value) into = value;
      return {};
    };
    HEQI_TRY(take("MediaBox", inherited.media_box));
    HEQI_TRY(take("CropBox", inherited.crop_box));
    HEQI_TRY(take("Rotate", inherited.rotate));
    HEQI_TRY(take("Resources", inherited.resources));
    return {};
  }

  base::Status leaf(Reference id, const Dictionary& dictionary, const Inherited& inherited) {
    if (pages_.size() >= document_.limits().pages)
      return fail(Code::limit_exceeded,
                  "more than " + std::to_string(document_.limits().pages) + " pages");
    Page page;
    page.id = id;
    page.dictionary = &dictionary;
    page.resources = inherited.resources;
    if (!inherited.media_box) return bad(id, "page without /MediaBox");
    HEQI_TRY(page.media_box, to_rectangle(document_, *inherited.media_box));
    page.crop_box = page.media_box;
    if (inherited.crop_box) {
      HEQI_TRY(const Rectangle crop, to_rectangle(document_, *inherited.crop_box));
      const Rectangle both{
          std::max(crop.left, page.media_box.left), std::max(crop.bottom, page.media_box.bottom),
          std::min(crop.right, page.media_box.right), std::min(crop.top, page.media_box.top)};
      if (both.left < both.right && both.bottom < both.top) page.crop_box = both;
    }
    if (page.media_box.width() <= 0 || page.media_box.height() <= 0)
      return bad(id, "page with an empty /MediaBox");
    if (inherited.rotate) {
      if (!inherited.rotate->integer() || *inherited.rotate->integer() % 90 != 0)
        return bad(id, "/Rotate is no multiple of 90");
      page.rotate = static_cast<int>(((*inherited.rotate->integer() % 360) + 360) % 360);
    }
    pages_.push_back(page);
    return {};
  }

  const Document& document_;
  std::set<std::uint32_t> seen_;
  std::vector<Page> pages_;
};

}  // namespace

base::Result<std::vector<Page>> Document::pages() const {
  return PageWalk(*this).run();
}

base::Result<std::vector<base::Bytes>> Document::content(const Page& page) const {
  std::vector<base::Bytes> out;
  HEQI_TRY(const Value* const contents, find(*page.dictionary, "Contents"));
  if (!contents) return out;
  std::vector<const Value*> streams;
  if (const Array* array = contents->array()) {
    for (const Value& item : array->items) {
      HEQI_TRY(const Value* const stream, resolve(item));
      streams.push_back(stream);
    }
  } else {
    streams.push_back(contents);
  }
  std::size_t total = 0;
  for (const Value* value : streams) {
    if (!value->stream())
      return fail(Code::malformed, "page " + std::to_string(page.id.number) +
                                       ": /Contents holds something that is no stream");
    HEQI_TRY(Decoded decoded, decode(*value->stream()));
    if (decoded.left)
      return fail(Code::malformed, "page " + std::to_string(page.id.number) +
                                       ": content with the filter /" + *decoded.left);
    total += decoded.octets.size();
    if (total > limits().decoded_size)
      return fail(Code::limit_exceeded, "the content of a page is too long");
    out.push_back(std::move(decoded.octets));
  }
  return out;
}

}  // namespace heqi::documents::pdf
