// brotli.h: the brotli form (RFC 7932) of a file, as browsers take it over TLS. The build makes it;
// here it is only read.
#pragma once
#include <heqi/base/bytes.h>

namespace heqi::api {

// is_brotli_of tells whether compressed is one whole brotli stream of exactly plain.
bool is_brotli_of(base::ByteView compressed, base::ByteView plain);

}  // namespace heqi::api
