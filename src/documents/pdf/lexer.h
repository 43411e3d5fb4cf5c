// Reads tokens and direct objects from octets (ISO 32000-2 §7.2, §7.3). Private to the reader.
#pragma once
#include <heqi/documents/pdf/limits.h>
#include <heqi/documents/pdf/object.h>

namespace heqi::documents::pdf {

inline bool is_space(std::uint8_t octet) {
  return octet == 0 || octet == 9 || octet == 10 || octet == 12 || octet == 13 || octet == 32;
}
inline bool is_delimiter(std::uint8_t octet) {
  return octet == '(' || octet == ')' || octet == '<' || octet == '>' || octet == '[' ||
         octet == ']' || octet == '{' || octet == '}' || octet == '/' || octet == '%';
}
inline bool is_regular(std::uint8_t octet) {
  return !is_space(octet) && !is_delimiter(octet);
}

// Lexer walks over octets. what names them in errors: "file", "object stream 7".
class Lexer {
 public:
  Lexer(base::ByteView octets, std::size_t at, const Limits& limits, std::string what = "file")
      : octets_(octets), at_(at), limits_(limits), what_(std::move(what)) {}

  std::size_t at() const { return at_; }
  void move_to(std::size_t at) { at_ = at; }
  bool at_end() const { return at_ >= octets_.size(); }

  void skip_space();  // and comments
  // keyword takes text if it stands here as a whole token.
  bool take_keyword(std::string_view text);
  base::Status expect_keyword(std::string_view text);
  // unsigned_integer reads digits only.
  base::Result<std::uint64_t> unsigned_integer(std::uint64_t maximum);
  // value reads one direct object or reference; white space before it is skipped.
  base::Result<Value> value();
  base::Error bad(std::string_view problem) const;  // malformed at this offset
  base::Error bad_at(std::size_t offset, std::string_view problem) const;

 private:
  base::Result<Value> nested(std::size_t depth);
  base::Result<Value> content(std::size_t depth);
  base::Result<Value> number_or_reference();
  base::Result<Value> literal_string();
  base::Result<Value> hexadecimal_string();
  base::Result<Value> array(std::size_t depth);
  base::Result<Value> dictionary(std::size_t depth);
  base::Result<Name> name();
  std::string_view regular() const;
  std::optional<std::uint8_t> octal();

  base::ByteView octets_;
  std::size_t at_;
  const Limits& limits_;
  std::string what_;
  std::size_t values_ = 0;
};

}  // namespace heqi::documents::pdf
