#include "places.h"

#include <algorithm>

namespace heqi::documents::verify {
namespace {

bool shows(const pdf::Document& document, const pdf::Page& page, pdf::Reference widget) {
  const auto annotations = document.find(*page.dictionary, "Annots");
  if (!annotations || !*annotations || !(*annotations)->array()) return false;
  const std::vector<pdf::Value>& list = (*annotations)->array()->items;
  return std::any_of(list.begin(), list.end(), [&](const pdf::Value& one) {
    return one.reference() && *one.reference() == widget;
  });
}

// displayed turns box as the page turns, and cuts it at the crop box.
std::optional<Place> displayed(const pdf::Page& page, pdf::Rectangle box) {
  const pdf::Rectangle& crop = page.crop_box;
  box.left = std::max(box.left, crop.left), box.right = std::min(box.right, crop.right);
  box.bottom = std::max(box.bottom, crop.bottom), box.top = std::min(box.top, crop.top);
  if (!(box.left < box.right && box.bottom < box.top)) return std::nullopt;
  Place place;
  place.width = box.width(), place.height = box.height();
  switch (page.rotate) {
    case 90:
      place.x = box.bottom - crop.bottom, place.y = box.left - crop.left;
      break;
    case 180:
      place.x = crop.right - box.right, place.y = box.bottom - crop.bottom;
      break;
    case 270:
      place.x = crop.top - box.top, place.y = crop.right - box.right;
      break;
    default:
      place.x = box.left - crop.left, place.y = crop.top - box.top;
  }
  if (page.rotate % 180 != 0) std::swap(place.width, place.height);
  return place;
}

}  // namespace

std::optional<Place> find_place(const pdf::Document& document, const std::vector<pdf::Page>& pages,
                                const pdf::Field& field) {
  for (const pdf::Reference& widget : field.widgets) {
    const auto object = document.get(widget);
    if (!object || !(*object)->value.dictionary()) continue;
    const auto rectangle = document.find(*(*object)->value.dictionary(), "Rect");
    if (!rectangle || !*rectangle) continue;
    const auto box = pdf::to_rectangle(document, **rectangle);
    if (!box) continue;
    for (std::size_t i = 0; i < pages.size(); ++i) {
      if (!shows(document, pages[i], widget)) continue;
      auto place = displayed(pages[i], *box);
      if (!place) continue;
      place->page = i + 1;
      return place;
    }
  }
  return std::nullopt;
}

}  // namespace heqi::documents::verify
