#include "answer_head.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>

namespace heqi::http {
namespace {

namespace wire = boost::beast::http;

constexpr std::size_t kHeadSizeUsual = 640;
// What every answer says of itself unless its handler says something else.
constexpr std::pair<std::string_view, std::string_view> kSecurityHeaders[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"}};
// What the transport states, whatever the handler says.
constexpr std::string_view kOfTheTransport[] = {"Content-Length", "Transfer-Encoding", "Connection",
                                                "X-Request-Id"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

bool is_set(const Fields& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const auto& field) { return same_name(field.first, name); });
}

// is_left_out: a field of the handler's that another one stands for.
bool is_left_out(const Response& response, std::string_view name) {
  if (!response.content_type.empty() && same_name(name, "Content-Type")) return true;
  return std::any_of(std::begin(kOfTheTransport), std::end(kOfTheTransport),
                     [&](std::string_view ours) { return same_name(name, ours); });
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

void add_status_line(std::string& head, int status, unsigned version) {
  const auto reason = wire::obsolete_reason(wire::int_to_status(static_cast<unsigned>(status)));
  head.append(version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ");
  head.append(std::to_string(status)).append(" ");
  head.append(reason.data(), reason.size()).append("\r\n");
}

}  // namespace

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

bool is_writable(const Response& response) {
  if (response.status < 200 || response.status > 599 || has_control(response.content_type))
    return false;
  return std::none_of(response.headers.begin(), response.headers.end(), [](const auto& field) {
    return field.first.empty() || has_control(field.first) || has_control(field.second) ||
           field.first.find_first_of(": ") != std::string::npos;
  });
}

bool sends_body(const Response& response, Method method) {
  return method != Method::head && response.status != 204 && response.status != 304;
}

std::string encode_head(const Response& response, const HeadFacts& facts) {
  std::string head;
  head.reserve(kHeadSizeUsual);
  add_status_line(head, response.status, facts.version);
  for (const auto& [name, value] : response.headers)
    if (!is_left_out(response, name)) add(head, name, value);
  for (const auto& [name, value] : kSecurityHeaders)
    if (!is_set(response.headers, name)) add(head, name, value);
  if (facts.over_tls && !is_set(response.headers, "Strict-Transport-Security"))
    add(head, "Strict-Transport-Security", "max-age=31536000");
  if (!response.content_type.empty()) add(head, "Content-Type", response.content_type);
  add(head, "X-Request-Id", facts.request_id);
  if (response.status != 204 && response.status != 304)
    add(head, "Content-Length", std::to_string(response.body.size()));
  if (!facts.keeps_alive && facts.version != 10) add(head, "Connection", "close");
  if (facts.keeps_alive && facts.version == 10) add(head, "Connection", "keep-alive");
  return head.append("\r\n");
}

}  // namespace heqi::http
