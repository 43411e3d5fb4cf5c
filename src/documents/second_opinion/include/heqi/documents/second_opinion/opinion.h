// heqi/documents/second_opinion/opinion.h: what another reader (qpdf, its recovery off) makes of a
// file. Our own reader decides; a file on which both disagree is never valid.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::documents::second_opinion {

// Summary is what a reader sees, a line for each fact: number of pages; boxes, rotation and SM3 of
// the content of each page; name, type and signature (SM3 of /Contents, /ByteRange) of each field.
using Summary = std::vector<std::string>;

// summarise_ours and summarise_theirs read file with our reader and with qpdf. Fail as
// pdf::Document::parse; theirs with malformed where qpdf refuses or warns.
base::Result<Summary> summarise_ours(base::ByteView file);
base::Result<Summary> summarise_theirs(base::ByteView file);

// compare_readers fails with document_readers_disagree where qpdf refuses, warns, or sees another
// fact first; the detail names it. Fails as summarise_ours where our reader refuses the file.
base::Status compare_readers(base::ByteView file);

// normalise lets qpdf repair and rewrite an unsigned file, so that our reader takes it: the result
// is another file and must be shown to its owner. The same input gives the same octets. Fails with
// document_encrypted, document_signed (rewriting would break it), document_not_pdf, malformed.
base::Result<base::Bytes> normalise(base::ByteView file);

}  // namespace heqi::documents::second_opinion
