#include <heqi/asn1/oid.h>

#include <algorithm>

namespace heqi::asn1 {
namespace {

constexpr std::size_t kContentMax = 128;       // octets of one identifier
constexpr std::size_t kSubidentifierMax = 19;  // octets: 133 bits, enough for UUIDs under 2.25

// Decimal is a natural number as decimal digits, least significant first.
class Decimal {
 public:
  void multiply_add(unsigned factor, unsigned addend) {
    unsigned carry = addend;
    for (auto& digit : digits_) {
      const unsigned value = digit * factor + carry;
      digit = static_cast<std::uint8_t>(value % 10);
      carry = value / 10;
    }
    for (; carry != 0; carry /= 10) digits_.push_back(static_cast<std::uint8_t>(carry % 10));
  }
  // subtract removes a number that is not larger.
  void subtract(unsigned value) {
    int borrow = 0;
    for (auto& digit : digits_) {
      int left = digit - borrow - static_cast<int>(value % 10);
      value /= 10;
      borrow = left < 0 ? 1 : 0;
      digit = static_cast<std::uint8_t>(left < 0 ? left + 10 : left);
    }
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
  }
  bool below(unsigned value) const {
    if (digits_.size() > 9) return false;
    unsigned own = 0;
    for (std::size_t i = digits_.size(); i > 0; --i) own = own * 10 + digits_[i - 1];
    return own < value;
  }
  std::string text() const {
    if (digits_.empty()) return "0";
    std::string out;
    for (std::size_t i = digits_.size(); i > 0; --i)
      out.push_back(static_cast<char>('0' + digits_[i - 1]));
    return out;
  }

 private:
  std::vector<std::uint8_t> digits_;
};

void append_subidentifier(base::Bytes& out, std::uint64_t value) {
  int shift = 63;
  while (shift > 0 && (value >> shift) == 0) shift -= 7;
  for (; shift > 0; shift -= 7)
    out.push_back(static_cast<std::uint8_t>(0x80 | ((value >> shift) & 0x7f)));
  out.push_back(static_cast<std::uint8_t>(value & 0x7f));
}

base::Error bad_dotted(std::string_view dotted) {
  return base::fail(base::Code::malformed,
                    "not a dotted object identifier: " + std::string(dotted.substr(0, 80)));
}

// read_arc takes the decimal number at the front of text, without leading zeros, below 2^63.
bool read_arc(std::string_view& text, std::uint64_t& value) {
  std::size_t size = 0;
  value = 0;
  while (size < text.size() && text[size] >= '0' && text[size] <= '9') {
    if (size == 18) return false;
    value = value * 10 + static_cast<std::uint64_t>(text[size] - '0');
    ++size;
  }
  if (size == 0 || (size > 1 && text[0] == '0')) return false;
  text.remove_prefix(size);
  return true;
}

}  // namespace

base::Result<Oid> Oid::parse_dotted(std::string_view dotted) {
  std::string_view rest = dotted;
  std::uint64_t first = 0, second = 0;
  if (!read_arc(rest, first) || first > 2 || rest.empty() || rest[0] != '.')
    return bad_dotted(dotted);
  rest.remove_prefix(1);
  if (!read_arc(rest, second) || (first < 2 && second > 39)) return bad_dotted(dotted);
  Oid out;
  append_subidentifier(out.content_, first * 40 + second);
  while (!rest.empty()) {
    std::uint64_t arc = 0;
    if (rest[0] != '.') return bad_dotted(dotted);
    rest.remove_prefix(1);
    if (!read_arc(rest, arc)) return bad_dotted(dotted);
    append_subidentifier(out.content_, arc);
    if (out.content_.size() > kContentMax) return bad_dotted(dotted);
  }
  return out;
}

Oid Oid::of(std::string_view dotted) {
  auto oid = parse_dotted(dotted);
  HEQI_CHECK(oid.has_value());
  return *std::move(oid);
}

base::Result<Oid> Oid::from_content(base::ByteView content) {
  if (content.empty()) return base::fail(base::Code::malformed, "empty object identifier");
  if (content.size() > kContentMax)
    return base::fail(base::Code::limit_exceeded, "object identifier of more than 128 octets");
  std::size_t size = 0;  // of the present subidentifier
  for (const std::uint8_t octet : content) {
    if (size == 0 && octet == 0x80)
      return base::fail(base::Code::malformed, "object identifier is not minimal");
    if (++size > kSubidentifierMax)
      return base::fail(base::Code::limit_exceeded, "object identifier with too large an arc");
    if ((octet & 0x80) == 0) size = 0;
  }
  if (size != 0) return base::fail(base::Code::malformed, "object identifier is cut off");
  Oid out;
  out.content_ = base::to_bytes(content);
  return out;
}

std::string Oid::dotted() const {
  std::string out;
  Decimal value;
  bool first = true;
  for (const std::uint8_t octet : content_) {
    value.multiply_add(128, octet & 0x7fU);
    if ((octet & 0x80) != 0) continue;
    if (first) {
      const unsigned root = value.below(40) ? 0 : value.below(80) ? 1 : 2;
      value.subtract(root * 40);
      out = std::to_string(root);
      first = false;
    }
    out += "." + value.text();
    value = Decimal();
  }
  return out;
}

}  // namespace heqi::asn1
