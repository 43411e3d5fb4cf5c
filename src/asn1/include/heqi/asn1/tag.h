// heqi/asn1/tag.h: tags (X.690 §8.1.2).
#pragma once
#include <cstdint>

namespace heqi::asn1 {

enum class Class : std::uint8_t { universal = 0, application = 1, context = 2, private_use = 3 };
enum class Form : std::uint8_t { primitive = 0, constructed = 1 };

struct Tag {
  Class tag_class = Class::universal;
  Form form = Form::primitive;
  std::uint32_t number = 0;
  friend bool operator==(const Tag& a, const Tag& b) {
    return a.tag_class == b.tag_class && a.form == b.form && a.number == b.number;
  }
};

constexpr Tag universal(std::uint32_t number) {
  return {Class::universal, Form::primitive, number};
}
constexpr Tag context(std::uint32_t number) {
  return {Class::context, Form::primitive, number};
}
constexpr Tag context_constructed(std::uint32_t number) {
  return {Class::context, Form::constructed, number};
}

inline constexpr Tag kBoolean = universal(1), kInteger = universal(2), kBitString = universal(3),
                     kOctetString = universal(4), kNull = universal(5), kOid = universal(6),
                     kEnumerated = universal(10), kUtf8String = universal(12),
                     kNumericString = universal(18), kPrintableString = universal(19),
                     kT61String = universal(20), kIa5String = universal(22),
                     kUtcTime = universal(23), kGeneralizedTime = universal(24),
                     kBmpString = universal(30), kVisibleString = universal(26),
                     kUniversalString = universal(28);
inline constexpr Tag kSequence = {Class::universal, Form::constructed, 16},
                     kSet = {Class::universal, Form::constructed, 17};

}  // namespace heqi::asn1
