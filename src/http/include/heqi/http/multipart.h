// heqi/http/multipart.h: multipart/form-data (RFC 7578, RFC 2046 §5.1), strictly.
#pragma once
#include <string>
#include <vector>

#include <heqi/base/result.h>
#include <heqi/http/limits.h>
#include <heqi/http/request.h>

namespace heqi::http {

// Part is one field of a form. body views the request's body.
struct Part {
  std::string name;
  std::string file_name;     // empty where the field is not a file; never a path
  std::string content_type;  // media type in lower case; "text/plain" where none is given
  base::ByteView body;
};

struct MultipartLimits {
  std::size_t parts_max = kPartsMax;
  std::size_t part_size_max = kUploadSizeMax;
};

// parse_multipart splits body by the boundary that content_type names. Parts of one name are
// refused, and so are nested multiparts, transfer encodings and text before the first boundary.
// Fails with malformed (the detail names the offset), unsupported (not multipart/form-data),
// limit_exceeded.
base::Result<std::vector<Part>> parse_multipart(std::string_view content_type, base::ByteView body,
                                                MultipartLimits limits = {});

// Upload is a file from a request.
struct Upload {
  std::string file_name;  // empty where the client gave none
  base::ByteView content;
};

// get_upload takes the file either as the whole body (Content-Type: media_type, the name in
// ?name=) or as the part "file" of a form. Fails with unsupported for another type.
base::Result<Upload> get_upload(const Request& request, std::string_view media_type);

}  // namespace heqi::http
