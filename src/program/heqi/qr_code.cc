#include "qr_code.h"

#include <qrencode.h>

#include <memory>

namespace heqi::program {
namespace {

constexpr int kQuietZone = 2;  // modules; phones read it with half of the standard's four

// The colours are stated, because the terminal's own may be either way round.
constexpr const char* kColours = "\x1b[30;107m";
constexpr const char* kPlain = "\x1b[0m\n";

}  // namespace

base::Result<std::string> qr_text(const std::string& text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), &QRcode_free);
  if (!code) return base::fail(base::Code::limit_exceeded, "text of a QR code");
  const int width = code->width;
  const auto is_dark = [&](int row, int column) {
    const bool inside = row >= 0 && column >= 0 && row < width && column < width;
    return inside && (code->data[row * width + column] & 1) != 0;
  };
  std::string out;
  for (int row = -kQuietZone; row < width + kQuietZone; row += 2) {
    out += kColours;
    for (int column = -kQuietZone; column < width + kQuietZone; ++column) {
      const bool upper = is_dark(row, column), lower = is_dark(row + 1, column);
      out += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
    }
    out += kPlain;
  }
  return out;
}

}  // namespace heqi::program
