#include <heqi/http/response.h>

#include <heqi/base/error.h>

namespace heqi::http {

Response Response::json_text(std::string json, int status) {
  return bytes("application/json", base::to_bytes(json), status);
}

Response Response::json(const base::JsonWriter& json, int status) {
  return json_text(json.str(), status);
}

Response Response::text(std::string_view text, int status) {
  return bytes("text/plain; charset=utf-8", base::to_bytes(text), status);
}

Response Response::bytes(std::string content_type, base::Bytes body, int status) {
  Response response;
  response.status = status;
  response.content_type = std::move(content_type);
  response.body = std::move(body);
  return response;
}

Response Response::empty(int status) {
  Response response;
  response.status = status;
  return response;
}

Response Response::see_other(std::string location) {
  return empty(303).with_header("Location", std::move(location));
}

Response&& Response::with_header(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Response problem(const base::Error& error, std::string_view request_id) {
  const base::ErrorText& text = base::error_text(error.code);
  const bool for_the_log_only =
      error.code == base::Code::internal || error.code == base::Code::storage;
  base::JsonWriter json;
  json.begin_object()
      .field("type", "about:blank")
      .field("title", text.english)
      .field("status", std::int64_t{text.http_status})
      .field("id", text.id)
      .field("text_en", text.english)
      .field("text_zh", text.chinese)
      .field("action_en", text.action_english)
      .field("action_zh", text.action_chinese);
  if (!error.detail.empty() && !for_the_log_only) json.field("detail", error.detail);
  json.field("trace", request_id).end_object();
  Response response =
      Response::bytes("application/problem+json", base::to_bytes(json.str()), text.http_status);
  if (text.http_status == 503 || text.http_status == 429)
    response.headers.emplace_back("Retry-After", "1");
  if (error.code == base::Code::http_method_not_allowed)
    response.headers.emplace_back("Allow", error.detail);
  return response;
}

}  // namespace heqi::http
