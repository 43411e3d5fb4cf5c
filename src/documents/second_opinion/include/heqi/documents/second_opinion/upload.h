// heqi/documents/second_opinion/upload.h: is this file fit to be signed?
#pragma once
#include <string>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::documents::second_opinion {

enum class SignedFiles { refused, allowed };

struct UploadOptions {
  std::size_t size_max = std::size_t{50} << 20;  // octets
  std::size_t pages_max = 2000;
  SignedFiles signed_files = SignedFiles::refused;
};

// Upload is what was found in a file that may be signed.
struct Upload {
  std::size_t pages = 0, revisions = 0, signatures = 0, fields = 0;
  // notes are things that a signer should know (English): layers that can be hidden, form fields,
  // links, hybrid cross-reference.
  std::vector<std::string> notes;
};

// inspect_upload reads the whole file. Fails with document_empty (no octets, no page),
// limit_exceeded, document_not_pdf, document_encrypted, document_active_content (scripts, actions
// on opening, launching, attachments, multimedia, XFA; the detail names object and kind),
// document_signed, document_readers_disagree, malformed (offset and object named; normalise of
// opinion.h may help an unsigned file).
base::Result<Upload> inspect_upload(base::ByteView file, const UploadOptions& options = {});

}  // namespace heqi::documents::second_opinion
