// heqi/http/request.h: one HTTP request as a handler sees it.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::http {

enum class Method { get, head, post, put, patch, remove };  // remove is DELETE

std::string_view method_name(Method method);
std::optional<Method> find_method(std::string_view name);

// Fields are names and values in the order in which they came.
using Fields = std::vector<std::pair<std::string, std::string>>;

// Request is complete and checked: the path is decoded, the body is within the route's limit.
struct Request {
  Method method = Method::get;
  std::string target;      // path and query as they stood in the request line
  std::string path;        // without the query, not decoded
  Fields query;            // decoded
  Fields headers;          // names in lower case
  Fields path_parameters;  // filled by the router, decoded
  base::Bytes body;
  std::string peer_address;  // of the connection: "127.0.0.1"
  std::string id;            // the request id that the answer and the log carry
  base::Duration waited{0};  // how long a long poll has been waiting (Response::wait)

  // header returns the value of the only field of this name (lower case); nullopt where there is
  // none. Repeated fields are joined by ", ".
  std::optional<std::string> header(std::string_view name) const;
  // cookie returns the value of a cookie.
  std::optional<std::string> cookie(std::string_view name) const;
  // content_type is the media type without parameters, in lower case.
  std::string content_type() const;
  // query_text returns a query parameter; fails with malformed where it is given twice.
  base::Result<std::optional<std::string>> query_text(std::string_view name) const;
  // query_number fails with malformed where the value is not a decimal number in 0…max.
  base::Result<std::optional<std::uint64_t>> query_number(std::string_view name,
                                                          std::uint64_t max) const;
  // refuse_unknown_query fails with malformed where the query holds a name that is not in known.
  base::Status refuse_unknown_query(std::initializer_list<std::string_view> known) const;
  // path_text is the value of {name} in the route's pattern; a route without it is a programmer's
  // error.
  const std::string& path_text(std::string_view name) const;
  base::Result<std::uint64_t> path_number(std::string_view name, std::uint64_t max) const;
};

// parse_target splits and decodes a request target into path and query. Fails with malformed
// (a bad escape, a backslash, NUL or control, "." and ".." segments, text that is not UTF-8),
// limit_exceeded.
base::Status parse_target(std::string_view target, Request& request);

// path_segments decodes the segments of a path that parse_target took. A segment can hold a '/',
// which was escaped: Router refuses it but where a route says that it takes it.
base::Result<std::vector<std::string>> path_segments(std::string_view path);

// percent_encoded is text with everything but RFC 3986 unreserved characters escaped.
std::string percent_encoded(std::string_view text);

}  // namespace heqi::http
