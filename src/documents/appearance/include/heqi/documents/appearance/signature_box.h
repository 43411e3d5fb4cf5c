// heqi/documents/appearance/signature_box.h: what a signature looks like on the page.
#pragma once
#include <heqi/documents/appearance/font.h>
#include <heqi/documents/pdf/sign.h>

namespace heqi::documents::appearance {

// Picture is what a party drew or uploaded as signature or seal: rows from the top, 4 octets (red,
// green, blue, opacity) for each pixel.
struct Picture {
  std::uint32_t width = 0, height = 0;
  base::Bytes rgba;
};

// parse_png reads a PNG of 8 bits per channel (grey, grey+alpha, RGB, RGBA), not interlaced.
// Fails with malformed, unsupported, limit_exceeded (beyond 4096 × 4096 pixels).
base::Result<Picture> parse_png(base::ByteView png);

// Strokes is a signature drawn by hand: lines of points in a field of width × height, y downwards.
struct Strokes {
  struct Point {
    int x = 0, y = 0;
  };
  int width = 0, height = 0;
  std::vector<std::vector<Point>> lines;
};

// SignatureBox is the content of a visible signature. Texts are UTF-8; empty ones are left out.
struct SignatureBox {
  double width = 170, height = 71;          // points, as displayed
  std::string signer;                       // drawn large and slanted, like a written name
  std::string caption = "电子签名 Signed";  // small, above
  std::string date;                         // small, below: "2026-11-21 16:41:56 +08:00"
  std::string code;                         // small, below: verification code
  std::optional<Picture> picture;           // takes the place of the large name
  std::optional<Strokes> strokes;           // so does this
};

// make_signature_box draws box as a form XObject with its own subset of font. The same input gives
// the same octets. Fails with unsupported where the font lacks a character of a text, malformed for
// a box smaller than 20 × 10 points, a picture whose size is not that of its octets, or strokes
// outside their field.
base::Result<pdf::Appearance> make_signature_box(const Font& font, const SignatureBox& box);

}  // namespace heqi::documents::appearance
