#include <heqi/documents/second_opinion/upload.h>

#include <algorithm>

#include <heqi/documents/pdf/form.h>
#include <heqi/documents/second_opinion/opinion.h>

namespace heqi::documents::second_opinion {

using base::Code;
using base::fail;

namespace {

// What makes a file do something, or show something that its pages do not hold.
constexpr std::string_view kActiveKeys[] = {"JS", "JavaScript",      "XFA", "EmbeddedFiles", "EF",
                                            "AA", "RichMediaContent"};
constexpr std::string_view kActiveActions[] = {
    "JavaScript", "Launch",      "SubmitForm", "ImportData", "GoToR",
    "GoToE",      "Rendition",   "Movie",      "Sound",      "RichMediaExecute",
    "ResetForm",  "SetOCGState", "Hide",       "Trans",      "GoTo3DView"};
constexpr std::string_view kActiveAnnotations[] = {"FileAttachment", "RichMedia", "Movie",
                                                   "Sound",          "Screen",    "3D"};

template <std::size_t size>
bool is_one_of(std::string_view text, const std::string_view (&list)[size]) {
  return std::find(std::begin(list), std::end(list), text) != std::end(list);
}

// ActiveWalk looks at every value of one object; references are other objects' business.
class ActiveWalk {
 public:
  std::optional<std::string> found;
  std::size_t links = 0;

  void value(const pdf::Value& value) {
    if (found) return;
    if (const pdf::Array* array = value.array())
      for (const pdf::Value& item : array->items) this->value(item);
    if (const pdf::Dictionary* dictionary = value.dictionary()) walk(*dictionary);
  }

 private:
  void walk(const pdf::Dictionary& dictionary) {
    for (const pdf::Entry& entry : dictionary.entries) {
      if (is_one_of(entry.key.text, kActiveKeys) && !entry.value.is_null())
        found = "/" + entry.key.text;
      if (entry.key.text == "S" && entry.value.name()) {
        const std::string& kind = entry.value.name()->text;
        // /S names other things too (group, structure type): an action has nothing of theirs.
        if (is_one_of(kind, kActiveActions) && !dictionary.find("K")) found = "action /" + kind;
        if (kind == "URI") ++links;
      }
      if (entry.key.text == "Subtype" && entry.value.name() &&
          is_one_of(entry.value.name()->text, kActiveAnnotations))
        found = "annotation /" + entry.value.name()->text;
      value(entry.value);
      if (found) return;
    }
  }
};

base::Status check_open_action(const pdf::Document& document) {
  HEQI_TRY(const pdf::Dictionary* const catalog, document.catalog());
  HEQI_TRY(const pdf::Value* const action, document.find(*catalog, "OpenAction"));
  if (!action || action->array()) return {};  // a place to show first
  if (action->dictionary()) {
    HEQI_TRY(const pdf::Value* const kind, document.find(*action->dictionary(), "S"));
    if (kind && kind->is_name("GoTo") && !action->dictionary()->find("Next")) return {};
  }
  return fail(Code::document_active_content, "the catalog has an /OpenAction");
}

base::Status check_active(const pdf::Document& document, Upload& upload) {
  ActiveWalk walk;
  for (std::uint32_t number = 0; number < document.size(); ++number) {
    const pdf::XrefEntry entry = document.entry(number);
    if (entry.type == pdf::XrefEntry::Type::free) continue;
    HEQI_TRY(const pdf::Object* const object, document.get({number, entry.generation}));
    walk.value(object->value);
    if (walk.found)
      return fail(Code::document_active_content,
                  "object " + std::to_string(number) + " has " + *walk.found);
  }
  HEQI_TRY(check_open_action(document));
  if (walk.links > 0)
    upload.notes.push_back(std::to_string(walk.links) + " links to web addresses");
  return {};
}

base::Status take_notes(const pdf::Document& document, Upload& upload) {
  HEQI_TRY(const pdf::Dictionary* const catalog, document.catalog());
  HEQI_TRY(const pdf::Value* const layers, document.find(*catalog, "OCProperties"));
  if (layers) upload.notes.push_back("has layers that can be shown and hidden");
  if (document.is_hybrid()) upload.notes.push_back("has a hybrid cross-reference");
  if (upload.revisions > 1)
    upload.notes.push_back("was saved " + std::to_string(upload.revisions) + " times");
  if (upload.fields > upload.signatures)
    upload.notes.push_back(std::to_string(upload.fields - upload.signatures) +
                           " form fields that can be filled in");
  return {};
}

}  // namespace

base::Result<Upload> inspect_upload(base::ByteView file, const UploadOptions& options) {
  if (file.empty()) return fail(Code::document_empty, "no octets");
  if (file.size() > options.size_max)
    return fail(Code::limit_exceeded, "file of " + std::to_string(file.size()) +
                                          " octets; at most " + std::to_string(options.size_max));
  pdf::Limits limits;
  limits.pages = options.pages_max;
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file, limits));
  if (document.trailer().find("Encrypt"))
    return fail(Code::document_encrypted, "readers that know no encryption could not show it");
  HEQI_TRY(document.load_all());
  Upload upload;
  upload.revisions = document.revisions().size();
  HEQI_TRY(check_active(document, upload));
  HEQI_TRY(const auto pages, document.pages());
  if (pages.empty()) return fail(Code::document_empty, "no page");
  upload.pages = pages.size();
  HEQI_TRY(const auto form, pdf::get_form(document));
  HEQI_TRY(const auto signatures, pdf::find_signatures(document));
  upload.fields = form.fields.size();
  upload.signatures = signatures.size();
  if (upload.signatures > 0 && options.signed_files == SignedFiles::refused)
    return fail(Code::document_signed, std::to_string(upload.signatures) + " signatures");
  HEQI_TRY(compare_readers(file));
  HEQI_TRY(take_notes(document, upload));
  return upload;
}

}  // namespace heqi::documents::second_opinion
