#include "covering.h"

#include <algorithm>

namespace heqi::documents::verify {
namespace {

constexpr double kTouch = 0.01;  // points; boxes side by side may share an edge

bool overlap(const pdf::Rectangle& a, const pdf::Rectangle& b) {
  return a.left + kTouch < b.right && b.left + kTouch < a.right && a.bottom + kTouch < b.top &&
         b.bottom + kTouch < a.top;
}

base::Result<std::vector<pdf::Value>> annotations_of(const pdf::Document& document,
                                                     const pdf::Page& page) {
  HEQI_TRY(const pdf::Value* const list, document.find(*page.dictionary, "Annots"));
  if (!list || !list->array()) return std::vector<pdf::Value>();
  return list->array()->items;
}

// shows tells whether page of document has widget, by /Annots or by the widget's /P.
base::Result<bool> shows(const pdf::Document& document, const pdf::Page& page,
                         pdf::Reference widget) {
  HEQI_TRY(const auto list, annotations_of(document, page));
  const bool listed = std::any_of(list.begin(), list.end(), [&](const pdf::Value& one) {
    return one.reference() && *one.reference() == widget;
  });
  if (listed) return true;
  HEQI_TRY(const pdf::Object* const object, document.get(widget));
  const pdf::Dictionary* dictionary = object->value.dictionary();
  const pdf::Value* parent = dictionary ? dictionary->find("P") : nullptr;
  return parent && parent->reference() && *parent->reference() == page.id;
}

}  // namespace

base::Result<std::optional<pdf::Reference>> find_covered(const pdf::Document& then,
                                                         const pdf::Document& now,
                                                         pdf::Reference widget,
                                                         const pdf::Rectangle& box) {
  HEQI_TRY(const auto before, then.pages());
  HEQI_TRY(const auto after, now.pages());
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    HEQI_TRY(const bool here, shows(now, after[i], widget));
    if (!here) continue;
    HEQI_TRY(const auto list, annotations_of(then, before[i]));
    for (const pdf::Value& item : list) {
      HEQI_TRY(const pdf::Value* const value, then.resolve(item));
      const pdf::Dictionary* shown = value->dictionary();
      const pdf::Value* rectangle = shown ? shown->find("Rect") : nullptr;
      const pdf::Value* subtype = shown ? shown->find("Subtype") : nullptr;
      if (!rectangle || (subtype && subtype->is_name("Popup"))) continue;
      HEQI_TRY(const pdf::Rectangle covered, pdf::to_rectangle(then, *rectangle));
      if (overlap(box, covered))
        return std::optional(item.reference() ? *item.reference() : pdf::Reference{});
    }
  }
  return std::optional<pdf::Reference>();
}

}  // namespace heqi::documents::verify
