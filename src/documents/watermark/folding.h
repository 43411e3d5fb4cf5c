// folding.h: a page with all repetitions of a lattice laid onto one, which averages the text out.
#pragma once
#include <vector>

#include "lattice.h"

namespace heqi::documents::watermark {

inline constexpr std::size_t kFine = 4;               // samples to a cell, each way
inline constexpr std::size_t kSide = kCells * kFine;  // of the folded lattice

// Grey is how much darker than its surroundings each pixel is; what is as dark as text is 0.
struct Grey {
  std::uint32_t width, height;
  std::vector<float> values;
};
// sharpened takes away what is smooth; cell is the side of a cell in pixels.
Grey sharpened(const Picture& page, Mark mark, double cell);

// Folded is kSide × kSide sums of a cell that begins at each sample, with a mean of 0. It knows no
// key: the same one serves any number of them.
using Folded = std::vector<float>;
Folded fold(const Grey& grey, double cell, double degrees);

// Place is where a lattice begins and how far its known cells stand out there.
struct Place {
  double score = 0;  // standard deviations above chance
  double mean = 0;   // of a known cell, turned by its sign
  std::size_t x = 0, y = 0;
};
Place find_place(const Folded& sums, const Lattice& lattice);

// take_bits reads the payload at a place; nullopt where its checksum does not fit.
std::optional<Payload> take_bits(const Folded& sums, const Lattice& lattice, const Place& place);

// kScoreMin is what a place must reach: chance gives one of ten thousand million.
inline constexpr double kScoreMin = 7;

}  // namespace heqi::documents::watermark
