#include <heqi/base/text.h>

namespace heqi::base {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string encode_base64(ByteView bytes, std::string_view alphabet, std::string_view padding) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < have ? bytes[i + j] : 0u);
    for (std::size_t j = 0; j < 4; ++j) {
      if (j <= have)
        out.push_back(alphabet[group >> (18 - 6 * j) & 63]);
      else
        out.append(padding);
    }
  }
  return out;
}

Result<Bytes> decode_base64(std::string_view text, std::string_view alphabet) {
  if (text.size() % 4 == 1) return fail(Code::malformed, "Base64: a lone last character");
  Bytes out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t value = alphabet.find(text[i]);
    if (value == std::string_view::npos)
      return fail(Code::malformed,
                  "Base64: character " + std::to_string(i) + " is not of the alphabet");
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(group >> bits));
      group &= (1u << bits) - 1;
    }
  }
  if (group != 0) return fail(Code::malformed, "Base64: the unused last bits are not zero");
  return out;
}

}  // namespace

std::string to_hex(ByteView bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

Result<Bytes> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(Code::malformed, "hexadecimal: odd length");
  Bytes out(text.size() / 2);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return fail(Code::malformed, "hexadecimal: not a digit at " + std::to_string(2 * i));
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return out;
}

std::string to_base64(ByteView bytes) {
  return encode_base64(bytes, kBase64, "=");
}
std::string to_base64url(ByteView bytes) {
  return encode_base64(bytes, kBase64Url, "");
}

Result<Bytes> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0) return fail(Code::malformed, "Base64: length is not a multiple of 4");
  if (text.ends_with("=="))
    text.remove_suffix(2);
  else if (text.ends_with('='))
    text.remove_suffix(1);
  return decode_base64(text, kBase64);
}

Result<Bytes> parse_base64url(std::string_view text) {
  return decode_base64(text, kBase64Url);
}

std::string to_pem(std::string_view label, ByteView der) {
  const std::string body = to_base64(der);
  std::string out;
  out.append("-----BEGIN ").append(label).append("-----\n");
  for (std::size_t i = 0; i < body.size(); i += 64) out.append(body, i, 64).push_back('\n');
  out.append("-----END ").append(label).append("-----\n");
  return out;
}

Result<std::vector<PemBlock>> parse_pem(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN ", dashes = "-----";
  std::vector<PemBlock> blocks;
  for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at)) {
    const std::size_t label_at = at + begin.size();
    const std::size_t label_end = text.find(dashes, label_at);
    if (label_end == std::string_view::npos)
      return fail(Code::malformed, "PEM: BEGIN without dashes");
    const std::string label(text.substr(label_at, label_end - label_at));
    const std::string end = "-----END " + label + "-----";
    const std::size_t end_at = text.find(end, label_end);
    if (end_at == std::string_view::npos) return fail(Code::malformed, "PEM: no END " + label);
    std::string body;
    for (char c : text.substr(label_end + dashes.size(), end_at - label_end - dashes.size()))
      if (c != '\n' && c != '\r' && c != ' ' && c != '\t') body.push_back(c);
    HEQI_TRY(Bytes der, parse_base64(body));
    blocks.push_back({label, std::move(der)});
    at = end_at + end.size();
  }
  return blocks;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[i]);
    const std::size_t size = lead < 0x80       ? 1
                             : lead >> 5 == 6  ? 2
                             : lead >> 4 == 14 ? 3
                             : lead >> 3 == 30 ? 4
                                               : 0;
    if (size == 0 || size > text.size() - i) return false;
    std::uint32_t point = size == 1 ? lead : lead & (0xFFu >> (size + 1));
    for (std::size_t j = 1; j < size; ++j) {
      const auto next = static_cast<std::uint8_t>(text[i + j]);
      if (next >> 6 != 2) return false;
      point = point << 6 | (next & 63u);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < least[size] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))
      return false;
    i += size;
  }
  return true;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

}  // namespace heqi::base
