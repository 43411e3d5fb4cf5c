// heqi/documents/pdf/form.h: interactive form fields and signatures (ISO 32000-2 §12.7, §12.8).
#pragma once
#include <heqi/documents/pdf/document.h>

namespace heqi::documents::pdf {

// Field is one terminal field with what it inherits.
struct Field {
  Reference id;                            // of the field dictionary
  std::string name;                        // fully qualified, UTF-8
  std::string type;                        // /FT: Tx, Btn, Ch, Sig; empty where none is given
  std::int64_t flags = 0;                  // /Ff
  const Value* value = nullptr;            // /V as it stands, perhaps a reference; nullptr: none
  const Dictionary* dictionary = nullptr;  // lives as long as the Document
  std::vector<Reference> widgets;          // the field itself where both are merged
};

// Form is the AcroForm dictionary with its terminal fields in document order.
struct Form {
  bool present = false;
  std::optional<Reference> id;  // where /AcroForm is indirect
  const Dictionary* dictionary = nullptr;
  std::int64_t signature_flags = 0;  // /SigFlags
  std::vector<Field> fields;

  const Field* find(std::string_view name) const;
};

// get_form reads the form; fails with malformed on cycles, fields without names, a full name used
// twice, a field that is a kid of two parents, or a direct dictionary where a field must be
// indirect.
base::Result<Form> get_form(const Document& document);

// SignatureDictionary is the value of a signed signature field, as it stands. Nothing about it is
// believed: what is absent or of the wrong kind is left empty and told in problems, and the caller
// decides. A signed field is never left out.
struct SignatureDictionary {
  Field field;
  std::optional<Reference> id;  // where /V is indirect, as it should be
  const Dictionary* dictionary = nullptr;
  std::optional<std::uint32_t> container;  // in an object stream: places are then not of the file
  Place object;                            // "n g obj … endobj"
  std::string type;                        // Sig, DocTimeStamp, or empty
  std::string filter, sub_filter;
  std::vector<std::int64_t> byte_range;  // empty where it is not an array of direct integers
  Place byte_range_place;                // of "[ … ]"
  base::Bytes contents;                  // decoded; trailing zeros kept
  Place contents_place;                  // of "<…>", both brackets included
  bool contents_hexadecimal = false;
  std::optional<std::string> name, reason, location, contact;
  std::optional<base::Time> time;     // /M
  std::vector<std::string> problems;  // in English, for the report's details
};

// find_signatures lists the signed signature fields in the order of the form.
base::Result<std::vector<SignatureDictionary>> find_signatures(const Document& document);

}  // namespace heqi::documents::pdf
