// allowed.h: what a signature says about the future (DocMDP §12.8.2.2, FieldMDP §12.8.2.4).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/documents/pdf/document.h>

namespace heqi::documents::verify {

struct Allowed {
  std::optional<int> certification;
  bool locks = false, locks_all = false, locks_others = false;  // FieldMDP
  std::vector<std::string> locked;

  // is_locked tells whether the field of this full name may not change any more.
  bool is_locked(const std::string& field) const;
};

// read_allowed reads /Reference of a signature's dictionary. Fails with malformed where it cannot
// be read as a whole.
base::Result<Allowed> read_allowed(const pdf::Document& document, const pdf::Dictionary& signature);

}  // namespace heqi::documents::verify
