#include "seam_field.h"

#include <cstdio>

#include "sign_pdf.h"

namespace heqi::program {

namespace pdf = documents::pdf;
namespace seal = documents::seal;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr double kPointsPerMillimetre = 72 / 25.4;

seal::PageSize size_of(const pdf::Page& page) {
  const bool turned = page.rotate == 90 || page.rotate == 270;
  const double width = page.crop_box.width() / kPointsPerMillimetre,
               height = page.crop_box.height() / kPointsPerMillimetre;
  return turned ? seal::PageSize{height, width} : seal::PageSize{width, height};
}

bool names_an_edge(const std::string& text) {
  return text.starts_with("right") || text.starts_with("left");
}

// parse_sized_seam reads SEAM,W,H.
Result<seal::SeamRequest> parse_sized_seam(const std::string& text) {
  const std::size_t comma = text.find(',');
  HEQI_TRY(seal::SeamRequest out, parse_seam(text.substr(0, comma)));
  int used = 0;
  if (comma == std::string::npos ||
      std::sscanf(text.c_str() + comma, ",%lf,%lf%n", &out.width, &out.height, &used) != 2 ||
      comma + static_cast<std::size_t>(used) != text.size())
    return fail(Code::malformed, "not of the form right,W,H or left:AT,W,H: " + text);
  return out;
}

}  // namespace

Result<seal::SeamRequest> parse_seam(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string edge = text.substr(0, colon);
  seal::SeamRequest out;
  out.edge = edge == "left" ? seal::Edge::left : seal::Edge::right;
  if (edge != "right" && edge != "left")
    return fail(Code::malformed, "a seam is right or left, or as right:0.3: " + text);
  if (colon == std::string::npos) return out;
  int used = 0;
  const std::string at = text.substr(colon + 1);
  if (std::sscanf(at.c_str(), "%lf%n", &out.at, &used) != 1 ||
      static_cast<std::size_t>(used) != at.size() || !(out.at >= 0 && out.at <= 1))
    return fail(Code::malformed, "a seam's middle is a part of the page's height, 0 to 1: " + text);
  return out;
}

Result<std::vector<pdf::Placement>> plan_slices(const pdf::Document& document,
                                                const seal::SeamRequest& request) {
  HEQI_TRY(const std::vector<pdf::Page> pages, document.pages());
  std::vector<seal::PageSize> sizes;
  sizes.reserve(pages.size());
  for (const pdf::Page& page : pages) sizes.push_back(size_of(page));
  HEQI_TRY(const auto seals, seal::plan_seam(sizes, request));
  std::vector<pdf::Placement> out;
  for (const std::vector<seal::Slice>& slices : seals)
    for (const seal::Slice& one : slices)
      out.push_back({one.page, one.left, one.top, one.width, one.height});
  return out;
}

Result<FieldWish> parse_field(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return fail(
        Code::malformed,
        "not of the form NAME=PAGE:X,Y,W,H, NAME=SEAM,W,H or NAME=PAGE:X,Y,W,H+SEAM: " + text);
  FieldWish out;
  out.name = text.substr(0, equals);
  const std::string place = text.substr(equals + 1);
  if (names_an_edge(place)) {
    HEQI_TRY(out.seam, parse_sized_seam(place));
    return out;
  }
  const std::size_t plus = place.find('+');
  HEQI_TRY(out.box, parse_box(place.substr(0, plus)));
  if (plus == std::string::npos) return out;
  HEQI_TRY(out.seam, parse_seam(place.substr(plus + 1)));
  out.seam->width = out.box->width_mm, out.seam->height = out.box->height_mm;
  return out;
}

Result<pdf::FieldRequest> plan_field(const pdf::Document& document, const FieldWish& wish) {
  pdf::FieldRequest out;
  out.name = wish.name;
  std::vector<pdf::Placement> all;
  if (wish.box) all.push_back(*wish.box);
  if (wish.seam) {
    HEQI_TRY(const std::vector<pdf::Placement> slices, plan_slices(document, *wish.seam));
    all.insert(all.end(), slices.begin(), slices.end());
  }
  if (all.empty()) return fail(Code::malformed, "the field " + wish.name + " has no place");
  out.placement = all.front();
  out.slices.assign(all.begin() + 1, all.end());
  return out;
}

Result<std::vector<pdf::FieldRequest>> plan_fields(base::ByteView file,
                                                   const std::vector<std::string>& texts) {
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file));
  std::vector<pdf::FieldRequest> out;
  for (const std::string& text : texts) {
    HEQI_TRY(const FieldWish wish, parse_field(text));
    HEQI_TRY(pdf::FieldRequest field, plan_field(document, wish));
    out.push_back(std::move(field));
  }
  return out;
}

}  // namespace heqi::program
