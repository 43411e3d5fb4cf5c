// heqi/documents/pdf/inflate.h: DEFLATE and zlib decompression (RFC 1951, RFC 1950), bounded.
#pragma once
#include <heqi/base/bytes.h>
#include <heqi/base/result.h>
#include <span>

namespace heqi::documents::pdf {

// Inflated is what a compressed stream held, and how many octets of the input it took.
struct Inflated {
  base::Bytes octets;
  std::size_t used = 0;
};

// inflate_zlib decompresses RFC 1950 data: header, DEFLATE blocks, Adler-32, all checked.
// Fails with malformed naming the offset, limit_exceeded beyond size_max octets of output.
base::Result<Inflated> inflate_zlib(base::ByteView compressed, std::size_t size_max);

// inflate_raw decompresses RFC 1951 data.
base::Result<Inflated> inflate_raw(base::ByteView compressed, std::size_t size_max);

}  // namespace heqi::documents::pdf
