// Text strings and dates (ISO 32000-2 §7.9.2.2, §7.9.4).
#include <cstdio>

#include <heqi/base/text.h>
#include <heqi/documents/pdf/object.h>

namespace heqi::documents::pdf {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

void append_utf8(std::string& out, char32_t point) {
  if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) point = kReplacement;
  const auto put = [&](char32_t octet) { out += static_cast<char>(octet); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | (point >> 6)), put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | (point >> 12)), put(0x80 | ((point >> 6) & 0x3F)), put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | (point >> 18)), put(0x80 | ((point >> 12) & 0x3F));
    put(0x80 | ((point >> 6) & 0x3F)), put(0x80 | (point & 0x3F));
  }
}

// PDFDocEncoding where it differs from Latin-1 (ISO 32000-2 Annex D.2): 0x18…0x1F and 0x80…0xA0.
constexpr char32_t kLow[8] = {0x02D8, 0x02C7, 0x02C6, 0x02D9, 0x02DD, 0x02DB, 0x02DA, 0x02DC};
constexpr char32_t kHigh[33] = {
    0x2022, 0x2020, 0x2021, 0x2026, 0x2014, 0x2013, 0x0192, 0x2044, 0x2039, 0x203A, 0x2212,
    0x2030, 0x201E, 0x201C, 0x201D, 0x2018, 0x2019, 0x201A, 0x2122, 0xFB01, 0xFB02, 0x0141,
    0x0152, 0x0160, 0x0178, 0x017D, 0x0131, 0x0142, 0x0153, 0x0161, 0x017E, 0xFFFD, 0x20AC};

std::string decode_utf16(base::ByteView octets) {
  std::string out;
  std::size_t at = 0;
  const auto unit = [&] {
    const char32_t value = static_cast<char32_t>(octets[at] << 8 | octets[at + 1]);
    at += 2;
    return value;
  };
  while (at + 1 < octets.size()) {
    const char32_t first = unit();
    if (first >= 0xD800 && first < 0xDC00 && at + 1 < octets.size()) {
      const char32_t second = static_cast<char32_t>(octets[at] << 8 | octets[at + 1]);
      if (second >= 0xDC00 && second < 0xE000) {
        at += 2;
        append_utf8(out, 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
        continue;
      }
    }
    append_utf8(out, first);
  }
  if (at < octets.size()) append_utf8(out, kReplacement);
  return out;
}

// next_point reads one code point of well-formed UTF-8.
char32_t next_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  char32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
  for (int i = 0; i < more; ++i)
    point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
  return point;
}

}  // namespace

std::string decode_text_string(const String& string) {
  const base::ByteView octets = string.bytes;
  if (octets.size() >= 2 && octets[0] == 0xFE && octets[1] == 0xFF)
    return decode_utf16(octets.subspan(2));
  if (octets.size() >= 3 && octets[0] == 0xEF && octets[1] == 0xBB && octets[2] == 0xBF) {
    const std::string_view text = base::text_of(octets.subspan(3));
    if (base::is_utf8(text)) return std::string(text);
  }
  std::string out;
  for (const std::uint8_t octet : octets) {
    char32_t point = octet;
    if (octet >= 0x18 && octet < 0x20) point = kLow[octet - 0x18];
    if (octet >= 0x80 && octet <= 0xA0) point = kHigh[octet - 0x80];
    append_utf8(out, point);
  }
  return out;
}

Value to_text_string(std::string_view utf8) {
  bool ascii = true;
  for (const char character : utf8)
    ascii = ascii && character >= 0x20 && static_cast<unsigned char>(character) < 0x7f;
  if (ascii) return String{base::to_bytes(utf8), false};
  String out{{0xFE, 0xFF}, true};
  if (!base::is_utf8(utf8)) return out;
  const auto put = [&](char32_t unit) {
    out.bytes.push_back(static_cast<std::uint8_t>(unit >> 8));
    out.bytes.push_back(static_cast<std::uint8_t>(unit & 0xFF));
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t point = next_point(utf8, at);
    if (point < 0x10000) {
      put(point);
    } else {
      put(0xD800 + ((point - 0x10000) >> 10));
      put(0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
  return out;
}

Value to_date(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  char text[40];
  std::snprintf(text, sizeof text, "D:%04d%02d%02d%02d%02d%02d+00'00'", civil.year, civil.month,
                civil.day, civil.hour, civil.minute, civil.second);
  return String{base::to_bytes(std::string_view(text)), false};
}

base::Result<base::Time> parse_date(const String& string) {
  std::string_view text = base::text_of(string.bytes);
  const auto bad = [&] {
    return base::fail(base::Code::malformed, "not a date of the form D:YYYYMMDDHHmmSSOHH'mm'");
  };
  if (text.substr(0, 2) == "D:") text.remove_prefix(2);
  const auto digits = [&](std::size_t count, int otherwise) -> int {
    if (text.empty() || text[0] < '0' || text[0] > '9') return otherwise;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= text.size() || text[i] < '0' || text[i] > '9') return -1;
      value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
  };
  base::CivilTime civil{};
  civil.year = digits(4, -1);
  if (civil.year < 0) return bad();
  civil.month = digits(2, 1), civil.day = digits(2, 1);
  civil.hour = digits(2, 0), civil.minute = digits(2, 0), civil.second = digits(2, 0);
  int sign = 0, hours = 0, minutes = 0;
  if (!text.empty()) {
    if (text[0] == '+')
      sign = 1;
    else if (text[0] == '-')
      sign = -1;
    else if (text[0] != 'Z')
      return bad();
    text.remove_prefix(1);
    hours = digits(2, 0);
    if (!text.empty() && text[0] == '\'') text.remove_prefix(1);
    minutes = digits(2, 0);
    if (!text.empty() && text[0] == '\'') text.remove_prefix(1);
  }
  if (!text.empty() || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return bad();
  if (civil.month < 1 || civil.day < 1 || civil.hour < 0 || civil.minute < 0 || civil.second < 0)
    return bad();
  HEQI_TRY(const base::Time local, base::time_from_civil(civil));
  return base::Time(local - std::chrono::minutes(sign * (hours * 60 + minutes)));
}

}  // namespace heqi::documents::pdf
