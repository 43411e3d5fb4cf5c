// gzip.h: the gzip form (RFC 1952) of a file, as browsers take it.
#pragma once
#include <heqi/base/bytes.h>

namespace heqi::api {

// gzip is one member without name and time: the same input gives the same output.
base::Bytes gzip(base::ByteView plain);

}  // namespace heqi::api
