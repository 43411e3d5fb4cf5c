// places.h: where on a page a signature shows.
#pragma once
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/verify/report.h>

namespace heqi::documents::verify {

// find_place is the box of field's first widget that a page shows; nullopt where there is none, or
// its rectangle is empty or off the page. Nothing is judged by it.
std::optional<Place> find_place(const pdf::Document& document, const std::vector<pdf::Page>& pages,
                                const pdf::Field& field);

}  // namespace heqi::documents::verify
