#include <algorithm>
#include <cmath>
#include <cstdio>

#include <heqi/documents/pdf/object.h>

namespace heqi::documents::pdf {

bool Array::operator==(const Array& other) const {
  return items == other.items;
}

const Value* Dictionary::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key.text == key) return &entry.value;
  return nullptr;
}

Dictionary& Dictionary::set(std::string_view key, Value value) {
  for (Entry& entry : entries) {
    if (entry.key.text == key) {
      entry.value = std::move(value);
      return *this;
    }
  }
  entries.push_back({Name{std::string(key)}, std::move(value), {}});
  return *this;
}

void Dictionary::remove(std::string_view key) {
  std::erase_if(entries, [&](const Entry& entry) { return entry.key.text == key; });
}

bool Dictionary::operator==(const Dictionary& other) const {
  if (entries.size() != other.entries.size()) return false;
  if (entries == other.entries) return true;
  const auto sorted = [](const Dictionary& dictionary) {
    std::vector<const Entry*> order;
    for (const Entry& entry : dictionary.entries) order.push_back(&entry);
    std::sort(order.begin(), order.end(),
              [](const Entry* a, const Entry* b) { return a->key.text < b->key.text; });
    return order;
  };
  const auto mine = sorted(*this), theirs = sorted(other);
  return std::equal(mine.begin(), mine.end(), theirs.begin(),
                    [](const Entry* a, const Entry* b) { return *a == *b; });
}

bool Stream::operator==(const Stream& other) const {
  return dictionary == other.dictionary;
}

std::string_view kind_name(Kind kind) {
  constexpr std::string_view names[] = {"null", "boolean", "integer",    "real",   "string",
                                        "name", "array",   "dictionary", "stream", "reference"};
  return names[static_cast<std::size_t>(kind)];
}

Value Value::of_boolean(bool truth) {
  Value value;
  value.content_ = truth;
  return value;
}

const Dictionary* Value::dictionary() const {
  if (const auto* found = std::get_if<Dictionary>(&content_)) return found;
  if (const auto* found = std::get_if<Stream>(&content_)) return &found->dictionary;
  return nullptr;
}

std::optional<double> Value::number() const {
  if (const auto* found = integer()) return static_cast<double>(*found);
  if (const auto* found = real()) return found->value;
  return std::nullopt;
}

bool Value::is_name(std::string_view text) const {
  const Name* found = name();
  return found && found->text == text;
}

Value to_real(double number) {
  char text[64];
  const double rounded = std::round(number * 10000) / 10000;
  std::snprintf(text, sizeof text, "%.4f", rounded);
  std::string digits = text;
  while (digits.back() == '0') digits.pop_back();
  if (digits.back() == '.') digits.pop_back();
  if (digits == "-0") digits = "0";
  if (digits.find('.') == std::string::npos) return Value(static_cast<std::int64_t>(rounded));
  return Value(Real{rounded, digits});
}

Value to_value(const Rectangle& rectangle) {
  return Array{{to_real(rectangle.left), to_real(rectangle.bottom), to_real(rectangle.right),
                to_real(rectangle.top)}};
}

namespace {

void encode_name(std::string& out, const std::string& name) {
  out += '/';
  for (const char character : name) {
    const auto octet = static_cast<unsigned char>(character);
    if (octet <= 0x20 || octet >= 0x7f ||
        std::string_view("#/()<>[]{}%").find(character) != std::string_view::npos) {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "#%02X", octet);
      out += escaped;
    } else {
      out += character;
    }
  }
}

void encode_string(std::string& out, const String& string) {
  const bool printable =
      std::all_of(string.bytes.begin(), string.bytes.end(),
                  [](std::uint8_t octet) { return octet >= 0x20 && octet < 0x7f; });
  if (string.hexadecimal || !printable) {
    constexpr char digits[] = "0123456789ABCDEF";
    out += '<';
    for (const std::uint8_t octet : string.bytes) {
      out += digits[octet >> 4];
      out += digits[octet & 15];
    }
    out += '>';
    return;
  }
  out += '(';
  for (const std::uint8_t octet : string.bytes) {
    if (octet == '(' || octet == ')' || octet == '\\') out += '\\';
    out += static_cast<char>(octet);
  }
  out += ')';
}

void encode_to(std::string& out, const Value& value);

void encode_dictionary(std::string& out, const Dictionary& dictionary) {
  out += "<<";
  for (const Entry& entry : dictionary.entries) {
    out += ' ';
    encode_name(out, entry.key.text);
    out += ' ';
    encode_to(out, entry.value);
  }
  out += " >>";
}

void encode_to(std::string& out, const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      out += "null";
      break;
    case Kind::boolean:
      out += *value.boolean() ? "true" : "false";
      break;
    case Kind::integer:
      out += std::to_string(*value.integer());
      break;
    case Kind::real:
      out += value.real()->text;
      break;
    case Kind::string:
      encode_string(out, *value.string());
      break;
    case Kind::name:
      encode_name(out, value.name()->text);
      break;
    case Kind::array: {
      out += '[';
      bool first = true;
      for (const Value& item : value.array()->items) {
        if (!first) out += ' ';
        first = false;
        encode_to(out, item);
      }
      out += ']';
      break;
    }
    case Kind::dictionary:
    case Kind::stream:
      encode_dictionary(out, *value.dictionary());
      break;
    case Kind::reference:
      out += std::to_string(value.reference()->number) + ' ' +
             std::to_string(value.reference()->generation) + " R";
      break;
  }
}

}  // namespace

std::string encode_value(const Value& value) {
  std::string out;
  encode_to(out, value);
  return out;
}

}  // namespace heqi::documents::pdf
