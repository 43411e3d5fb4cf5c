// answer_head.h: the status line and the fields of an answer, as they go over the wire.
#pragma once
#include <string>

#include <heqi/http/response.h>

namespace heqi::http {

// HeadFacts is what an answer's head states beside the response itself.
struct HeadFacts {
  Method method = Method::get;  // of the request
  std::string_view request_id;
  unsigned version = 11;  // of HTTP, times ten
  bool keeps_alive = false, over_tls = false;
};

bool has_control(std::string_view text);

// is_writable: status, content type and fields of the handler can stand in a head.
bool is_writable(const Response& response);

// sends_body: a HEAD is answered without one, and so are 204 and 304.
bool sends_body(const Response& response, Method method);

// encode_head writes the head of a writable response: the handler's fields, the security headers
// that it did not set itself, the type and length of the content, the request id, and whether the
// connection goes on. Ends with the empty line.
std::string encode_head(const Response& response, const HeadFacts& facts);

}  // namespace heqi::http
