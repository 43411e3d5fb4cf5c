#include "lexer.h"

#include <algorithm>
#include <charconv>

namespace heqi::documents::pdf {

using base::Code;
using base::fail;

base::Error Lexer::bad_at(std::size_t offset, std::string_view problem) const {
  return fail(Code::malformed,
              what_ + " at offset " + std::to_string(offset) + ": " + std::string(problem));
}

base::Error Lexer::bad(std::string_view problem) const {
  return bad_at(at_, problem);
}

void Lexer::skip_space() {
  while (at_ < octets_.size()) {
    if (is_space(octets_[at_])) {
      ++at_;
    } else if (octets_[at_] == '%') {
      while (at_ < octets_.size() && octets_[at_] != '\r' && octets_[at_] != '\n') ++at_;
    } else {
      return;
    }
  }
}

std::string_view Lexer::regular() const {
  std::size_t end = at_;
  while (end < octets_.size() && is_regular(octets_[end])) ++end;
  return base::text_of(octets_.subspan(at_, end - at_));
}

bool Lexer::take_keyword(std::string_view text) {
  if (at_ >= octets_.size() || regular() != text) return false;
  at_ += text.size();
  return true;
}

base::Status Lexer::expect_keyword(std::string_view text) {
  if (!take_keyword(text)) return bad("expected \"" + std::string(text) + "\"");
  return {};
}

base::Result<std::uint64_t> Lexer::unsigned_integer(std::uint64_t maximum) {
  if (at_ >= octets_.size()) return bad("the data ends where a number is due");
  const std::string_view text = regular();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty())
    return bad("expected an unsigned integer");
  if (value > maximum)
    return fail(Code::limit_exceeded, what_ + " at offset " + std::to_string(at_) + ": number " +
                                          std::string(text.substr(0, 20)) + " exceeds " +
                                          std::to_string(maximum));
  at_ += text.size();
  return value;
}

base::Result<Value> Lexer::value() {
  return nested(0);
}

base::Result<Value> Lexer::nested(std::size_t depth) {
  if (depth > limits_.depth)
    return fail(Code::limit_exceeded,
                what_ + " at offset " + std::to_string(at_) + ": objects are nested too deep");
  if (++values_ > limits_.containers)
    return fail(Code::limit_exceeded,
                what_ + " at offset " + std::to_string(at_) + ": too many values in one object");
  skip_space();
  const std::size_t begin = at_;
  HEQI_TRY(Value value, content(depth));
  value.place = {begin, at_};
  return value;
}

base::Result<Value> Lexer::content(std::size_t depth) {
  if (at_ >= octets_.size()) return bad("the data ends where an object is due");
  const std::uint8_t first = octets_[at_];
  switch (first) {
    case '/': {
      HEQI_TRY(Name read, name());
      return Value(std::move(read));
    }
    case '(':
      return literal_string();
    case '[':
      return array(depth);
    case '<':
      if (at_ + 1 < octets_.size() && octets_[at_ + 1] == '<') return dictionary(depth);
      return hexadecimal_string();
    default:
      break;
  }
  if (first == '+' || first == '-' || first == '.' || (first >= '0' && first <= '9'))
    return number_or_reference();
  if (take_keyword("null")) return Value();
  if (take_keyword("true")) return Value::of_boolean(true);
  if (take_keyword("false")) return Value::of_boolean(false);
  return bad("no object begins like this");
}

namespace {

// decimal reads [-]digits.digits. (std::from_chars for double is not in every library we build
// with.)
double decimal(std::string_view text) {
  double value = 0, scale = 1;
  bool fraction = false;
  for (const char character : text) {
    if (character == '.') fraction = true;
    if (character < '0' || character > '9') continue;
    value = value * 10 + (character - '0');
    if (fraction) scale *= 10;
  }
  return (text[0] == '-' ? -value : value) / scale;
}

}  // namespace

base::Result<Value> Lexer::number_or_reference() {
  const std::string_view text = regular();
  std::size_t digits = 0, points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] >= '0' && text[i] <= '9')
      ++digits;
    else if (text[i] == '.')
      ++points;
    else if (i != 0 || (text[i] != '+' && text[i] != '-'))
      return bad("malformed number");
  }
  if (digits == 0 || points > 1) return bad("malformed number");
  if (text.size() > 60) return bad("number of more than 60 characters");
  const bool plus = text[0] == '+';
  const char* begin = text.data() + (plus ? 1 : 0);
  const char* end = text.data() + text.size();
  if (points == 1) {
    const double number = decimal({begin, static_cast<std::size_t>(end - begin)});
    at_ += text.size();
    return Value(Real{number, std::string(text)});
  }
  std::int64_t integer = 0;
  if (const auto parsed = std::from_chars(begin, end, integer);
      parsed.ec != std::errc{} || parsed.ptr != end)
    return bad("integer out of range");
  at_ += text.size();
  if (text[0] < '0' || text[0] > '9') return Value(integer);

  // "12 0 R" needs a look ahead of two tokens.
  const std::size_t after = at_;
  skip_space();
  if (at_ < octets_.size() && octets_[at_] >= '0' && octets_[at_] <= '9') {
    const std::string_view second = regular();
    std::uint32_t generation = 0;
    const auto parsed = std::from_chars(second.data(), second.data() + second.size(), generation);
    if (parsed.ec == std::errc{} && parsed.ptr == second.data() + second.size()) {
      at_ += second.size();
      skip_space();
      if (take_keyword("R")) {
        if (integer > 0xFFFFFFFF || generation > 65534)
          return bad_at(after - text.size(), "reference out of range");
        return Value(
            Reference{static_cast<std::uint32_t>(integer), static_cast<std::uint16_t>(generation)});
      }
    }
  }
  at_ = after;
  return Value(integer);
}

std::optional<std::uint8_t> Lexer::octal() {
  if (at_ >= octets_.size() || octets_[at_] < '0' || octets_[at_] > '7') return std::nullopt;
  unsigned value = 0;
  for (int i = 0; i < 3 && at_ < octets_.size() && octets_[at_] >= '0' && octets_[at_] <= '7'; ++i)
    value = value * 8 + (octets_[at_++] - '0');
  return static_cast<std::uint8_t>(value & 0xFF);  // high-order overflow is ignored, §7.3.4.2
}

base::Result<Value> Lexer::literal_string() {
  const std::size_t begin = at_++;
  String string;
  std::size_t open = 1;
  while (true) {
    if (at_ >= octets_.size()) return bad_at(begin, "string without end");
    if (string.bytes.size() > limits_.token_size)
      return fail(Code::limit_exceeded,
                  what_ + " at offset " + std::to_string(begin) + ": string too long");
    const std::uint8_t octet = octets_[at_++];
    if (octet == ')' && --open == 0) return Value(std::move(string));
    if (octet == '(') ++open;
    if (octet == '\r') {  // an end-of-line counts as one LF, §7.3.4.2
      if (at_ < octets_.size() && octets_[at_] == '\n') ++at_;
      string.bytes.push_back('\n');
      continue;
    }
    if (octet != '\\') {
      string.bytes.push_back(octet);
      continue;
    }
    if (const auto value = octal()) {
      string.bytes.push_back(*value);
      continue;
    }
    if (at_ >= octets_.size()) return bad_at(begin, "string without end");
    const std::uint8_t escaped = octets_[at_++];
    switch (escaped) {
      case 'n':
        string.bytes.push_back('\n');
        break;
      case 'r':
        string.bytes.push_back('\r');
        break;
      case 't':
        string.bytes.push_back('\t');
        break;
      case 'b':
        string.bytes.push_back('\b');
        break;
      case 'f':
        string.bytes.push_back('\f');
        break;
      case '\n':
        break;
      case '\r':
        if (at_ < octets_.size() && octets_[at_] == '\n') ++at_;
        break;
      default:
        string.bytes.push_back(escaped);
    }
  }
}

namespace {

int hex_digit(std::uint8_t octet) {
  if (octet >= '0' && octet <= '9') return octet - '0';
  if (octet >= 'a' && octet <= 'f') return octet - 'a' + 10;
  if (octet >= 'A' && octet <= 'F') return octet - 'A' + 10;
  return -1;
}

}  // namespace

base::Result<Value> Lexer::hexadecimal_string() {
  const std::size_t begin = at_++;
  String string{{}, true};
  int high = -1;
  while (true) {
    if (at_ >= octets_.size()) return bad_at(begin, "hexadecimal string without end");
    const std::uint8_t octet = octets_[at_++];
    if (octet == '>') break;
    if (is_space(octet)) continue;
    const int digit = hex_digit(octet);
    if (digit < 0) return bad_at(at_ - 1, "no hexadecimal digit");
    if (high < 0) {
      high = digit;
    } else {
      string.bytes.push_back(static_cast<std::uint8_t>(high << 4 | digit));
      high = -1;
      if (string.bytes.size() > limits_.token_size)
        return fail(Code::limit_exceeded,
                    what_ + " at offset " + std::to_string(begin) + ": string too long");
    }
  }
  if (high >= 0) string.bytes.push_back(static_cast<std::uint8_t>(high << 4));
  return Value(std::move(string));
}

base::Result<Name> Lexer::name() {
  const std::size_t begin = at_++;
  Name name;
  while (at_ < octets_.size() && is_regular(octets_[at_])) {
    std::uint8_t octet = octets_[at_++];
    if (octet == '#') {
      const int high = at_ < octets_.size() ? hex_digit(octets_[at_]) : -1;
      const int low = at_ + 1 < octets_.size() ? hex_digit(octets_[at_ + 1]) : -1;
      if (high < 0 || low < 0) return bad_at(begin, "name with a broken # escape");
      octet = static_cast<std::uint8_t>(high << 4 | low);
      if (octet == 0) return bad_at(begin, "name with a zero octet");
      at_ += 2;
    }
    name.text += static_cast<char>(octet);
    if (name.text.size() > 4096)
      return fail(Code::limit_exceeded,
                  what_ + " at offset " + std::to_string(begin) + ": name too long");
  }
  return name;
}

base::Result<Value> Lexer::array(std::size_t depth) {
  const std::size_t begin = at_++;
  Array array;
  while (true) {
    skip_space();
    if (at_ >= octets_.size()) return bad_at(begin, "array without end");
    if (octets_[at_] == ']') {
      ++at_;
      return Value(std::move(array));
    }
    HEQI_TRY(Value item, nested(depth + 1));
    array.items.push_back(std::move(item));
  }
}

base::Result<Value> Lexer::dictionary(std::size_t depth) {
  const std::size_t begin = at_;
  at_ += 2;
  Dictionary dictionary;
  while (true) {
    skip_space();
    if (at_ + 1 >= octets_.size()) return bad_at(begin, "dictionary without end");
    if (octets_[at_] == '>' && octets_[at_ + 1] == '>') {
      at_ += 2;
      break;
    }
    if (octets_[at_] != '/') return bad("dictionary key that is not a name");
    const std::size_t key_begin = at_;
    HEQI_TRY(Name key, name());
    const Place key_place{key_begin, at_};
    HEQI_TRY(Value value, nested(depth + 1));
    dictionary.entries.push_back({std::move(key), std::move(value), key_place});
  }
  // A key given twice is read differently by different readers.
  std::vector<std::string_view> keys;
  for (const Entry& entry : dictionary.entries) keys.push_back(entry.key.text);
  std::sort(keys.begin(), keys.end());
  if (const auto twice = std::adjacent_find(keys.begin(), keys.end()); twice != keys.end())
    return bad_at(begin, "dictionary with the key /" + std::string(*twice) + " twice");
  return Value(std::move(dictionary));
}

}  // namespace heqi::documents::pdf
