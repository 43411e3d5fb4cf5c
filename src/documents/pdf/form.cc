#include <heqi/documents/pdf/form.h>

#include <algorithm>

#include "structure.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

class FieldWalk {
 public:
  FieldWalk(const Document& document, Form& form) : document_(document), form_(form) {}

  struct Inherited {
    std::string name, type;
    std::int64_t flags = 0;
    const Value* value = nullptr;
  };

  base::Status node(const Value& item, std::optional<Reference> parent, Inherited inherited,
                    std::size_t depth) {
    if (depth > document_.limits().tree_depth)
      return fail(Code::limit_exceeded, "the field tree is too deep");
    if (!item.reference()) return fail(Code::malformed, "a form field that is not indirect");
    const Reference id = *item.reference();
    if (!seen_.insert(id.number).second) return bad(id, "occurs twice");
    HEQI_TRY(const Object* const object, document_.get(id));
    const Dictionary* dictionary = object->value.dictionary();
    if (!dictionary || object->value.stream()) return bad(id, "is no dictionary");
    if (const Value* up = dictionary->find("Parent");
        up && (!up->reference() || !parent || *up->reference() != *parent))
      return bad(id, "/Parent is not the field that lists it");
    HEQI_TRY(inherit(id, *dictionary, inherited));

    Field field{id, inherited.name, inherited.type, inherited.flags, inherited.value, dictionary,
                {}};
    HEQI_TRY(const Value* const kids, document_.find(*dictionary, "Kids"));
    std::size_t below = 0;
    if (kids) {
      if (!kids->array()) return bad(id, "/Kids is no array");
      for (const Value& kid : kids->array()->items) {
        HEQI_TRY(const bool is_field, has_name(id, kid));
        if (is_field) {
          HEQI_TRY(node(kid, id, inherited, depth + 1));
          ++below;
        } else {
          if (!seen_.insert(kid.reference()->number).second)
            return bad(*kid.reference(), "occurs twice");
          field.widgets.push_back(*kid.reference());
        }
      }
      if (below > 0 && !field.widgets.empty())
        return bad(id, "has both fields and widgets below it");
    } else if (const Value* subtype = dictionary->find("Subtype");
               subtype && subtype->is_name("Widget")) {
      field.widgets.push_back(id);
    }
    if (below > 0) return {};
    if (field.name.empty()) return bad(id, "a field without a name");
    if (!names_.insert(field.name).second) return bad(id, "a field name that is used twice");
    if (form_.fields.size() >= document_.limits().fields)
      return fail(Code::limit_exceeded, "too many form fields");
    form_.fields.push_back(std::move(field));
    return {};
  }

 private:
  base::Error bad(Reference id, std::string_view problem) const {
    return fail(Code::malformed,
                "form field, object " + std::to_string(id.number) + ": " + std::string(problem));
  }

  base::Status inherit(Reference id, const Dictionary& dictionary, Inherited& inherited) const {
    HEQI_TRY(const Value* const name, document_.find(dictionary, "T"));
    if (name) {
      if (!name->string()) return bad(id, "/T is no string");
      if (!inherited.name.empty()) inherited.name += '.';
      inherited.name += decode_text_string(*name->string());
    }
    HEQI_TRY(const Value* const type, document_.find(dictionary, "FT"));
    if (type) {
      if (!type->name()) return bad(id, "/FT is no name");
      inherited.type = type->name()->text;
    }
    HEQI_TRY(const Value* const flags, document_.find(dictionary, "Ff"));
    if (flags) {
      if (!flags->integer()) return bad(id, "/Ff is no integer");
      inherited.flags = *flags->integer();
    }
    if (const Value* value = dictionary.find("V")) inherited.value = value;
    return {};
  }

  base::Result<bool> has_name(Reference parent, const Value& kid) const {
    if (!kid.reference()) return bad(parent, "/Kids holds something that is no reference");
    HEQI_TRY(const Value* const value, document_.resolve(kid));
    const Dictionary* dictionary = value->dictionary();
    if (!dictionary) return bad(*kid.reference(), "is no dictionary");
    return dictionary->find("T") != nullptr || dictionary->find("Kids") != nullptr;
  }

  const Document& document_;
  Form& form_;
  std::set<std::uint32_t> seen_;
  std::set<std::string> names_;
};

std::optional<std::string> text_of_key(const Dictionary& dictionary, std::string_view key,
                                       std::vector<std::string>& problems) {
  const Value* value = dictionary.find(key);
  if (!value) return std::nullopt;
  if (!value->string()) {
    problems.push_back("/" + std::string(key) + " is no direct string");
    return std::nullopt;
  }
  return decode_text_string(*value->string());
}

std::string name_of_key(const Dictionary& dictionary, std::string_view key,
                        std::vector<std::string>& problems) {
  const Value* value = dictionary.find(key);
  if (!value) return {};
  if (!value->name()) {
    problems.push_back("/" + std::string(key) + " is no direct name");
    return {};
  }
  return value->name()->text;
}

void read_byte_range(SignatureDictionary& signature) {
  const Value* range = signature.dictionary->find("ByteRange");
  if (!range || !range->array()) {
    signature.problems.push_back("/ByteRange is absent or no direct array");
    return;
  }
  signature.byte_range_place = range->place;
  for (const Value& item : range->array()->items) {
    if (!item.integer()) {
      signature.problems.push_back("/ByteRange holds something that is no direct integer");
      signature.byte_range.clear();
      return;
    }
    signature.byte_range.push_back(*item.integer());
  }
}

void read_contents(SignatureDictionary& signature) {
  const Value* contents = signature.dictionary->find("Contents");
  if (!contents || !contents->string()) {
    signature.problems.push_back("/Contents is absent or no direct string");
    return;
  }
  signature.contents = contents->string()->bytes;
  signature.contents_hexadecimal = contents->string()->hexadecimal;
  signature.contents_place = contents->place;
  if (!signature.contents_hexadecimal)
    signature.problems.push_back("/Contents is no hexadecimal string");
  if (signature.contents.empty()) signature.problems.push_back("/Contents is empty");
}

void read_dictionary(SignatureDictionary& signature) {
  const Dictionary& dictionary = *signature.dictionary;
  signature.type = name_of_key(dictionary, "Type", signature.problems);
  signature.filter = name_of_key(dictionary, "Filter", signature.problems);
  signature.sub_filter = name_of_key(dictionary, "SubFilter", signature.problems);
  signature.name = text_of_key(dictionary, "Name", signature.problems);
  signature.reason = text_of_key(dictionary, "Reason", signature.problems);
  signature.location = text_of_key(dictionary, "Location", signature.problems);
  signature.contact = text_of_key(dictionary, "ContactInfo", signature.problems);
  if (const Value* time = dictionary.find("M")) {
    if (time->string()) {
      if (const auto parsed = parse_date(*time->string())) signature.time = *parsed;
    }
    if (!signature.time) signature.problems.push_back("/M is no date");
  }
  read_byte_range(signature);
  read_contents(signature);
}

}  // namespace

const Field* Form::find(std::string_view name) const {
  for (const Field& field : fields)
    if (field.name == name) return &field;
  return nullptr;
}

base::Result<Form> get_form(const Document& document) {
  Form form;
  HEQI_TRY(const Dictionary* const catalog, document.catalog());
  const Value* direct = catalog->find("AcroForm");
  if (!direct) return form;
  HEQI_TRY(const Value* const value, document.resolve(*direct));
  if (value->is_null()) return form;
  if (!value->dictionary() || value->stream())
    return fail(Code::malformed, "catalog: /AcroForm is no dictionary");
  form.present = true;
  if (direct->reference()) form.id = *direct->reference();
  form.dictionary = value->dictionary();
  HEQI_TRY(const Value* const flags, document.find(*form.dictionary, "SigFlags"));
  if (flags) {
    if (!flags->integer()) return fail(Code::malformed, "form: /SigFlags is no integer");
    form.signature_flags = *flags->integer();
  }
  HEQI_TRY(const Value* const fields, document.find(*form.dictionary, "Fields"));
  if (!fields) return form;
  if (!fields->array()) return fail(Code::malformed, "form: /Fields is no array");
  FieldWalk walk(document, form);
  for (const Value& item : fields->array()->items) {
    HEQI_TRY(walk.node(item, std::nullopt, {}, 0));
  }
  return form;
}

base::Result<std::vector<SignatureDictionary>> find_signatures(const Document& document) {
  HEQI_TRY(const Form form, get_form(document));
  std::vector<SignatureDictionary> out;
  for (const Field& field : form.fields) {
    if (field.type != "Sig" || !field.value) continue;
    SignatureDictionary signature;
    signature.field = field;
    const Value* value = field.value;
    if (value->is_null()) continue;
    if (const Reference* reference = value->reference()) {
      signature.id = *reference;
      HEQI_TRY(const Object* const object, document.get(*reference));
      signature.container = object->container;
      signature.object = object->place;
      value = &object->value;
    } else {
      signature.problems.push_back("/V of the field is no reference");
      HEQI_TRY(const Object* const object, document.get(field.id));
      signature.container = object->container;
      signature.object = object->place;
    }
    if (signature.container)
      signature.problems.push_back("the signature dictionary is in an object stream");
    if (value->kind() != Kind::dictionary) {
      signature.problems.push_back("/V of the field is no dictionary");
    } else {
      signature.dictionary = value->dictionary();
      read_dictionary(signature);
    }
    out.push_back(std::move(signature));
  }
  return out;
}

}  // namespace heqi::documents::pdf
