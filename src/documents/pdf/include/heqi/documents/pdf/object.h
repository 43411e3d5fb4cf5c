// heqi/documents/pdf/object.h: the objects of a PDF (ISO 32000-2 §7.3) as values that know where
// they stood.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <heqi/base/bytes.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::documents::pdf {

class Value;

// Reference names an indirect object: "12 0 R".
struct Reference {
  std::uint32_t number = 0;
  std::uint16_t generation = 0;
  auto operator<=>(const Reference&) const = default;
};

// Name is a name with its #xx escapes decoded and without the slash.
struct Name {
  std::string text;
  bool operator==(const Name&) const = default;
};

// String is a string's octets. hexadecimal tells how it was (or is to be) written; it does not
// count in a comparison.
struct String {
  base::Bytes bytes;
  bool hexadecimal = false;
  bool operator==(const String& other) const { return bytes == other.bytes; }
};

// Real is a number with a decimal point; text is how it was written.
struct Real {
  double value = 0;
  std::string text;
  bool operator==(const Real& other) const { return value == other.value; }
};

// Place is where a token stood: octets [begin, end) of the file, or of the decoded object stream
// that holds it (Object::container).
struct Place {
  std::uint64_t begin = 0, end = 0;
};

// Array is a list of values.
struct Array {
  std::vector<Value> items;
  bool operator==(const Array& other) const;
};

// Dictionary keeps its entries in the order of the file. The reader refuses a key that occurs
// twice.
struct Entry;
struct Dictionary {
  std::vector<Entry> entries;

  // find is the direct value of key, as it stands; nullptr where there is none.
  const Value* find(std::string_view key) const;
  // set replaces or appends; remove does nothing where there is no such key.
  Dictionary& set(std::string_view key, Value value);
  void remove(std::string_view key);
  bool operator==(const Dictionary& other) const;  // the order of entries does not count
};

// Stream is a dictionary and the place of its raw (still encoded) octets in the file.
struct Stream {
  Dictionary dictionary;
  Place data;
  bool operator==(const Stream& other) const;  // of dictionaries only; compare decoded octets apart
};

enum class Kind {
  null,
  boolean,
  integer,
  real,
  string,
  name,
  array,
  dictionary,
  stream,
  reference
};
std::string_view kind_name(Kind kind);

// Value is one PDF object. Comparison is by content; places do not count.
class Value {
 public:
  Value() = default;  // null
  Value(std::int64_t integer);
  Value(Real real);
  Value(String string);
  Value(Name name);
  Value(Array array);
  Value(Dictionary dictionary);
  Value(Stream stream);
  Value(Reference reference);
  static Value of_boolean(bool truth);

  Kind kind() const { return static_cast<Kind>(content_.index()); }
  bool is_null() const { return kind() == Kind::null; }

  // The following are nullptr where the value is of another kind.
  const bool* boolean() const { return std::get_if<bool>(&content_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&content_); }
  const Real* real() const { return std::get_if<Real>(&content_); }
  const String* string() const { return std::get_if<String>(&content_); }
  const Name* name() const { return std::get_if<Name>(&content_); }
  const Array* array() const { return std::get_if<Array>(&content_); }
  const Dictionary* dictionary() const;  // of a stream too
  const Stream* stream() const { return std::get_if<Stream>(&content_); }
  const Reference* reference() const { return std::get_if<Reference>(&content_); }
  std::optional<double> number() const;  // integer or real
  // is_name tells whether the value is this name.
  bool is_name(std::string_view text) const;

  Place place;  // of the value's first to last token

  bool operator==(const Value& other) const { return content_ == other.content_; }

 private:
  std::variant<std::monostate, bool, std::int64_t, Real, String, Name, Array, Dictionary, Stream,
               Reference>
      content_;
};

struct Entry {
  Name key;
  Value value;
  Place key_place;
  bool operator==(const Entry& other) const { return key == other.key && value == other.value; }
};

// Here, where Entry is complete, as clang asks.
inline Value::Value(std::int64_t integer) : content_(integer) {}
inline Value::Value(Real real) : content_(std::move(real)) {}
inline Value::Value(String string) : content_(std::move(string)) {}
inline Value::Value(Name name) : content_(std::move(name)) {}
inline Value::Value(Array array) : content_(std::move(array)) {}
inline Value::Value(Dictionary dictionary) : content_(std::move(dictionary)) {}
inline Value::Value(Stream stream) : content_(std::move(stream)) {}
inline Value::Value(Reference reference) : content_(reference) {}

// Object is an indirect object as loaded.
struct Object {
  Reference id;
  Value value;
  // place is "n g obj … endobj" in the file; for an object of an object stream, the place in the
  // decoded octets of that stream.
  Place place;
  std::optional<std::uint32_t> container;  // number of the object stream
};

// Rectangle in points, normalised: left ≤ right, bottom ≤ top.
struct Rectangle {
  double left = 0, bottom = 0, right = 0, top = 0;
  double width() const { return right - left; }
  double height() const { return top - bottom; }
  bool operator==(const Rectangle&) const = default;
};
Value to_value(const Rectangle& rectangle);

// to_real writes a number with at most four decimals.
Value to_real(double number);

// to_text_string encodes UTF-8 as a text string (§7.9.2.2): ASCII as it is, else UTF-16BE with
// mark.
Value to_text_string(std::string_view utf8);
// decode_text_string gives UTF-8 from UTF-16BE, UTF-8 with mark, or PDFDocEncoding; what cannot be
// decoded becomes U+FFFD.
std::string decode_text_string(const String& string);
// to_date encodes D:YYYYMMDDHHmmSS+00'00' (§7.9.4).
Value to_date(base::Time time);
// parse_date reads a date; fails with malformed.
base::Result<base::Time> parse_date(const String& string);

// encode_value writes a value in PDF syntax. A stream is written as its dictionary only.
std::string encode_value(const Value& value);

}  // namespace heqi::documents::pdf
