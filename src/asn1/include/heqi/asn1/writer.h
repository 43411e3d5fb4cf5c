// heqi/asn1/writer.h: writes DER. Nested elements are written by a function that gets the inner
// writer:
//   Writer out; out.sequence([&](Writer& w) { w.integer(1); w.oid(kSm2WithSm3); }); out.take();
#pragma once
#include <functional>
#include <string_view>
#include <vector>

#include <heqi/asn1/oid.h>
#include <heqi/asn1/tag.h>
#include <heqi/base/clock.h>

namespace heqi::asn1 {

class Writer {
 public:
  using Inner = std::function<void(Writer&)>;

  Writer& element(Tag tag, base::ByteView content);
  Writer& constructed(Tag tag, const Inner& inner);
  Writer& sequence(const Inner& inner) { return constructed(kSequence, inner); }
  // set_of sorts the encoded members (X.690 §11.6).
  Writer& set_of(std::vector<base::Bytes> members, Tag tag = kSet);
  Writer& explicit_tag(unsigned number, const Inner& inner) {
    return constructed(context_constructed(number), inner);
  }
  Writer& raw(base::ByteView der);  // an element that is DER already

  Writer& boolean(bool value);
  Writer& integer(std::int64_t value);
  Writer& unsigned_integer(
      base::ByteView big_endian);  // any leading zeros; minimal form is written
  Writer& enumerated(std::int64_t value);
  Writer& oid(const Oid& value);
  Writer& octet_string(base::ByteView content);
  Writer& bit_string(base::ByteView octets);
  Writer& named_bits(
      std::uint32_t bits);  // bit 0 is the first named bit; trailing zeros are dropped
  Writer& null();
  Writer& utf8_string(std::string_view text);
  Writer& printable_string(std::string_view text);
  Writer& ia5_string(std::string_view text);
  Writer& time(base::Time time);  // UTCTime through 2049, else GeneralizedTime (RFC 5280)
  Writer& generalized_time(base::Time time);  // with a fraction where it is not zero (RFC 3161)

  const base::Bytes& bytes() const { return out_; }
  base::Bytes take() { return std::move(out_); }

 private:
  base::Bytes out_;
};

}  // namespace heqi::asn1
