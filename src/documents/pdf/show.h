// What a field shows once it is filled in. Private to the writer.
#pragma once
#include <heqi/documents/pdf/sign.h>

namespace heqi::documents::pdf {

// show gives widgets their appearance: a single widget all of it; several ones one slice after the
// other, in their order, from the left of what is drawn to its right; where it ends it begins
// again. Fails with malformed where a widget is on no page, too small for Fit::exact, or where
// several widgets do not hold the whole of it.
base::Status show(const Document& document, Update& update, const std::vector<Reference>& widgets,
                  const Appearance& appearance);

}  // namespace heqi::documents::pdf
