// heqi/documents/watermark/mark.h: marks against counterfeits, in the picture of a page.
#pragma once
#include <optional>

#include <heqi/crypto/sm3.h>
#include <heqi/documents/drawing/canvas.h>

namespace heqi::documents::watermark {

using drawing::Picture;

// Mark is the kind: robust (invisible, survives compression and scaling), dots (visible, survives
// print and scan), fragile (a copy destroys it).
enum class Mark : std::uint8_t { robust, dots, fragile };

inline constexpr std::size_t kPayloadSize = 6;  // octets
using Payload = std::array<std::uint8_t, kPayloadSize>;

// payload_of binds a mark to a document and one use of it: the first octets of SM3 over both.
Payload payload_of(const crypto::Digest& document, std::string_view use);

// Frame is what maker and reader agree on: a key, which hides the lattice, and how many pixels of
// the whole page a millimetre has.
struct Frame {
  crypto::Digest key{};
  double pixels_per_mm = 150 / 25.4;
};

// embed puts the mark into page. Fails with malformed where the page is smaller than one lattice,
// or has fewer than two pixels to a millimetre.
base::Status embed(Picture& page, Mark mark, const Payload& payload, const Frame& frame);

// Search is how far a reader looks for a page that was printed and scanned: how much larger or
// smaller, and turned by how many degrees either way. Zero: the page is as large as the frame says.
struct Search {
  double scale = 0;  // 0.01: one in a hundred
  double degrees = 0;
};

struct Reading {
  Payload payload{};
  double score = 0;  // standard deviations of the known cells above chance
};

// read_mark looks for a mark; nullopt where there is none, or it is destroyed. Where there is none
// it finds one in fewer than one of 10 000 pages.
std::optional<Reading> read_mark(const Picture& page, Mark mark, const Frame& frame,
                                 const Search& search = {});

}  // namespace heqi::documents::watermark
