// rendering.h: pages of OFD and PDF files as pictures, drawn in confined processes. The octets that
// are drawn are those that were given: their digest is that of the file that was signed.
#pragma once
#include <heqi/documents/ofd_render/render.h>

namespace heqi::program {

inline constexpr std::size_t kRenderInputMax = std::size_t{512} << 20;
inline constexpr std::size_t kRenderedMax = std::size_t{512} << 20;

using documents::ofd_render::Rendered;
using documents::ofd_render::RenderRequest;

// render_confined draws a page of an OFD in a worker of this program, one of a PDF with a program
// of the distribution (pdftoppm or pdftocairo, poppler-utils). Fails as render_page, and as
// run_confined; not_found for a page that is not there; unavailable where that program is missing.
base::Result<Rendered> render_confined(base::ByteView file, const RenderRequest& request);

// The worker's side. warm_up_rendering opens the fonts, which it cannot do later; answer_rendering
// reads a request with its file and gives the page or the error.
void warm_up_rendering();
base::Bytes answer_rendering(base::ByteView input);

}  // namespace heqi::program
