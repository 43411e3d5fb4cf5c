#include <heqi/services/notify/mail.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include <heqi/base/text.h>
#include <heqi/http/smtp.h>

namespace heqi::services::notify {
namespace {

using base::Code;
using base::fail;
using base::Result;
using http::is_mail_address;

constexpr std::size_t kLineMax = 76;         // RFC 2045 §6.7
constexpr std::size_t kEncodedWordMax = 39;  // octets of a word: with "Subject: " 73 characters
constexpr std::string_view kEncodedBegin = "=?UTF-8?B?", kEncodedEnd = "?=";
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_plain(std::string_view text) {
  return base::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

// encoded_words writes text as RFC 2047 words, each of whole characters, folded.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = std::min(text.size(), kEncodedWordMax);
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    if (!out.empty()) out.append("\r\n ");
    out.append(kEncodedBegin).append(base::to_base64(base::bytes_of(text.substr(0, size))));
    out.append(kEncodedEnd);
    text.remove_prefix(size);
  }
  return out;
}

Result<std::string> decoded_words(std::string_view text) {
  std::string out;
  for (std::string_view word : base::split(text, ' ')) {
    word = base::trim(word);
    if (word.empty()) continue;
    if (!word.starts_with(kEncodedBegin) || !word.ends_with(kEncodedEnd))
      return fail(Code::malformed, "mail: expected an encoded word");
    word.remove_prefix(kEncodedBegin.size());
    word.remove_suffix(kEncodedEnd.size());
    HEQI_TRY(const base::Bytes bytes, base::parse_base64(word));
    out.append(base::text_of(bytes));
  }
  return out;
}

std::string date_text(base::Time time) {
  const base::CivilTime t = base::civil_time(time);
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::weekday day(days);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d +0000",
                kDays[day.c_encoding()].data(), t.day,
                kMonths[static_cast<std::size_t>(t.month - 1)].data(), t.year, t.hour, t.minute,
                t.second);
  return text;
}

Result<base::Time> parse_date(std::string_view text) {
  int day = 0, year = 0, hour = 0, minute = 0, second = 0;
  char month[4] = {};
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%*3s, %d %3s %d %d:%d:%d", &day, month, &year, &hour, &minute,
                  &second) != 6)
    return fail(Code::malformed, "mail: bad Date");
  const auto found = std::find(kMonths.begin(), kMonths.end(), std::string_view(month));
  return base::time_from_civil(
      {year, static_cast<int>(found - kMonths.begin()) + 1, day, hour, minute, second, 0});
}

// quoted_printable writes LF lines as CRLF lines of RFC 2045 §6.7.
std::string quoted_printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (std::string_view line : base::split(text, '\n')) {
    std::string coded;
    std::size_t width = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const auto byte = static_cast<std::uint8_t>(line[i]);
      const bool last = i + 1 == line.size();
      const bool plain = (byte >= 0x21 && byte <= 0x7e && byte != '=') || (byte == ' ' && !last);
      const std::size_t needed = plain ? 1 : 3;
      if (width + needed > kLineMax - 1) {
        coded.append("=\r\n");
        width = 0;
      }
      if (plain) {
        coded.push_back(line[i]);
      } else {
        coded.push_back('=');
        coded.push_back(digits[byte >> 4]);
        coded.push_back(digits[byte & 15]);
      }
      width += needed;
    }
    out.append(coded).append("\r\n");
  }
  if (text.ends_with('\n')) out.resize(out.size() - 2);
  return out;
}

Result<std::string> parse_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') continue;
    if (text[i] != '=') {
      out.push_back(text[i]);
      continue;
    }
    if (text.substr(i + 1, 2) == "\r\n") {
      i += 2;
      continue;
    }
    HEQI_TRY(const base::Bytes byte, base::parse_hex(text.substr(i + 1, 2)));
    if (byte.size() != 1) return fail(Code::malformed, "mail: bad quoted-printable");
    out.push_back(static_cast<char>(byte[0]));
    i += 2;
  }
  return out;
}

std::string mailbox(const std::string& name, const std::string& address) {
  return (name.empty() ? "" : encoded_words(name) + "\r\n ") + "<" + address + ">";
}

base::Status parse_mailbox(std::string_view text, std::string& name, std::string& address) {
  const std::size_t open = text.find('<'), close = text.find('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open)
    return fail(Code::malformed, "mail: bad mailbox");
  HEQI_TRY(name, decoded_words(text.substr(0, open)));
  address = text.substr(open + 1, close - open - 1);
  return {};
}

}  // namespace

Result<base::Bytes> encode_mail(const Mail& mail) {
  for (const std::string* text :
       {&mail.from_name, &mail.to_name, &mail.subject, &mail.message_id, &mail.label})
    if (!is_plain(*text)) return fail(Code::malformed, "mail: control character in a field");
  if (!is_mail_address(mail.from_address) || !is_mail_address(mail.to_address) ||
      !is_mail_address(mail.message_id))
    return fail(Code::malformed, "mail: not an address");
  if (!base::is_utf8(mail.body)) return fail(Code::malformed, "mail: the text is not UTF-8");
  std::string out;
  out.append("From: ").append(mailbox(mail.from_name, mail.from_address)).append("\r\n");
  out.append("To: ").append(mailbox(mail.to_name, mail.to_address)).append("\r\n");
  out.append("Subject: ").append(encoded_words(mail.subject)).append("\r\n");
  out.append("Date: ").append(date_text(mail.date)).append("\r\n");
  out.append("Message-ID: <").append(mail.message_id).append(">\r\n");
  out.append("Heqi-Notice: ").append(mail.label).append("\r\n");
  out.append("Auto-Submitted: auto-generated\r\n");
  out.append("MIME-Version: 1.0\r\n");
  out.append("Content-Type: text/plain; charset=utf-8\r\n");
  out.append("Content-Language: zh-CN, en\r\n");
  out.append("Content-Transfer-Encoding: quoted-printable\r\n\r\n");
  out.append(quoted_printable(mail.body));
  return base::to_bytes(out);
}

Result<Mail> parse_mail(base::ByteView message) {
  const std::string_view all = base::text_of(message);
  const std::size_t head_end = all.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return fail(Code::malformed, "mail: no head");
  Mail mail;
  const std::string_view head = all.substr(0, head_end);
  for (std::size_t at = 0; at < head.size();) {
    std::size_t end = head.find("\r\n", at);
    while (end != std::string_view::npos && head.substr(end + 2, 1) == " ")
      end = head.find("\r\n", end + 2);
    end = std::min(end, head.size());
    const std::string_view field = head.substr(at, end - at);
    const std::size_t colon = field.find(": ");
    if (colon == std::string_view::npos) return fail(Code::malformed, "mail: bad header field");
    const std::string_view name = field.substr(0, colon), value = field.substr(colon + 2);
    if (name == "From") HEQI_TRY(parse_mailbox(value, mail.from_name, mail.from_address));
    if (name == "To") HEQI_TRY(parse_mailbox(value, mail.to_name, mail.to_address));
    if (name == "Subject") {
      HEQI_TRY(mail.subject, decoded_words(value));
    }
    if (name == "Date") {
      HEQI_TRY(mail.date, parse_date(value));
    }
    if (name == "Message-ID" && value.size() > 2)
      mail.message_id = value.substr(1, value.size() - 2);
    if (name == "Heqi-Notice") mail.label = value;
    at = end + 2;
  }
  HEQI_TRY(mail.body, parse_quoted_printable(all.substr(head_end + 4)));
  return mail;
}

}  // namespace heqi::services::notify
