// Phase 0: where a field stands on the page, and every party's empty field (ISO 32000-2 §12.7.5.5).
#include <heqi/documents/pdf/sign.h>

#include <algorithm>

#include "form_edit.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

constexpr double kPointsPerMillimetre = 72 / 25.4;
constexpr std::int64_t kPrintAndLocked = 4 | 128;  // annotation flags, §12.5.3

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.left < b.right && b.left < a.right && a.bottom < b.top && b.bottom < a.top;
}

// lock_dictionary is /Lock; a signature of the field states the same.
base::Result<Dictionary> lock_dictionary(const FieldLock& lock) {
  constexpr std::string_view names[] = {"All", "Include", "Exclude"};
  Dictionary out;
  out.set("Type", Name{"SigFieldLock"});
  out.set("Action", Name{std::string(names[static_cast<std::size_t>(lock.action)])});
  if ((lock.action == FieldLock::Action::all) != lock.fields.empty())
    return fail(Code::malformed, "a lock names fields, or all of them without names");
  if (lock.fields.empty()) return out;
  Array fields;
  for (const std::string& field : lock.fields) fields.items.push_back(to_text_string(field));
  out.set("Fields", std::move(fields));
  return out;
}

base::Status check_request(const FieldRequest& request, const Form& form) {
  if (request.name.empty() || request.name.size() > 200 ||
      request.name.find('.') != std::string::npos)
    return fail(Code::malformed, "a field name is empty, too long or has a dot");
  if (form.find(request.name))
    return fail(Code::conflict, "there is a field named " + request.name + " already");
  return {};
}

}  // namespace

base::Result<Rectangle> to_user_space(const Page& page, const Placement& placement) {
  const Rectangle& crop = page.crop_box;
  const bool turned = page.rotate == 90 || page.rotate == 270;
  const double page_width = turned ? crop.height() : crop.width();
  const double page_height = turned ? crop.width() : crop.height();
  const double left = placement.left_mm * kPointsPerMillimetre;
  const double top = placement.top_mm * kPointsPerMillimetre;
  const double width = placement.width_mm * kPointsPerMillimetre;
  const double height = placement.height_mm * kPointsPerMillimetre;
  // Written so that a NaN fails too.
  if (!(left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= page_width + 0.01 &&
        top + height <= page_height + 0.01))
    return fail(Code::malformed,
                "the rectangle is not wholly on page " + std::to_string(placement.page + 1));
  switch (page.rotate) {
    case 90:
      return Rectangle{crop.left + top, crop.bottom + left, crop.left + top + height,
                       crop.bottom + left + width};
    case 180:
      return Rectangle{crop.right - left - width, crop.bottom + top, crop.right - left,
                       crop.bottom + top + height};
    case 270:
      return Rectangle{crop.right - top - height, crop.top - left - width, crop.right - top,
                       crop.top - left};
    default:
      return Rectangle{crop.left + left, crop.top - top - height, crop.left + left + width,
                       crop.top - top};
  }
}

base::Result<base::Bytes> append_fields(base::ByteView file,
                                        const std::vector<FieldRequest>& fields) {
  HEQI_TRY(const Document document, Document::parse(file));
  HEQI_TRY(const auto signatures, find_signatures(document));
  if (!signatures.empty())
    return fail(Code::conflict, "the file is signed already; fields come before signatures");
  HEQI_TRY(const Form form, get_form(document));
  HEQI_TRY(const std::vector<Page> pages, document.pages());
  if (fields.empty()) return fail(Code::malformed, "no field is asked for");

  Update update(document);
  std::vector<Reference> references;
  std::map<std::size_t, std::vector<Reference>> of_page;
  std::vector<std::pair<std::size_t, Rectangle>> taken;
  std::vector<std::string> names;
  for (const FieldRequest& request : fields) {
    HEQI_TRY(check_request(request, form));
    if (std::find(names.begin(), names.end(), request.name) != names.end())
      return fail(Code::conflict, "the field name " + request.name + " is asked for twice");
    names.push_back(request.name);
    const std::size_t number = request.placement.page;
    if (number >= pages.size())
      return fail(Code::malformed, "there is no page " + std::to_string(number + 1));
    HEQI_TRY(const Rectangle rectangle, to_user_space(pages[number], request.placement));
    for (const auto& [page, other] : taken)
      if (page == number && overlap(other, rectangle))
        return fail(Code::conflict, "the field " + request.name + " overlaps another");
    taken.emplace_back(number, rectangle);

    Dictionary field;
    field.set("Type", Name{"Annot"}).set("Subtype", Name{"Widget"}).set("FT", Name{"Sig"});
    field.set("T", to_text_string(request.name));
    if (!request.label.empty()) field.set("TU", to_text_string(request.label));
    field.set("F", kPrintAndLocked).set("Rect", to_value(rectangle));
    field.set("P", pages[number].id);
    if (request.lock) {
      HEQI_TRY(Dictionary lock, lock_dictionary(*request.lock));
      field.set("Lock", std::move(lock));
    }
    const Reference id = update.add({std::move(field), {}});
    references.push_back(id);
    of_page[number].push_back(id);
  }
  for (const auto& [number, widgets] : of_page) {
    HEQI_TRY(add_annotations(update, pages[number], widgets));
  }
  HEQI_TRY(add_fields(document, update, references));
  HEQI_TRY(Update::Written written, update.finish());
  return std::move(written.octets);
}

base::Result<base::Bytes> prepare_fields(base::ByteView file,
                                         const std::vector<FieldRequest>& fields) {
  HEQI_TRY(const base::Bytes appended, append_fields(file, fields));
  return join(file, appended);
}

}  // namespace heqi::documents::pdf
