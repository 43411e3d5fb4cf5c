// lattice.h: the cells of a mark: which are known, and which carry which bit.
#pragma once
#include <heqi/documents/watermark/mark.h>

namespace heqi::documents::watermark {

inline constexpr std::size_t kCells = 32;                    // on each side of the lattice
inline constexpr std::size_t kKnown = 256;                   // cells by which it is found
inline constexpr std::size_t kBits = kPayloadSize * 8 + 16;  // payload and checksum
inline constexpr std::size_t kCellsOfBit = (kCells * kCells - kKnown) / kBits;  // 12

// Shape is what a mark's cells look like.
struct Shape {
  double cell_mm;   // 0: one pixel
  double strength;  // of 255
  bool dots;        // a dot in the middle of dark cells, nothing in light ones
};
Shape shape_of(Mark mark);

// Cell is known (bit = kBits), or carries a bit; sign turns its meaning.
struct Cell {
  std::size_t bit = kBits;
  int sign = 1;
};

// Lattice is the keyed arrangement of the cells of one mark.
class Lattice {
 public:
  Lattice(Mark mark, const crypto::Digest& key);
  const std::array<Cell, kCells * kCells>& cells() const { return cells_; }
  // signs gives each cell +1 (darker) or −1 for a payload.
  std::array<int, kCells * kCells> signs(const Payload& payload) const;

 private:
  std::array<Cell, kCells * kCells> cells_;
};

std::array<bool, kBits> bits_of(const Payload& payload);
// payload_of_bits is nullopt where the checksum does not fit.
std::optional<Payload> payload_of_bits(const std::array<bool, kBits>& bits);

}  // namespace heqi::documents::watermark
