// PNG (ISO/IEC 15948), as much as signature pictures need.
#include <array>
#include <cstdlib>

#include <heqi/documents/appearance/signature_box.h>
#include <heqi/documents/pdf/inflate.h>

namespace heqi::documents::appearance {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::uint32_t kSideMax = 4096;
constexpr std::array<std::uint8_t, 8> kMark = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

std::uint32_t word(ByteView in, std::size_t at) {
  return std::uint32_t{in[at]} << 24 | std::uint32_t{in[at + 1]} << 16 |
         std::uint32_t{in[at + 2]} << 8 | in[at + 3];
}

std::uint32_t crc32(ByteView octets) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : octets) {
    crc ^= octet;
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return ~crc;
}

base::Status unfilter(Bytes& rows, std::size_t row, std::size_t pixel) {
  const std::size_t step = row + 1;
  for (std::size_t at = 0; at + step <= rows.size(); at += step) {
    const std::uint8_t type = rows[at];
    if (type > 4) return fail(Code::malformed, "PNG: unknown filter of a row");
    for (std::size_t i = 1; i <= row; ++i) {
      const int left = i > pixel ? rows[at + i - pixel] : 0;
      const int up = at > 0 ? rows[at + i - step] : 0;
      const int corner = at > 0 && i > pixel ? rows[at + i - step - pixel] : 0;
      int add = 0;
      if (type == 1) add = left;
      if (type == 2) add = up;
      if (type == 3) add = (left + up) / 2;
      if (type == 4) {
        const int a = std::abs(up - corner), b = std::abs(left - corner),
                  c = std::abs(left + up - 2 * corner);
        add = a <= b && a <= c ? left : b <= c ? up : corner;
      }
      rows[at + i] = static_cast<std::uint8_t>(rows[at + i] + add);
    }
  }
  return {};
}

}  // namespace

base::Result<Picture> parse_png(ByteView png) {
  if (png.size() < 8 || !base::same_bytes(png.first(8), kMark))
    return fail(Code::malformed, "PNG: not a PNG");
  Picture picture;
  Bytes data;
  std::size_t channels = 0;
  bool ended = false;
  for (std::size_t at = 8; !ended;) {
    if (png.size() - at < 12) return fail(Code::malformed, "PNG: cut at " + std::to_string(at));
    const std::uint32_t size = word(png, at);
    if (size > png.size() - at - 12)
      return fail(Code::malformed, "PNG: chunk too long at " + std::to_string(at));
    if (crc32(png.subspan(at + 4, size + 4)) != word(png, at + 8 + size))
      return fail(Code::malformed, "PNG: wrong checksum at " + std::to_string(at));
    const std::string_view type = base::text_of(png.subspan(at + 4, 4));
    const ByteView body = png.subspan(at + 8, size);
    if (type == "IHDR") {
      if (size != 13 || channels != 0) return fail(Code::malformed, "PNG: wrong header");
      picture.width = word(body, 0), picture.height = word(body, 4);
      if (picture.width == 0 || picture.height == 0)
        return fail(Code::malformed, "PNG: empty picture");
      if (picture.width > kSideMax || picture.height > kSideMax)
        return fail(Code::limit_exceeded, "PNG: larger than 4096 × 4096 pixels");
      const std::uint8_t kind = body[9];
      channels = kind == 0 ? 1 : kind == 2 ? 3 : kind == 4 ? 2 : kind == 6 ? 4 : 0;
      if (body[8] != 8 || channels == 0 || body[12] != 0)
        return fail(Code::unsupported, "PNG: not of 8 bits per channel without interlace");
    } else if (type == "IDAT") {
      base::append(data, body);
    } else if (type == "tRNS") {
      return fail(Code::unsupported, "PNG: with a tRNS chunk");
    }
    ended = type == "IEND";
    at += 12 + size;
  }
  if (channels == 0) return fail(Code::malformed, "PNG: no header");
  const std::size_t row = picture.width * channels;
  HEQI_TRY(pdf::Inflated plain, pdf::inflate_zlib(data, (row + 1) * picture.height));
  if (plain.octets.size() != (row + 1) * picture.height)
    return fail(Code::malformed, "PNG: rows are missing");
  HEQI_TRY(unfilter(plain.octets, row, channels));
  picture.rgba.reserve(std::size_t{4} * picture.width * picture.height);
  for (std::size_t y = 0; y < picture.height; ++y) {
    for (std::size_t x = 0; x < picture.width; ++x) {
      const std::uint8_t* pixel = plain.octets.data() + y * (row + 1) + 1 + x * channels;
      const bool color = channels >= 3;
      picture.rgba.push_back(pixel[0]);
      picture.rgba.push_back(pixel[color ? 1 : 0]);
      picture.rgba.push_back(pixel[color ? 2 : 0]);
      picture.rgba.push_back(channels == 4 ? pixel[3] : channels == 2 ? pixel[1] : 255);
    }
  }
  return picture;
}

}  // namespace heqi::documents::appearance
