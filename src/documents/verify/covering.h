// covering.h: does what was added lie over what had been signed?
#pragma once
#include <optional>

#include <heqi/documents/pdf/document.h>

namespace heqi::documents::verify {

// find_covered is the first annotation that a page of then shows and that box, on a page of now
// that shows widget, lies over; nullopt where there is none. What has no area covers nothing.
base::Result<std::optional<pdf::Reference>> find_covered(const pdf::Document& then,
                                                         const pdf::Document& now,
                                                         pdf::Reference widget,
                                                         const pdf::Rectangle& box);

}  // namespace heqi::documents::verify
