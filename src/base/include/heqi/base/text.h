// heqi/base/text.h: text codecs: hexadecimal, Base64, PEM, UTF-8, RFC 3339 times.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::base {

std::string to_hex(ByteView bytes);              // lower case
Result<Bytes> parse_hex(std::string_view text);  // either case, even length, nothing else

std::string to_base64(ByteView bytes);              // RFC 4648 §4, padded, one line
Result<Bytes> parse_base64(std::string_view text);  // strict: padded, no white space
std::string to_base64url(ByteView bytes);           // RFC 4648 §5, no padding
Result<Bytes> parse_base64url(std::string_view text);

// to_pem wraps DER in RFC 7468 text with 64-character lines.
std::string to_pem(std::string_view label, ByteView der);
struct PemBlock {
  std::string label;
  Bytes der;
};
// parse_pem returns the blocks in order; text between them is skipped. Fails with malformed on a
// broken block.
Result<std::vector<PemBlock>> parse_pem(std::string_view text);

bool is_utf8(std::string_view text);  // well-formed, no surrogates, no overlong forms

std::string to_rfc3339(Time time);  // 2026-11-21T08:41:56Z, fraction only if not zero
Result<Time> parse_rfc3339(std::string_view text);  // Z or an offset

// CivilTime is a time of the calendar in UTC.
struct CivilTime {
  int year, month, day, hour, minute, second, microsecond;
};
CivilTime civil_time(Time time);
// time_from_civil fails with malformed for a day or hour that does not exist.
Result<Time> time_from_civil(const CivilTime& civil);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

}  // namespace heqi::base
