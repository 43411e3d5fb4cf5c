// heqi/http/response.h: one HTTP answer, and how errors become one.
#pragma once
#include <heqi/base/json.h>
#include <heqi/http/request.h>

namespace heqi::http {

// Response is what a handler answers. The transport adds Content-Length, the request id and
// the security headers (each unless the handler set its own).
struct Response {
  int status = 200;
  Fields headers;
  std::string content_type;
  base::Bytes body;
  // wait asks the transport to call the handler again (every kWaitInterval, no thread is held)
  // until it answers with wait = 0 or this much time has passed; then this answer goes out. At
  // most kWaitMax counts. A long poll is: nothing new → answer with wait set.
  base::Duration wait{0};

  static Response json(const base::JsonWriter& json, int status = 200);
  static Response json_text(std::string json, int status = 200);
  static Response text(std::string_view text, int status = 200);  // text/plain; UTF-8
  static Response bytes(std::string content_type, base::Bytes body, int status = 200);
  static Response empty(int status = 204);
  static Response see_other(std::string location);  // 303

  Response&& with_header(std::string name, std::string value) &&;
};

// problem is error as application/problem+json (RFC 9457): type, title, status, id, text_en,
// text_zh, action_en, action_zh, detail, trace (the request id). The detail of internal and storage
// errors is left out: it goes to the log.
Response problem(const base::Error& error, std::string_view request_id);

}  // namespace heqi::http
