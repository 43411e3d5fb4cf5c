#include "allowed.h"

#include <algorithm>

#include <heqi/documents/pdf/form.h>

namespace heqi::documents::verify {

using pdf::Dictionary;
using pdf::Value;

namespace {

base::Error bad(std::string detail) {
  return base::fail(base::Code::malformed, std::move(detail));
}

base::Status read_docmdp(const pdf::Document& document, const Dictionary* parameters,
                         Allowed& out) {
  out.certification = 2;
  if (!parameters) return {};
  HEQI_TRY(const Value* const level, document.find(*parameters, "P"));
  if (!level) return {};
  if (!level->integer() || *level->integer() < 1 || *level->integer() > 3)
    return bad("DocMDP: /P is not 1, 2 or 3");
  out.certification = static_cast<int>(*level->integer());
  return {};
}

base::Status read_fieldmdp(const pdf::Document& document, const Dictionary* parameters,
                           Allowed& out) {
  if (!parameters) return bad("FieldMDP without parameters");
  HEQI_TRY(const Value* const action, document.find(*parameters, "Action"));
  HEQI_TRY(const Value* const fields, document.find(*parameters, "Fields"));
  out.locks = true;
  if (action && action->is_name("All")) {
    out.locks_all = true;
    return {};
  }
  out.locks_others = action && action->is_name("Exclude");
  if (!action || (!out.locks_others && !action->is_name("Include")) || !fields || !fields->array())
    return bad("FieldMDP: /Action or /Fields cannot be read");
  for (const Value& item : fields->array()->items) {
    HEQI_TRY(const Value* const name, document.resolve(item));
    if (!name->string()) return bad("FieldMDP: /Fields holds no string");
    out.locked.push_back(pdf::decode_text_string(*name->string()));
  }
  return {};
}

}  // namespace

bool Allowed::is_locked(const std::string& field) const {
  if (!locks) return false;
  if (locks_all) return true;
  const bool named = std::any_of(locked.begin(), locked.end(), [&](const std::string& one) {
    return field == one || (field.size() > one.size() && field.compare(0, one.size(), one) == 0 &&
                            field[one.size()] == '.');
  });
  return locks_others ? !named : named;
}

base::Result<Allowed> read_allowed(const pdf::Document& document, const Dictionary& signature) {
  Allowed out;
  HEQI_TRY(const Value* const references, document.find(signature, "Reference"));
  if (!references) return out;
  if (!references->array()) return bad("/Reference is no array");
  for (const Value& item : references->array()->items) {
    HEQI_TRY(const Value* const reference, document.resolve(item));
    if (!reference->dictionary()) return bad("/Reference holds no dictionary");
    HEQI_TRY(const Value* const method, document.find(*reference->dictionary(), "TransformMethod"));
    HEQI_TRY(const Value* const given, document.find(*reference->dictionary(), "TransformParams"));
    const Dictionary* parameters = given ? given->dictionary() : nullptr;
    if (method && method->is_name("DocMDP")) {
      HEQI_TRY(read_docmdp(document, parameters, out));
    } else if (method && method->is_name("FieldMDP")) {
      HEQI_TRY(read_fieldmdp(document, parameters, out));
    } else {
      return bad("/TransformMethod is not known");
    }
  }
  return out;
}

}  // namespace heqi::documents::verify
