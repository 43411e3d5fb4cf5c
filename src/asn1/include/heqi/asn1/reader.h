// heqi/asn1/reader.h: reads DER (X.690 §10, §11), strictly: definite minimal lengths, low and high
// tags in their shortest form, no trailing octets unless asked for. Nothing is copied; views live
// as long as the input.
#pragma once
#include <optional>
#include <string>

#include <heqi/asn1/oid.h>
#include <heqi/asn1/tag.h>
#include <heqi/base/clock.h>
#include <heqi/base/result.h>

namespace heqi::asn1 {

// Limits of one input; docs/limits.md.
inline constexpr std::size_t kDepthMax = 24;
inline constexpr std::size_t kInputSizeMax = std::size_t{64} << 20;

// Element is one tag-length-value with its place in the input.
struct Element {
  Tag tag;
  base::ByteView content;
  base::ByteView whole;    // tag and length included: hash this, never a re-encoding
  std::size_t offset = 0;  // of the tag, from the start of the outermost input
};

// Reader reads the elements of one level in order.
//   HEQI_TRY(Reader outer, Reader::over(der));
//   HEQI_TRY(Reader tbs, outer.sequence());       // descends
//   HEQI_TRY(outer.finish());                     // nothing follows
class Reader {
 public:
  static base::Result<Reader> over(base::ByteView der);

  bool at_end() const { return rest_.empty(); }
  std::optional<Tag> peek() const;  // nullopt at the end or where no tag can be read
  // finish fails with malformed where elements are left.
  base::Status finish() const;
  // rest is what has not been read at this level.
  base::ByteView rest() const { return rest_; }
  std::size_t offset() const { return offset_; }

  base::Result<Element> any();
  base::Result<Element> expect(Tag tag);
  // optional reads the element if its tag is next.
  base::Result<std::optional<Element>> optional(Tag tag);
  // enter descends into an element that this reader returned; its depth counts.
  base::Result<Reader> enter(const Element& element) const;

  base::Result<Reader> sequence() { return constructed(kSequence); }
  base::Result<Reader> set() { return constructed(kSet); }
  base::Result<Reader> constructed(Tag tag);
  // explicit_tag reads [number] EXPLICIT and descends; nullopt where it is absent.
  base::Result<std::optional<Reader>> explicit_tag(unsigned number);

  base::Result<bool> boolean();
  base::Result<base::ByteView> integer();           // content octets, minimal two's complement
  base::Result<base::ByteView> unsigned_integer();  // not negative; leading zero octet removed
  base::Result<std::int64_t> small_integer();       // fits int64
  base::Result<std::int64_t> enumerated();
  base::Result<Oid> oid();
  base::Result<base::ByteView> octet_string();
  base::Result<base::ByteView> bit_string();  // of whole octets, unused bits = 0
  struct Bits {
    base::ByteView octets;
    unsigned unused;
  };
  base::Result<Bits> named_bits();  // any unused bits, which are zero
  base::Status null();
  // text reads UTF8, Printable, IA5, Visible, Numeric, BMP, Universal, T61 (Latin-1) → UTF-8.
  base::Result<std::string> text();
  base::Result<std::string> utf8_string();
  base::Result<std::string> ia5_string();
  base::Result<base::Time> time();  // UTCTime or GeneralizedTime after RFC 5280 §4.1.2.5
  base::Result<base::Time> generalized_time();  // fraction of a second allowed (RFC 3161)

 private:
  Reader(base::ByteView rest, std::size_t offset, std::size_t depth)
      : rest_(rest), offset_(offset), depth_(depth) {}
  base::Error bad(std::string what) const;  // malformed, with the offset

  base::ByteView rest_;
  std::size_t offset_ = 0, depth_ = 0;
};

// verify_der checks that der is one element whose every level is well-formed DER: tags, forms,
// lengths, depth. Contents of simple types are not looked at. Fails with malformed, limit_exceeded.
base::Status verify_der(base::ByteView der);
// malformed_element is the error "what at offset of element", for parsers that find a fault in the
// content of an element.
base::Error malformed_element(std::string what, const Element& element);

// text_content decodes the content of a string element (see Reader::text). NUL is refused.
base::Result<std::string> text_content(const Element& element);
// time_content decodes the content of a UTCTime or GeneralizedTime element.
base::Result<base::Time> time_content(const Element& element);

}  // namespace heqi::asn1
