// heqi/base/error.h: one registry of errors. The entries are in errors.def; docs/errors.md is
// generated from it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heqi::base {

// Code names one kind of failure. The first sixteen are general; the others belong to one subject.
enum class Code : std::uint16_t {
#define HEQI_ERROR(symbol, id, http, etsi, english, chinese, action_english, action_chinese) symbol,
#include <heqi/base/errors.def>
#undef HEQI_ERROR
};

// Error is a Code with the detail of this one case: what, where (an offset, a name) and what was
// expected. The detail never holds a key, a PIN, or the content of a document.
struct Error {
  Code code = Code::internal;
  std::string detail;
};

inline Error fail(Code code, std::string detail = {}) {
  return {code, std::move(detail)};
}

// ErrorText is the registry's entry of one Code.
struct ErrorText {
  Code code;
  std::string_view id;                // dotted: "cosign.session_open"
  int http_status;                    // what the REST interface answers
  int etsi_status;                    // ETSI TS 102 204 status code, 0 where there is none
  std::string_view english, chinese;  // what happened
  std::string_view action_english, action_chinese;  // what to do
};

// error_text is the entry of code. Kept apart from Error, so that the device does not carry the
// texts.
const ErrorText& error_text(Code code);

// find_error finds an entry by its dotted id.
std::optional<Code> find_error(std::string_view id);

// to_line is "id: English text (detail)" for logs and terminals.
std::string to_line(const Error& error);

}  // namespace heqi::base
