// report_pdf.h: a verification report as a PDF file, for people who keep files.
#pragma once
#include <string>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::program {

// write_text_pdf lays lines of text (UTF-8, separated by '\n') out on A4 pages with an embedded
// subset of the font of visible signatures; long lines are broken, characters that the font lacks
// become '?'. title goes to the document information. The same input gives the same octets. Fails
// as documents::appearance::Font::open.
base::Result<base::Bytes> write_text_pdf(const std::string& title, const std::string& text);

}  // namespace heqi::program
