#include "layout.h"

#include <utility>

namespace heqi::services::contract {
namespace {

constexpr double kBoxWidthMm = 70, kBoxHeightMm = 26, kMarginMm = 18, kGapMm = 6;
constexpr double kMmPerPoint = 25.4 / 72;

// default_placement counts columns from the left and rows upwards from the foot of the page.
documents::pdf::Placement default_placement(std::size_t page, double width_mm, double height_mm,
                                            std::size_t index, std::size_t count) {
  const double box_width = std::min(kBoxWidthMm, (width_mm - 2 * kMarginMm - kGapMm) / 2);
  const std::size_t rows = (count + 1) / 2, row = index / 2, column = index % 2;
  const double step =
      std::min(kBoxHeightMm + kGapMm, (height_mm - 2 * kMarginMm) / static_cast<double>(rows));
  return {
      .page = page,
      .left_mm = kMarginMm + static_cast<double>(column) * (width_mm - 2 * kMarginMm - box_width),
      .top_mm = height_mm - kMarginMm - step * static_cast<double>(rows - row),
      .width_mm = box_width,
      .height_mm = step * kBoxHeightMm / (kBoxHeightMm + kGapMm)};
}

}  // namespace

base::Result<std::vector<documents::pdf::FieldRequest>> field_requests(
    base::ByteView file, const std::vector<PartyRequest>& parties,
    const std::vector<std::string>& names) {
  HEQI_TRY(const documents::pdf::Document document, documents::pdf::Document::parse(file));
  HEQI_TRY(const std::vector<documents::pdf::Page> pages, document.pages());
  if (pages.empty()) return base::fail(base::Code::malformed, "the document has no page");
  const documents::pdf::Page& last = pages.back();
  double width = (last.crop_box.right - last.crop_box.left) * kMmPerPoint;
  double height = (last.crop_box.top - last.crop_box.bottom) * kMmPerPoint;
  if (last.rotate % 180 != 0) std::swap(width, height);

  std::vector<documents::pdf::FieldRequest> fields;
  for (std::size_t i = 0; i < parties.size(); ++i) {
    fields.push_back({.name = "Party" + std::to_string(i + 1),
                      .label = names[i],
                      .placement = parties[i].placement.value_or(
                          default_placement(pages.size() - 1, width, height, i, parties.size()))});
  }
  return fields;
}

}  // namespace heqi::services::contract
