// DEFLATE (RFC 1951) and zlib (RFC 1950), written for the verifier's core: no state outside the
// call, every read bounded, every code checked to be complete where the RFC asks for it.
#include <heqi/documents/pdf/inflate.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace heqi::documents::pdf {
namespace {

using base::Code;
using base::fail;

constexpr int kCodeBitsMax = 15;
constexpr int kFastBits = 10;

// Huffman decodes canonical codes (RFC 1951 §3.2.2): a table for short codes, a walk over the
// lengths for the others.
class Huffman {
 public:
  enum class Incomplete { refused, allowed };  // one code of one bit may stand alone for distances

  bool build(std::span<const std::uint8_t> lengths, Incomplete incomplete) {
    count_.fill(0);
    fast_.fill(0);
    for (const std::uint8_t length : lengths) ++count_[length];
    const int used = static_cast<int>(lengths.size()) - count_[0];
    count_[0] = 0;
    int left = 1;
    for (int bits = 1; bits <= kCodeBitsMax; ++bits) {
      left = left * 2 - count_[static_cast<std::size_t>(bits)];
      if (left < 0) return false;  // more codes than there is room for
    }
    if (left > 0 &&
        !(incomplete == Incomplete::allowed && (used == 0 || (used == 1 && count_[1] == 1))))
      return false;
    std::array<std::uint16_t, kCodeBitsMax + 2> first{};
    for (std::size_t bits = 1; bits <= kCodeBitsMax; ++bits)
      first[bits + 1] = static_cast<std::uint16_t>(first[bits] + count_[bits]);
    std::array<std::uint16_t, kCodeBitsMax + 2> next = first;
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol)
      if (lengths[symbol] != 0)
        symbol_[next[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
    fill_fast();
    return true;
  }

  // find looks at the next 15 bits (first bit lowest) and returns symbol << 4 | length, 0 if none.
  std::uint32_t find(std::uint32_t bits) const {
    if (const std::uint32_t hit = fast_[bits & ((1u << kFastBits) - 1)]) return hit;
    int code = 0, first = 0, index = 0;
    for (std::uint32_t length = 1; length <= kCodeBitsMax; ++length) {
      code |= static_cast<int>(bits & 1);
      bits >>= 1;
      const int count = count_[length];
      if (code - count < first)
        return static_cast<std::uint32_t>(symbol_[static_cast<std::size_t>(index + code - first)])
                   << 4 |
               length;
      index += count;
      first = (first + count) * 2;
      code *= 2;
    }
    return 0;
  }

 private:
  void fill_fast() {
    std::uint32_t code = 0;
    std::size_t index = 0;
    for (std::uint32_t length = 1; length <= kFastBits; ++length, code *= 2) {
      for (int i = 0; i < count_[length]; ++i, ++code, ++index) {
        std::uint32_t reversed = 0;
        for (std::uint32_t bit = 0; bit < length; ++bit)
          reversed |= (code >> bit & 1) << (length - 1 - bit);
        for (std::uint32_t at = reversed; at < (1u << kFastBits); at += 1u << length)
          fast_[at] = static_cast<std::uint32_t>(symbol_[index]) << 4 | length;
      }
    }
  }

  std::array<int, kCodeBitsMax + 1> count_{};
  std::array<std::uint16_t, 288> symbol_{};
  std::array<std::uint32_t, 1u << kFastBits> fast_{};
};

constexpr std::array<std::uint16_t, 29> kLengthBase = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                       15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                       67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<std::uint8_t, 29> kLengthExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                       2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<std::uint16_t, 30> kDistanceBase = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr std::array<std::uint8_t, 30> kDistanceExtra = {0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                                         4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                                         9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

class Inflater {
 public:
  Inflater(base::ByteView in, std::size_t at, std::size_t size_max)
      : in_(in), at_(at), size_max_(size_max) {}

  base::Status run() {
    for (bool last = false; !last;) {
      HEQI_TRY(const std::uint32_t header, bits(3));
      last = (header & 1) != 0;
      switch (header >> 1) {
        case 0:
          HEQI_TRY(stored());
          break;
        case 1:
          fixed_codes();
          HEQI_TRY(compressed());
          break;
        case 2:
          HEQI_TRY(dynamic_codes());
          HEQI_TRY(compressed());
          break;
        default:
          return bad("block of the reserved type");
      }
    }
    at_ -= static_cast<std::size_t>(held_ / 8);  // whole octets that were read ahead
    return {};
  }

  std::size_t at() const { return at_; }
  base::Bytes take() { return std::move(out_); }

 private:
  base::Error bad(std::string_view problem) const {
    return fail(Code::malformed,
                "deflate data at octet " + std::to_string(at_) + ": " + std::string(problem));
  }
  base::Error too_long() const {
    return fail(Code::limit_exceeded,
                "deflate data holds more than " + std::to_string(size_max_) + " octets");
  }

  void fill() {
    while (held_ <= 24 && at_ < in_.size()) {
      hold_ |= static_cast<std::uint32_t>(in_[at_++]) << held_;
      held_ += 8;
    }
  }

  base::Result<std::uint32_t> bits(int count) {
    if (held_ < count) fill();
    if (held_ < count) return bad("the data ends inside a block");
    const std::uint32_t value = hold_ & ((1u << count) - 1);
    hold_ >>= count;
    held_ -= count;
    return value;
  }

  base::Result<std::uint32_t> symbol(const Huffman& code) {
    if (held_ < kCodeBitsMax) fill();
    const std::uint32_t found = code.find(hold_);
    const int length = static_cast<int>(found & 15);
    if (length == 0) return bad("a code that stands for nothing");
    if (length > held_) return bad("the data ends inside a block");
    hold_ >>= length;
    held_ -= length;
    return found >> 4;
  }

  base::Status stored() {
    hold_ >>= held_ % 8;
    held_ -= held_ % 8;
    HEQI_TRY(const std::uint32_t size, bits(16));
    HEQI_TRY(const std::uint32_t complement, bits(16));
    if (size != (~complement & 0xFFFF)) return bad("stored block whose sizes disagree");
    at_ -= static_cast<std::size_t>(held_ / 8);
    hold_ = 0, held_ = 0;
    if (size > in_.size() - at_) return bad("stored block longer than the data");
    if (size > size_max_ - out_.size()) return too_long();
    base::append(out_, in_.subspan(at_, size));
    at_ += size;
    return {};
  }

  void fixed_codes() {
    std::array<std::uint8_t, 288> lengths{};
    for (std::size_t i = 0; i < 288; ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    literals_.build(lengths, Huffman::Incomplete::refused);
    std::array<std::uint8_t, 32> distances{};
    distances.fill(5);
    distances_.build(distances, Huffman::Incomplete::refused);
  }

  base::Status dynamic_codes() {
    HEQI_TRY(const std::uint32_t literal_count, bits(5));
    HEQI_TRY(const std::uint32_t distance_count, bits(5));
    HEQI_TRY(const std::uint32_t order_count, bits(4));
    const std::size_t literals = literal_count + 257, distances = distance_count + 1;
    if (literals > 286 || distances > 30) return bad("too many length or distance codes");
    constexpr std::array<std::uint8_t, 19> order = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
    std::array<std::uint8_t, 19> short_lengths{};
    for (std::size_t i = 0; i < order_count + 4; ++i) {
      HEQI_TRY(const std::uint32_t length, bits(3));
      short_lengths[order[i]] = static_cast<std::uint8_t>(length);
    }
    Huffman lengths_code;
    if (!lengths_code.build(short_lengths, Huffman::Incomplete::refused))
      return bad("code lengths that form no code");
    std::array<std::uint8_t, 320> lengths{};
    for (std::size_t i = 0; i < literals + distances;) {
      HEQI_TRY(const std::uint32_t what, symbol(lengths_code));
      if (what < 16) {
        lengths[i++] = static_cast<std::uint8_t>(what);
        continue;
      }
      if (what == 16 && i == 0) return bad("a repeated code length with none before it");
      const std::uint8_t repeated = what == 16 ? lengths[i - 1] : 0;
      HEQI_TRY(const std::uint32_t extra, bits(what == 16 ? 2 : what == 17 ? 3 : 7));
      const std::size_t times = extra + (what == 18 ? 11 : 3);
      if (times > literals + distances - i) return bad("more code lengths than codes");
      for (std::size_t k = 0; k < times; ++k) lengths[i++] = repeated;
    }
    if (lengths[256] == 0) return bad("no code for the end of the block");
    const std::span<const std::uint8_t> all(lengths);
    if (!literals_.build(all.first(literals), Huffman::Incomplete::allowed))
      return bad("literal lengths that form no code");
    if (!distances_.build(all.subspan(literals, distances), Huffman::Incomplete::allowed))
      return bad("distance lengths that form no code");
    return {};
  }

  base::Status compressed() {
    while (true) {
      HEQI_TRY(const std::uint32_t what, symbol(literals_));
      if (what < 256) {
        if (out_.size() >= size_max_) return too_long();
        out_.push_back(static_cast<std::uint8_t>(what));
        continue;
      }
      if (what == 256) return {};
      if (what > 285) return bad("reserved length code");
      HEQI_TRY(const std::uint32_t length_extra, bits(kLengthExtra[what - 257]));
      const std::size_t length = kLengthBase[what - 257] + length_extra;
      HEQI_TRY(const std::uint32_t distance_code, symbol(distances_));
      if (distance_code > 29) return bad("reserved distance code");
      HEQI_TRY(const std::uint32_t distance_extra, bits(kDistanceExtra[distance_code]));
      const std::size_t distance = kDistanceBase[distance_code] + distance_extra;
      if (distance > out_.size()) return bad("a distance before the beginning of the data");
      if (length > size_max_ - out_.size()) return too_long();
      const std::size_t from = out_.size() - distance;
      out_.resize(out_.size() + length);
      std::uint8_t* to = out_.data() + out_.size() - length;
      const std::uint8_t* source = out_.data() + from;
      if (distance >= length) {
        std::memcpy(to, source, length);
      } else {
        for (std::size_t i = 0; i < length; ++i) to[i] = source[i];
      }
    }
  }

  base::ByteView in_;
  std::size_t at_;
  std::size_t size_max_;
  std::uint32_t hold_ = 0;  // bits read ahead, the next one lowest
  int held_ = 0;
  base::Bytes out_;
  Huffman literals_, distances_;
};

std::uint32_t adler32(base::ByteView octets) {
  std::uint32_t a = 1, b = 0;
  while (!octets.empty()) {
    const std::size_t run = std::min<std::size_t>(octets.size(), 5552);  // sums stay below 2^32
    for (const std::uint8_t octet : octets.first(run)) a += octet, b += a;
    a %= 65521, b %= 65521;
    octets = octets.subspan(run);
  }
  return b << 16 | a;
}

}  // namespace

base::Result<Inflated> inflate_raw(base::ByteView compressed, std::size_t size_max) {
  Inflater inflater(compressed, 0, size_max);
  HEQI_TRY(inflater.run());
  return Inflated{inflater.take(), inflater.at()};
}

base::Result<Inflated> inflate_zlib(base::ByteView compressed, std::size_t size_max) {
  if (compressed.size() < 2) return fail(Code::malformed, "zlib data of less than two octets");
  const unsigned method = compressed[0], flags = compressed[1];
  if ((method & 15) != 8 || method >> 4 > 7 || (method << 8 | flags) % 31 != 0)
    return fail(Code::malformed, "zlib data with a wrong header");
  if ((flags & 0x20) != 0) return fail(Code::malformed, "zlib data with a preset dictionary");
  Inflater inflater(compressed, 2, size_max);
  HEQI_TRY(inflater.run());
  Inflated result{inflater.take(), inflater.at()};
  if (compressed.size() - result.used < 4)
    return fail(Code::malformed, "zlib data that ends before its checksum");
  std::uint32_t stated = 0;
  for (int i = 0; i < 4; ++i) stated = stated << 8 | compressed[result.used++];
  if (stated != adler32(result.octets))
    return fail(Code::malformed, "zlib data with a wrong checksum");
  return result;
}

}  // namespace heqi::documents::pdf
