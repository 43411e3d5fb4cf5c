// heqi/asn1/oid.h: object identifiers.
#pragma once
#include <string>
#include <string_view>

#include <heqi/base/bytes.h>
#include <heqi/base/result.h>

namespace heqi::asn1 {

// Oid holds the content octets of an OBJECT IDENTIFIER; comparison is octet by octet.
class Oid {
 public:
  Oid() = default;
  // parse_dotted reads "1.2.156.10197.1.501"; aborts on a bad literal (for constants of this
  // program).
  static Oid of(std::string_view dotted);
  static base::Result<Oid> parse_dotted(std::string_view dotted);
  static base::Result<Oid> from_content(
      base::ByteView content);  // X.690 §8.19, minimal subidentifiers

  base::ByteView content() const { return content_; }
  std::string dotted() const;
  bool empty() const { return content_.empty(); }
  friend bool operator==(const Oid& a, const Oid& b) { return a.content_ == b.content_; }
  friend bool operator<(const Oid& a, const Oid& b) { return a.content_ < b.content_; }

 private:
  base::Bytes content_;
};

}  // namespace heqi::asn1
