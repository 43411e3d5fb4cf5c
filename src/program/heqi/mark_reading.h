// mark_reading.h: the marks against counterfeits that an OFD should show, page by page.
#pragma once
#include <heqi/base/json.h>
#include <heqi/documents/marked/marked.h>

#include "arguments.h"

namespace heqi::program {

// load_mark_secret is the digest of the file that --secret names; all zeros without one.
base::Result<crypto::Digest> load_mark_secret(const Arguments& arguments);

using PageMarks = std::vector<documents::marked::MarkReading>;

// read_marks draws every page of an OFD in a worker and looks for the marks that its record names;
// nullopt where it has no record. Fails as Package::open, find_record and render_confined.
base::Result<std::optional<std::vector<PageMarks>>> read_marks(base::ByteView ofd,
                                                               const crypto::Digest& secret);

// all_read: every mark is there, with what the record asks for.
bool all_read(const PageMarks& marks);
void write_marks(base::JsonWriter& json, const PageMarks& marks);
std::string marks_text(const PageMarks& marks);

}  // namespace heqi::program
