#include "form_edit.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

// append_to appends references to the array under key of owner: in place, or in the array's own
// object where it is indirect. Returns whether owner itself has changed.
base::Result<bool> append_to(Update& update, Dictionary& owner, std::string_view key,
                             const std::vector<Reference>& references) {
  const Value* present = owner.find(key);
  Array array;
  std::optional<Reference> id;
  if (present && present->reference()) {
    id = *present->reference();
    HEQI_TRY(const Value value, update.current(*id));
    if (!value.is_null() && !value.array())
      return fail(Code::malformed, "/" + std::string(key) + " is no array");
    if (value.array()) array = *value.array();
  } else if (present && !present->is_null()) {
    if (!present->array()) return fail(Code::malformed, "/" + std::string(key) + " is no array");
    array = *present->array();
  }
  for (const Reference reference : references) array.items.push_back(reference);
  if (id) {
    update.put(*id, {std::move(array), {}});
    return false;
  }
  owner.set(key, std::move(array));
  return true;
}

}  // namespace

base::Bytes join(base::ByteView file, base::ByteView update) {
  return base::concat({file, update});
}

base::Result<Dictionary> dictionary_of(const Update& update, Reference id) {
  HEQI_TRY(const Value value, update.current(id));
  if (value.kind() != Kind::dictionary)
    return fail(Code::malformed, "object " + std::to_string(id.number) + " is no dictionary");
  return *value.dictionary();
}

base::Status add_fields(const Document& document, Update& update,
                        const std::vector<Reference>& fields) {
  HEQI_TRY(const Form form, get_form(document));
  const Reference root = document.catalog_reference();
  Dictionary dictionary;
  if (form.present) dictionary = *form.dictionary;
  if (form.id) {
    HEQI_TRY(dictionary, dictionary_of(update, *form.id));
  }
  bool changed = !form.present;
  if (!fields.empty() || !form.present) {
    HEQI_TRY(const bool in_place, append_to(update, dictionary, "Fields", fields));
    changed = changed || in_place;
  }
  if ((form.signature_flags & 3) != 3) {
    dictionary.set("SigFlags", form.signature_flags | 3);
    changed = true;
  }
  if (!changed) return {};
  if (form.id) {
    update.put(*form.id, {std::move(dictionary), {}});
    return {};
  }
  HEQI_TRY(Dictionary catalog, dictionary_of(update, root));
  if (form.present) {
    catalog.set("AcroForm", std::move(dictionary));
  } else {
    catalog.set("AcroForm", update.add({std::move(dictionary), {}}));
  }
  update.put(root, {std::move(catalog), {}});
  return {};
}

base::Status add_annotations(Update& update, const Page& page,
                             const std::vector<Reference>& annotations) {
  HEQI_TRY(Dictionary dictionary, dictionary_of(update, page.id));
  HEQI_TRY(const bool changed, append_to(update, dictionary, "Annots", annotations));
  if (changed) update.put(page.id, {std::move(dictionary), {}});
  return {};
}

}  // namespace heqi::documents::pdf
