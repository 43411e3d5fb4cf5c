// content.h: the operators of a page, one by one.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <heqi/documents/pdf/document.h>

namespace heqi::documents::twin {

// Operand is a number, or the octets of a string or name.
struct Operand {
  enum class Kind : std::uint8_t { number, string, name } kind = Kind::number;
  double number = 0;
  base::Bytes octets;
};

using OnOperator =
    std::function<base::Status(std::string_view name, const std::vector<Operand>& operands)>;

// for_operators reads numbers, hexadecimal strings, names and operators. Fails with unsupported for
// anything else (arrays, dictionaries, pictures in line), malformed, or as on_operator.
base::Status for_operators(base::ByteView content, const OnOperator& on_operator);

// CodedFont is an embedded subset whose codes are its glyphs' numbers (Identity-H).
struct CodedFont {
  std::string name;
  base::Bytes file;
  std::map<unsigned, double> widths;  // of an em, by code
  double default_width = 1;
  std::map<unsigned, char32_t> characters;

  double width(unsigned code) const;
};

// read_font reads a Type0 font as our writers make it. Fails with unsupported for others.
base::Result<CodedFont> read_font(const pdf::Document& document, const pdf::Value& font);

}  // namespace heqi::documents::twin
