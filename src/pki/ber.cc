#include <heqi/pki/ber.h>

#include <algorithm>

namespace heqi::pki {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kDepthMax = 32;
constexpr std::uint8_t kConstructed = 0x20, kHighTag = 0x1F, kIndefinite = 0x80;

void append_length(Bytes& out, std::size_t size) {
  if (size < 0x80) {
    out.push_back(static_cast<std::uint8_t>(size));
    return;
  }
  int octets = 1;
  while (size >> (8 * octets) != 0) ++octets;
  out.push_back(static_cast<std::uint8_t>(0x80 | octets));
  for (int i = octets - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(size >> (8 * i)));
}

// Conversion walks over elements; at stands before the next one.
class Conversion {
 public:
  explicit Conversion(ByteView in) : in_(in) {}

  base::Status element(Bytes& out, std::size_t depth) {
    if (depth > kDepthMax) return fail(Code::limit_exceeded, "a message nested too deeply");
    if (in_.size() - at_ < 2) return bad("cut off");
    const std::uint8_t tag = in_[at_], first = in_[at_ + 1];
    if ((tag & kHighTag) == kHighTag || tag == 0) return bad("unexpected tag");
    at_ += 2;
    if (first != kIndefinite) return definite(out, tag, first, depth);
    if ((tag & kConstructed) == 0) return bad("indefinite length of a primitive");
    indefinite_ = true;
    Bytes content;
    while (!take_end()) HEQI_TRY(element(content, depth + 1));
    put(out, tag, content);
    return {};
  }

  std::size_t at() const { return at_; }
  bool was_indefinite() const { return indefinite_; }

 private:
  base::Error bad(std::string_view problem) const {
    return fail(Code::malformed,
                "message at offset " + std::to_string(at_) + ": " + std::string(problem));
  }

  bool take_end() {
    if (in_.size() - at_ < 2 || in_[at_] != 0 || in_[at_ + 1] != 0) return false;
    at_ += 2;
    return true;
  }

  static void put(Bytes& out, std::uint8_t tag, ByteView content) {
    out.push_back(tag);
    append_length(out, content.size());
    base::append(out, content);
  }

  base::Status definite(Bytes& out, std::uint8_t tag, std::uint8_t first, std::size_t depth) {
    HEQI_TRY(const std::size_t size, length(first));
    if (size > in_.size() - at_) return bad("longer than what is there");
    const std::size_t end = at_ + size;
    if ((tag & kConstructed) == 0) {
      put(out, tag, in_.subspan(at_, size));
      at_ = end;
      return {};
    }
    Bytes content;
    while (at_ < end) HEQI_TRY(element(content, depth + 1));
    if (at_ != end) return bad("an element reaches out of the one around it");
    put(out, tag, content);
    return {};
  }

  Result<std::size_t> length(std::uint8_t first) {
    if (first < 0x80) return std::size_t{first};
    const std::size_t octets = first & 0x7F;
    if (octets > 4 || octets > in_.size() - at_) return bad("length");
    std::size_t size = 0;
    for (std::size_t i = 0; i < octets; ++i) size = size << 8 | in_[at_++];
    if (size < 0x80 || size >> (8 * (octets - 1)) == 0)
      return bad("a length that is not the shortest");
    return size;
  }

  ByteView in_;
  std::size_t at_ = 0;
  bool indefinite_ = false;
};

}  // namespace

Result<PaddedMessage> read_padded(ByteView padded) {
  Conversion conversion(padded);
  PaddedMessage out;
  HEQI_TRY(conversion.element(out.der, 0));
  out.was_indefinite = conversion.was_indefinite();
  const ByteView rest = padded.subspan(conversion.at());
  if (std::any_of(rest.begin(), rest.end(), [](std::uint8_t one) { return one != 0; }))
    return fail(Code::malformed, "something other than zeros follows the message");
  return out;
}

}  // namespace heqi::pki
