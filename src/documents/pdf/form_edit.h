// Changes to the form and to pages that several writers need. Private to the writer.
#pragma once
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/pdf/update.h>

namespace heqi::documents::pdf {

// join is the file with its update appended.
base::Bytes join(base::ByteView file, base::ByteView update);

// add_fields appends fields to /AcroForm /Fields and sets SigFlags 3, making the form if there is
// none. With no fields only the flags are set, where they are not yet.
base::Status add_fields(const Document& document, Update& update,
                        const std::vector<Reference>& fields);

// add_annotations appends annotations to the page's /Annots.
base::Status add_annotations(Update& update, const Page& page,
                             const std::vector<Reference>& annotations);

// dictionary_of is the dictionary of an object as update leaves it. Fails with malformed.
base::Result<Dictionary> dictionary_of(const Update& update, Reference id);

}  // namespace heqi::documents::pdf
