// Phase 0: where a field stands on the page, and every party's empty field (ISO 32000-2 §12.7.5.5).
#include <heqi/documents/pdf/sign.h>

#include <algorithm>

#include "form_edit.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

constexpr double kPointsPerMillimetre = 72 / 25.4;
constexpr std::int64_t kPrintAndLocked = 4 | 128;             // annotation flags, §12.5.3
constexpr std::int64_t kReadOnly = 1, kPushButton = 1 << 16;  // field flags, §12.7.4, §12.7.5.2

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

std::string name_of_slice(const std::string& field, std::size_t index) {
  return field + "-seam" + std::to_string(index + 1);
}

// names_of are those of all fields that a request makes.
std::vector<std::string> names_of(const FieldRequest& request) {
  std::vector<std::string> out{request.name};
  for (std::size_t i = 0; i < request.slices.size(); ++i)
    out.push_back(name_of_slice(request.name, i));
  return out;
}

base::Status check_name(const std::string& name) {
  if (name.empty() || name.size() > 200 || name.find('.') != std::string::npos)
    return fail(Code::malformed, "a field name is empty, too long or has a dot");
  return {};
}

// FieldWriter adds fields and remembers what stands on which page.
class FieldWriter {
 public:
  FieldWriter(const std::vector<Page>& pages, Update& update) : pages_(pages), update_(update) {}

  // add gives the field, and behind it the buttons of its slices.
  base::Result<std::vector<Reference>> add(const FieldRequest& request) {
    Dictionary field;
    field.set("FT", Name{"Sig"}).set("T", to_text_string(request.name));
    if (!request.label.empty()) field.set("TU", to_text_string(request.label));
    HEQI_TRY(const std::optional<FieldLock> lock, lock_of(request));
    if (lock) {
      HEQI_TRY(Dictionary locked, lock_dictionary(*lock));
      field.set("Lock", std::move(locked));
    }
    std::vector<Reference> out{update_.reserve()};
    HEQI_TRY(place(field, out[0], request.name, request.placement));
    update_.put(out[0], {std::move(field), {}});
    for (std::size_t i = 0; i < request.slices.size(); ++i) {
      HEQI_TRY(const Reference button,
               add_button(name_of_slice(request.name, i), request.slices[i]));
      out.push_back(button);
    }
    return out;
  }

  base::Status put_on_pages() {
    for (const auto& [number, widgets] : of_page_) {
      HEQI_TRY(add_annotations(update_, pages_[number], widgets));
    }
    return {};
  }

 private:
  static base::Result<std::optional<FieldLock>> lock_of(const FieldRequest& request) {
    if (request.slices.empty()) return request.lock;
    FieldLock lock = request.lock.value_or(FieldLock{});
    if (lock.action != FieldLock::Action::include)
      return fail(Code::malformed, "a field with slices locks fields by their names");
    const std::vector<std::string> names = names_of(request);
    lock.fields.insert(lock.fields.end(), names.begin() + 1, names.end());
    return std::optional(std::move(lock));
  }

  base::Result<Reference> add_button(const std::string& name, const Placement& placement) {
    const Reference id = update_.reserve();
    Dictionary field;
    field.set("FT", Name{"Btn"}).set("Ff", kReadOnly | kPushButton).set("T", to_text_string(name));
    HEQI_TRY(place(field, id, name, placement));
    update_.put(id, {std::move(field), {}});
    return id;
  }

  // place makes widget, which is object id, stand at placement.
  base::Status place(Dictionary& widget, Reference id, const std::string& field,
                     const Placement& placement) {
    const std::size_t number = placement.page;
    if (number >= pages_.size())
      return fail(Code::malformed, "there is no page " + std::to_string(number + 1));
    HEQI_TRY(const Rectangle rectangle, to_user_space(pages_[number], placement));
    for (const auto& [page, other] : taken_)
      if (page == number && overlap(other, rectangle))
        return fail(Code::conflict, "the field " + field + " overlaps another");
    taken_.emplace_back(number, rectangle);
    widget.set("Type", Name{"Annot"}).set("Subtype", Name{"Widget"});
    widget.set("F", kPrintAndLocked).set("Rect", to_value(rectangle)).set("P", pages_[number].id);
    of_page_[number].push_back(id);
    return {};
  }

  const std::vector<Page>& pages_;
  Update& update_;
  std::vector<std::pair<std::size_t, Rectangle>> taken_;
  std::map<std::size_t, std::vector<Reference>> of_page_;
};

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
  FieldWriter writer(pages, update);
  std::vector<Reference> references;
  std::vector<std::string> names;
  for (const FieldRequest& request : fields) {
    HEQI_TRY(check_name(request.name));
    for (const std::string& name : names_of(request)) {
      if (form.find(name))
        return fail(Code::conflict, "there is a field named " + name + " already");
      if (std::find(names.begin(), names.end(), name) != names.end())
        return fail(Code::conflict, "the field name " + name + " is asked for twice");
      names.push_back(name);
    }
    HEQI_TRY(const std::vector<Reference> added, writer.add(request));
    references.insert(references.end(), added.begin(), added.end());
  }
  HEQI_TRY(writer.put_on_pages());
  HEQI_TRY(add_fields(document, update, references));
  HEQI_TRY(Update::Written written, update.finish());
  return std::move(written.octets);
}

base::Result<std::vector<const Field*>> find_slices(const Document& document, const Form& form,
                                                    const Field& field) {
  std::vector<const Field*> out;
  HEQI_TRY(const Value* const lock, document.find(*field.dictionary, "Lock"));
  if (!lock || !lock->dictionary()) return out;
  HEQI_TRY(const Value* const action, document.find(*lock->dictionary(), "Action"));
  HEQI_TRY(const Value* const names, document.find(*lock->dictionary(), "Fields"));
  if (!action || !action->is_name("Include") || !names || !names->array()) return out;
  for (const Value& item : names->array()->items) {
    HEQI_TRY(const Value* const name, document.resolve(item));
    if (!name->string()) continue;
    const Field* found = form.find(decode_text_string(*name->string()));
    const bool is_button = found && found->type == "Btn" && (found->flags & kPushButton) != 0;
    if (is_button && found->widgets.size() == 1) out.push_back(found);
  }
  return out;
}

base::Result<base::Bytes> prepare_fields(base::ByteView file,
                                         const std::vector<FieldRequest>& fields) {
  HEQI_TRY(const base::Bytes appended, append_fields(file, fields));
  return join(file, appended);
}

}  // namespace heqi::documents::pdf
