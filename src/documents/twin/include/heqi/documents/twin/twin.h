// heqi/documents/twin/twin.h: the OFD twin of a PDF that was made from a template of ours.
#pragma once
#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>
#include <heqi/documents/pdf/limits.h>

namespace heqi::documents::twin {

// TwinWish is what the twin says of itself.
struct TwinWish {
  std::string title;
  base::Time created;
};

// make_ofd_twin writes the pages of pdf as OFD: the same letters at the same places in the same
// fonts, and the same rules. The same input gives the same octets. Fails as Document::parse does;
// with unsupported, which names what our writers do not make: other operators, fonts that are not
// embedded or without /ToUnicode, annotations and fields that show, turned pages.
base::Result<base::Bytes> make_ofd_twin(base::ByteView pdf, const TwinWish& wish,
                                        const pdf::Limits& limits = {});

}  // namespace heqi::documents::twin
