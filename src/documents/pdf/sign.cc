// What a signature appends: its dictionary with a hole, its field and what it shows (ISO 32000-2
// §12.8.1, §12.8.5).
#include <heqi/documents/pdf/sign.h>

#include <algorithm>
#include <cstdio>

#include "form_edit.h"
#include "show.h"
#include "structure.h"

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

namespace {

constexpr std::int64_t kPrintAndLocked = 4 | 128;
constexpr std::size_t kContentsReservedMax = std::size_t{16} << 20;

// SignatureText is the signature dictionary as text, with the places of its two holes.
struct SignatureText {
  std::string text;
  std::size_t byte_range = 0;                  // of '['
  std::size_t contents = 0, contents_end = 0;  // of '<', after '>'
};

std::string byte_range_text(const std::array<std::uint64_t, 4>& range) {
  char text[64];
  std::snprintf(
      text, sizeof text, "[%-11llu %-11llu %-11llu %-11llu]",
      static_cast<unsigned long long>(range[0]), static_cast<unsigned long long>(range[1]),
      static_cast<unsigned long long>(range[2]), static_cast<unsigned long long>(range[3]));
  return text;
}

SignatureText signature_text(const Dictionary& head, const Dictionary& tail, std::size_t reserved) {
  SignatureText out;
  out.text = encode_value(head);
  out.text.resize(out.text.size() - 3);  // " >>"
  out.text += " /ByteRange ";
  out.byte_range = out.text.size();
  out.text += byte_range_text({}) + " /Contents ";
  out.contents = out.text.size();
  out.text += '<' + std::string(2 * reserved, '0') + '>';
  out.contents_end = out.text.size();
  out.text += encode_value(tail).substr(2);
  return out;
}

// close finishes the update and fills in /ByteRange.
base::Result<Appendix> close(base::ByteView file, const Update& update, Reference signature,
                             const SignatureText& text, std::string field) {
  HEQI_TRY(Update::Written written, update.finish());
  Appendix out;
  out.octets = std::move(written.octets);
  out.file_size = file.size();
  out.field = std::move(field);
  const std::uint64_t at = written.value_offsets.at(signature.number);
  out.contents_begin = at + text.contents;
  out.contents_end = at + text.contents_end;
  const std::string range = byte_range_text(out.byte_range());
  if (range.size() != byte_range_text({}).size())
    return fail(Code::limit_exceeded, "the file is too large for /ByteRange");
  std::copy(range.begin(), range.end(),
            out.octets.begin() + static_cast<std::ptrdiff_t>(at + text.byte_range - file.size()));
  return out;
}

base::Status check_reserved(std::size_t reserved) {
  if (reserved < kContentsReservedMin || reserved > kContentsReservedMax)
    return fail(Code::limit_exceeded, "/Contents of " + std::to_string(reserved) + " octets; " +
                                          std::to_string(kContentsReservedMin) + " to " +
                                          std::to_string(kContentsReservedMax));
  return {};
}

base::Status certify(const Document& document, Update& update, Reference signature) {
  const Reference root = document.catalog_reference();
  HEQI_TRY(Dictionary catalog, dictionary_of(update, root));
  Dictionary permissions;
  if (const Value* present = catalog.find("Perms")) {
    HEQI_TRY(const Value* const value, document.resolve(*present));
    if (value->dictionary()) permissions = *value->dictionary();
  }
  permissions.set("DocMDP", signature);
  catalog.set("Perms", std::move(permissions));
  update.put(root, {std::move(catalog), {}});
  return {};
}

Dictionary docmdp_reference(Certification certification) {
  Dictionary parameters, reference;
  parameters.set("Type", Name{"TransformParams"});
  parameters.set("P", static_cast<std::int64_t>(certification)).set("V", Name{"1.2"});
  reference.set("Type", Name{"SigRef"}).set("TransformMethod", Name{"DocMDP"});
  reference.set("TransformParams", std::move(parameters));
  return reference;
}

// lock_reference is the signature's word that what its field locks stays: /Lock as FieldMDP.
base::Result<std::optional<Value>> lock_reference(const Document& document, const Field& field) {
  HEQI_TRY(const Value* const lock, document.find(*field.dictionary, "Lock"));
  if (!lock || !lock->dictionary()) return std::optional<Value>();
  Dictionary parameters, reference;
  parameters.set("Type", Name{"TransformParams"}).set("V", Name{"1.2"});
  for (const std::string_view key : {"Action", "Fields"}) {
    HEQI_TRY(const Value* const value, document.find(*lock->dictionary(), key));
    if (value) parameters.set(key, *value);
  }
  reference.set("Type", Name{"SigRef"}).set("TransformMethod", Name{"FieldMDP"});
  reference.set("TransformParams", std::move(parameters));
  reference.set("Data", document.catalog_reference());
  return std::optional<Value>(std::move(reference));
}

base::Result<const Field*> find_empty_field(const Form& form, const std::string& name) {
  const Field* field = form.find(name);
  if (!field || field->type != "Sig")
    return fail(Code::not_found, "no signature field named " + name);
  if (field->value) return fail(Code::conflict, "the field " + name + " is signed already");
  if (field->widgets.size() != 1)
    return fail(Code::malformed, "the field " + name + " has not exactly one widget");
  return field;
}

base::Status fill_field(const Document& document, Update& update, const Form& form,
                        const Field& field, Reference signature,
                        const std::optional<Appearance>& appearance) {
  HEQI_TRY(Dictionary dictionary, dictionary_of(update, field.id));
  dictionary.set("V", signature);
  update.put(field.id, {std::move(dictionary), {}});
  if (!appearance) return {};
  std::vector<Reference> widgets = field.widgets;
  HEQI_TRY(const std::vector<const Field*> slices, find_slices(document, form, field));
  for (const Field* one : slices) widgets.push_back(one->widgets[0]);
  return show(document, update, widgets, *appearance);
}

// check_allowed: the author of an encrypted file may have forbidden all that signing is.
base::Status check_allowed(const Document& document) {
  HEQI_TRY(const std::optional<Encryption> encryption, encryption_of(document));
  if (!encryption || encryption->allows_signing()) return {};
  return fail(Code::denied,
              "the author of the encrypted file does not allow that it is signed (/P)");
}

// closed is a dictionary as an encrypted file holds it in object id.
base::Result<Dictionary> closed(const Document& document, Dictionary dictionary, Reference id) {
  HEQI_TRY(const std::optional<Encryption> encryption, encryption_of(document));
  if (!encryption) return dictionary;
  return *encryption->encrypted(Value(std::move(dictionary)), id).dictionary();
}

}  // namespace

base::Result<Appendix> append_signature(base::ByteView file, const SignatureRequest& request) {
  HEQI_TRY(check_reserved(request.contents_reserved));
  HEQI_TRY(const Document document, Document::parse(file));
  HEQI_TRY(const Form form, get_form(document));
  HEQI_TRY(const Field* const field, find_empty_field(form, request.field));
  HEQI_TRY(check_allowed(document));
  if (request.certification != Certification::none) {
    HEQI_TRY(const auto signatures, find_signatures(document));
    if (!signatures.empty())
      return fail(Code::conflict, "only the first signature can certify a file");
  }

  Update update(document);
  const Reference signature = update.reserve();
  Dictionary head, tail;
  head.set("Type", Name{"Sig"}).set("Filter", Name{request.filter});
  head.set("SubFilter", Name{request.sub_filter});
  tail.set("M", to_date(request.time));
  if (!request.name.empty()) tail.set("Name", to_text_string(request.name));
  if (!request.reason.empty()) tail.set("Reason", to_text_string(request.reason));
  if (!request.location.empty()) tail.set("Location", to_text_string(request.location));
  Array references;
  if (request.certification != Certification::none) {
    references.items.push_back(docmdp_reference(request.certification));
    HEQI_TRY(certify(document, update, signature));
  }
  HEQI_TRY(std::optional<Value> lock, lock_reference(document, *field));
  if (lock) references.items.push_back(*std::move(lock));
  if (!references.items.empty()) tail.set("Reference", std::move(references));
  HEQI_TRY(tail, closed(document, std::move(tail), signature));
  const SignatureText text = signature_text(head, tail, request.contents_reserved);
  update.put_encoded(signature, text.text);
  HEQI_TRY(fill_field(document, update, form, *field, signature, request.appearance));
  HEQI_TRY(add_fields(document, update, {}));
  return close(file, update, signature, text, request.field);
}

base::Result<Appendix> append_document_time_stamp(base::ByteView file,
                                                  const TimeStampRequest& request) {
  HEQI_TRY(check_reserved(request.contents_reserved));
  HEQI_TRY(const Document document, Document::parse(file));
  HEQI_TRY(const Form form, get_form(document));
  Update update(document);
  const Reference signature = update.reserve();
  Dictionary head;
  head.set("Type", Name{"DocTimeStamp"}).set("Filter", Name{"Adobe.PPKLite"});
  head.set("SubFilter", Name{std::string(kSubFilterTimeStamp)});
  const SignatureText text = signature_text(head, {}, request.contents_reserved);
  update.put_encoded(signature, text.text);
  if (form.find(request.field)) {
    HEQI_TRY(const Field* const field, find_empty_field(form, request.field));
    HEQI_TRY(fill_field(document, update, form, *field, signature, std::nullopt));
    HEQI_TRY(add_fields(document, update, {}));
    return close(file, update, signature, text, request.field);
  }
  if (request.field.empty() || request.field.find('.') != std::string::npos)
    return fail(Code::malformed, "a field name is empty or has a dot");
  HEQI_TRY(const std::vector<Page> pages, document.pages());
  if (pages.empty()) return fail(Code::malformed, "the document has no page");
  Dictionary field;
  field.set("Type", Name{"Annot"}).set("Subtype", Name{"Widget"}).set("FT", Name{"Sig"});
  field.set("T", to_text_string(request.field)).set("V", signature);
  field.set("F", kPrintAndLocked).set("Rect", to_value(Rectangle{})).set("P", pages[0].id);
  const Reference id = update.add({std::move(field), {}});
  HEQI_TRY(add_annotations(update, pages[0], {id}));
  HEQI_TRY(add_fields(document, update, {id}));
  return close(file, update, signature, text, request.field);
}

}  // namespace heqi::documents::pdf
