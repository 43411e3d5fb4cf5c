// heqi/documents/appearance/compress.h: Flate compression for what we write.
#pragma once
#include <heqi/base/bytes.h>
#include <heqi/documents/pdf/update.h>

namespace heqi::documents::appearance {

// compress gives RFC 1950 data; the same input gives the same output.
base::Bytes compress(base::ByteView plain);

// make_stream is a stream object with dictionary's entries, Flate compressed.
pdf::NewObject make_stream(pdf::Dictionary dictionary, base::ByteView plain);

}  // namespace heqi::documents::appearance
