#include "lattice.h"

#include <utility>

namespace heqi::documents::watermark {

namespace {

// Stream is a fixed sequence of numbers for each key: SM3 in counter mode.
class Stream {
 public:
  Stream(const crypto::Digest& key, std::uint8_t purpose) : key_(key), purpose_(purpose) {}

  std::uint32_t next() {
    if (at_ + 4 > block_.size()) refill();
    std::uint32_t out = 0;
    for (int i = 0; i < 4; ++i) out = out << 8 | block_[at_++];
    return out;
  }

 private:
  void refill() {
    const std::uint8_t tail[] = {purpose_, static_cast<std::uint8_t>(counter_ >> 8),
                                 static_cast<std::uint8_t>(counter_ & 0xFF)};
    block_ = crypto::Sm3().update(key_).update(tail).finish();
    ++counter_;
    at_ = 0;
  }
  crypto::Digest key_;
  std::uint8_t purpose_;
  std::uint32_t counter_ = 0;
  crypto::Digest block_{};
  std::size_t at_ = crypto::kSm3Size;
};

// crc16 is CRC-16/CCITT-FALSE.
std::uint16_t crc16(base::ByteView octets) {
  unsigned crc = 0xFFFF;
  for (const std::uint8_t octet : octets) {
    crc ^= unsigned{octet} << 8;
    for (int i = 0; i < 8; ++i) crc = ((crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1) & 0xFFFF;
  }
  return static_cast<std::uint16_t>(crc);
}

}  // namespace

Shape shape_of(Mark mark) {
  switch (mark) {
    case Mark::robust:
      return {0.68, 3, false};
    case Mark::dots:
      return {1.4, 32, true};
    case Mark::fragile:
      break;
  }
  return {0, 2, false};
}

Lattice::Lattice(Mark mark, const crypto::Digest& key) {
  Stream stream(key, static_cast<std::uint8_t>(mark));
  for (std::size_t i = 0; i < cells_.size(); ++i)
    cells_[i].bit = i < kKnown ? kBits : (i - kKnown) / kCellsOfBit;
  for (std::size_t i = cells_.size() - 1; i > 0; --i)
    std::swap(cells_[i], cells_[stream.next() % (i + 1)]);
  for (Cell& one : cells_) one.sign = (stream.next() & 1) != 0 ? 1 : -1;
}

std::array<int, kCells * kCells> Lattice::signs(const Payload& payload) const {
  const auto bits = bits_of(payload);
  std::array<int, kCells * kCells> out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = cells_[i].bit < kBits && !bits[cells_[i].bit] ? -cells_[i].sign : cells_[i].sign;
  return out;
}

std::array<bool, kBits> bits_of(const Payload& payload) {
  const std::uint16_t check = crc16(payload);
  std::array<bool, kBits> out{};
  for (std::size_t i = 0; i < kPayloadSize * 8; ++i)
    out[i] = (payload[i / 8] >> (7 - i % 8) & 1) != 0;
  for (std::size_t i = 0; i < 16; ++i) out[kPayloadSize * 8 + i] = (check >> (15 - i) & 1) != 0;
  return out;
}

std::optional<Payload> payload_of_bits(const std::array<bool, kBits>& bits) {
  Payload out{};
  for (std::size_t i = 0; i < kPayloadSize * 8; ++i)
    if (bits[i]) out[i / 8] = static_cast<std::uint8_t>(out[i / 8] | 1U << (7 - i % 8));
  if (bits_of(out) != bits) return std::nullopt;
  return out;
}

Payload payload_of(const crypto::Digest& document, std::string_view use) {
  const crypto::Digest digest = crypto::Sm3().update(document).update(base::bytes_of(use)).finish();
  Payload out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = digest[i];
  return out;
}

}  // namespace heqi::documents::watermark
