// Is a seal's picture whole, as far as can be told without drawing it?
#include <algorithm>

#include <heqi/documents/pdf/inflate.h>
#include <heqi/documents/seal/seal.h>

namespace heqi::documents::seal {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::uint32_t kPixelsMax = 4096;  // a side

std::uint32_t big_endian(ByteView in, std::size_t at) {
  return std::uint32_t{in[at]} << 24 | std::uint32_t{in[at + 1]} << 16 |
         std::uint32_t{in[at + 2]} << 8 | in[at + 3];
}
std::uint32_t little_endian(ByteView in, std::size_t at) {
  return std::uint32_t{in[at + 3]} << 24 | std::uint32_t{in[at + 2]} << 16 |
         std::uint32_t{in[at + 1]} << 8 | in[at];
}

bool begins(ByteView octets, std::initializer_list<std::uint8_t> mark) {
  return octets.size() >= mark.size() && std::equal(mark.begin(), mark.end(), octets.begin());
}

base::Status check_sides(std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0) return fail(Code::malformed, "a picture without pixels");
  if (width > kPixelsMax || height > kPixelsMax)
    return fail(Code::limit_exceeded, "a picture wider than " + std::to_string(kPixelsMax));
  return {};
}

std::uint32_t crc32(ByteView octets) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t octet : octets) {
    crc ^= octet;
    for (int i = 0; i < 8; ++i) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return ~crc;
}

// row_octets is the size of one row with its filter octet; 0 for a kind that PNG does not have.
std::size_t row_octets(std::uint32_t width, std::uint8_t depth, std::uint8_t kind) {
  constexpr std::uint8_t channels[] = {1, 0, 3, 1, 2, 0, 4};
  const bool known = kind < 7 && channels[kind] != 0 &&
                     (depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16);
  return known ? 1 + (std::size_t{width} * channels[kind] * depth + 7) / 8 : 0;
}

// gather walks the chunks, checks each, and joins the compressed rows.
base::Result<Bytes> gather(ByteView png) {
  Bytes rows;
  for (std::size_t at = 8;;) {
    if (png.size() - at < 12) return fail(Code::malformed, "PNG: cut");
    const std::uint32_t size = big_endian(png, at);
    if (size > png.size() - at - 12) return fail(Code::malformed, "PNG: a chunk too long");
    if (crc32(png.subspan(at + 4, size + 4)) != big_endian(png, at + 8 + size))
      return fail(Code::malformed, "PNG: a wrong checksum");
    const std::string_view type = base::text_of(png.subspan(at + 4, 4));
    if (type == "IDAT") base::append(rows, png.subspan(at + 8, size));
    at += 12 + size;
    if (type != "IEND") continue;
    if (at != png.size()) return fail(Code::malformed, "PNG: octets after its end");
    return rows;
  }
}

base::Status check_png(ByteView png) {
  if (!begins(png, {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}) || png.size() < 45 ||
      base::text_of(png.subspan(12, 4)) != "IHDR")
    return fail(Code::malformed, "not a PNG");
  const std::uint32_t width = big_endian(png, 16), height = big_endian(png, 20);
  HEQI_TRY(check_sides(width, height));
  const std::size_t row = row_octets(width, png[24], png[25]);
  if (row == 0) return fail(Code::unsupported, "PNG: a kind of pixels that is not defined");
  HEQI_TRY(const Bytes compressed, gather(png));
  if (png[28] != 0) return {};  // interlaced: its rows have other sizes
  HEQI_TRY(const auto rows, pdf::inflate_zlib(compressed, row * height));
  if (rows.octets.size() != row * height) return fail(Code::malformed, "PNG: rows are missing");
  return {};
}

base::Status check_bmp(ByteView bmp) {
  if (!begins(bmp, {'B', 'M'}) || bmp.size() < 54) return fail(Code::malformed, "not a BMP");
  const std::uint32_t height = little_endian(bmp, 22);
  const std::uint32_t rows = (height & 0x80000000U) != 0 ? 0U - height : height;
  if (little_endian(bmp, 2) != bmp.size() || little_endian(bmp, 10) >= bmp.size())
    return fail(Code::malformed, "BMP: its sizes do not fit");
  return check_sides(little_endian(bmp, 18), rows);
}

base::Status check_jpeg(ByteView jpeg) {
  if (!begins(jpeg, {0xFF, 0xD8, 0xFF})) return fail(Code::malformed, "not a JPEG");
  for (std::size_t at = 2; at + 9 < jpeg.size();) {
    if (jpeg[at] != 0xFF) return fail(Code::malformed, "JPEG: no marker where one is due");
    const std::uint8_t marker = jpeg[at + 1];
    const std::size_t size = std::size_t{jpeg[at + 2]} << 8 | jpeg[at + 3];
    const bool frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame)
      return check_sides(std::uint32_t{jpeg[at + 7]} << 8 | jpeg[at + 8],
                         std::uint32_t{jpeg[at + 5]} << 8 | jpeg[at + 6]);
    at += 2 + size;
  }
  return fail(Code::malformed, "JPEG: no frame");
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

base::Status check_picture(const Picture& picture) {
  if (picture.data.empty()) return fail(Code::malformed, "a seal without a picture");
  if (picture.data.size() > kPictureSizeMax) return fail(Code::limit_exceeded, "the picture");
  const std::string type = lower_case(picture.type);
  if (type == "png") return check_png(picture.data);
  if (type == "bmp") return check_bmp(picture.data);
  if (type == "jpg" || type == "jpeg") return check_jpeg(picture.data);
  if (type == "ofd")
    return begins(picture.data, {'P', 'K', 3, 4})
               ? base::Status()
               : base::Status(fail(Code::malformed, "not an OFD package"));
  return fail(Code::unsupported, "a picture of type \"" + picture.type + "\"");
}

}  // namespace heqi::documents::seal
