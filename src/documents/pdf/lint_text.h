// lint_text.h: characters that a page shows and its font has not. Private to the lint.
#pragma once
#include <functional>

#include <heqi/documents/pdf/document.h>

namespace heqi::documents::pdf {

// MissingCode is called with the font's object (0 for a direct one) and the code.
using MissingCode = std::function<base::Status(std::uint32_t font, unsigned code)>;

// find_missing_codes reads the content of page and calls on_missing once for each font and code
// outside /FirstChar … /LastChar of an embedded simple font (ISO 32000-2 §9.6.2). Composite fonts
// and what is not read as content are passed over.
base::Status find_missing_codes(const Document& document, const Page& page,
                                const MissingCode& on_missing);

}  // namespace heqi::documents::pdf
