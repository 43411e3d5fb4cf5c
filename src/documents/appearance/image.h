// image.h: pictures as objects of a PDF.
#pragma once
#include <heqi/documents/appearance/signature_box.h>

namespace heqi::documents::appearance {

// check_picture fails with malformed where the octets are not those of so many pixels.
base::Status check_picture(const Picture& picture);
// append_picture adds an image XObject with its opacity (/SMask); the result is its place.
std::size_t append_picture(pdf::Graph& graph, const Picture& picture);
// numbers are operands of a content stream, with a space behind each.
std::string numbers(std::initializer_list<double> values);

}  // namespace heqi::documents::appearance
