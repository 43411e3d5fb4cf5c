// Reads PNG of every depth and colour type, interlaced or not (ISO/IEC 15948).
#include <zlib.h>

#include <array>
#include <cstdlib>
#include <span>

#include <heqi/documents/drawing/canvas.h>
#include <heqi/documents/pdf/inflate.h>

namespace heqi::documents::drawing {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr std::array<std::uint8_t, 8> kMark = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

std::uint32_t word(ByteView in, std::size_t at) {
  return std::uint32_t{in[at]} << 24 | std::uint32_t{in[at + 1]} << 16 |
         std::uint32_t{in[at + 2]} << 8 | in[at + 3];
}

// Chunks are what matters of a file.
struct Chunks {
  std::uint32_t width = 0, height = 0;
  unsigned depth = 0, kind = 0, interlace = 0;
  Bytes palette, transparency, rows;

  unsigned channels() const {
    constexpr unsigned counts[] = {1, 0, 3, 1, 2, 0, 4};
    return kind < 7 ? counts[kind] : 0;
  }
  std::size_t row_size(std::uint32_t columns) const {
    return (std::size_t{columns} * channels() * depth + 7) / 8;
  }
};

base::Status check_header(const Chunks& chunks) {
  const bool depth = chunks.depth == 8 || (chunks.depth == 16 && chunks.kind != 3) ||
                     ((chunks.kind == 0 || chunks.kind == 3) &&
                      (chunks.depth == 1 || chunks.depth == 2 || chunks.depth == 4));
  if (chunks.channels() == 0 || !depth) return fail(Code::malformed, "PNG: no such kind of pixels");
  if (chunks.width == 0 || chunks.height == 0) return fail(Code::malformed, "PNG: no pixels");
  if (chunks.width > kPictureSideMax || chunks.height > kPictureSideMax)
    return fail(Code::limit_exceeded, "PNG: too many pixels");
  if (chunks.interlace > 1) return fail(Code::malformed, "PNG: no such interlacing");
  return {};
}

base::Result<Chunks> read_chunks(ByteView png) {
  if (png.size() < 33 || !base::same_bytes(png.first(8), kMark) ||
      base::text_of(png.subspan(12, 4)) != "IHDR")
    return fail(Code::malformed, "not a PNG");
  Chunks out{word(png, 16), word(png, 20), png[24], png[25], png[28], {}, {}, {}};
  HEQI_TRY(check_header(out));
  for (std::size_t at = 8;;) {
    if (png.size() - at < 12) return fail(Code::malformed, "PNG: cut");
    const std::uint32_t size = word(png, at);
    if (size > png.size() - at - 12) return fail(Code::malformed, "PNG: a chunk too long");
    const ByteView body = png.subspan(at + 4, std::size_t{size} + 4);
    if (::crc32(0, body.data(), static_cast<uInt>(body.size())) != word(png, at + 8 + size))
      return fail(Code::malformed, "PNG: a wrong checksum");
    const std::string_view type = base::text_of(body.first(4));
    if (type == "PLTE") out.palette = base::to_bytes(body.subspan(4));
    if (type == "tRNS") out.transparency = base::to_bytes(body.subspan(4));
    if (type == "IDAT") base::append(out.rows, body.subspan(4));
    if (type == "IEND") return out;
    at += 12 + std::size_t{size};
  }
}

std::uint8_t paeth(int left, int up, int corner) {
  const int a = std::abs(up - corner), b = std::abs(left - corner),
            c = std::abs(left + up - 2 * corner);
  return static_cast<std::uint8_t>(a <= b && a <= c ? left : b <= c ? up : corner);
}

base::Status unfilter(std::span<std::uint8_t> rows, std::size_t row, std::size_t pixel) {
  const std::size_t step = row + 1;
  for (std::size_t at = 0; at + step <= rows.size(); at += step) {
    const std::uint8_t type = rows[at];
    if (type > 4) return fail(Code::malformed, "PNG: unknown filter of a row");
    for (std::size_t i = 1; i <= row; ++i) {
      const int left = i > pixel ? rows[at + i - pixel] : 0, up = at > 0 ? rows[at + i - step] : 0,
                corner = at > 0 && i > pixel ? rows[at + i - step - pixel] : 0;
      const int add = type == 1   ? left
                      : type == 2 ? up
                      : type == 3 ? (left + up) / 2
                      : type == 4 ? paeth(left, up, corner)
                                  : 0;
      rows[at + i] = static_cast<std::uint8_t>(rows[at + i] + add);
    }
  }
  return {};
}

// sample is one channel of one pixel, of however many bits.
unsigned sample(const std::uint8_t* row, std::size_t index, unsigned depth) {
  if (depth == 16) return unsigned{row[index * 2]} << 8 | row[index * 2 + 1];
  if (depth == 8) return row[index];
  const std::size_t bit = index * depth;
  return row[bit / 8] >> (8 - depth - bit % 8) & ((1U << depth) - 1);
}

std::uint8_t to_octet(unsigned value, unsigned depth) {
  return static_cast<std::uint8_t>(value * 255 / ((1U << depth) - 1));
}

// put_pixel translates one pixel; false where the palette lacks its colour.
bool put_pixel(const Chunks& chunks, const std::uint8_t* row, std::size_t x, std::uint8_t* out) {
  const unsigned channels = chunks.channels(), depth = chunks.depth;
  unsigned values[4] = {0, 0, 0, 0};
  for (unsigned i = 0; i < channels; ++i) values[i] = sample(row, x * channels + i, depth);
  out[3] = 255;
  const Bytes& clear = chunks.transparency;
  if (chunks.kind == 3) {
    if (values[0] * 3 + 2 >= chunks.palette.size()) return false;
    for (std::size_t i = 0; i < 3; ++i) out[i] = chunks.palette[values[0] * 3 + i];
    if (values[0] < clear.size()) out[3] = clear[values[0]];
    return true;
  }
  const bool grey = chunks.kind == 0 || chunks.kind == 4;
  for (std::size_t i = 0; i < 3; ++i) out[i] = to_octet(values[grey ? 0 : i], depth);
  if (chunks.kind == 4) out[3] = to_octet(values[1], depth);
  if (chunks.kind == 6) out[3] = to_octet(values[3], depth);
  if ((chunks.kind == 0 || chunks.kind == 2) && clear.size() == 2 * channels) {
    bool same = true;
    for (unsigned i = 0; i < channels; ++i)
      same = same && values[i] == (unsigned{clear[2 * i]} << 8 | clear[2 * i + 1]);
    if (same) out[3] = 0;
  }
  return true;
}

// Pass is every so many columns and rows of a picture, from the first ones on. A picture that is
// not interlaced is one pass of all; an interlaced one is seven (ISO/IEC 15948 §8.2).
struct Pass {
  std::uint32_t x0, y0, dx, dy;

  std::uint32_t columns(const Chunks& of) const {
    return of.width <= x0 ? 0 : (of.width - x0 + dx - 1) / dx;
  }
  std::uint32_t rows(const Chunks& of) const {
    return of.height <= y0 ? 0 : (of.height - y0 + dy - 1) / dy;
  }
  // size is of its rows, each with the octet that names its filter.
  std::size_t size(const Chunks& of) const {
    return columns(of) == 0 ? 0 : (of.row_size(columns(of)) + 1) * rows(of);
  }
};
constexpr Pass kWhole[] = {{0, 0, 1, 1}};
constexpr Pass kInterlaced[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

std::span<const Pass> passes_of(const Chunks& chunks) {
  return chunks.interlace == 0 ? std::span<const Pass>(kWhole) : std::span<const Pass>(kInterlaced);
}

base::Status put_pass(const Chunks& chunks, const Pass& pass, std::span<std::uint8_t> rows,
                      Picture& out) {
  const std::uint32_t columns = pass.columns(chunks), count = pass.rows(chunks);
  const std::size_t row = chunks.row_size(columns);
  HEQI_TRY(unfilter(rows, row, std::max<std::size_t>(1, chunks.channels() * chunks.depth / 8)));
  for (std::uint32_t y = 0; y < count; ++y)
    for (std::uint32_t x = 0; x < columns; ++x) {
      const std::size_t place =
          std::size_t{pass.y0 + y * pass.dy} * chunks.width + pass.x0 + x * pass.dx;
      if (!put_pixel(chunks, &rows[y * (row + 1) + 1], x, &out.rgba[place * 4]))
        return fail(Code::malformed, "PNG: a colour that the palette lacks");
    }
  return {};
}

}  // namespace

base::Result<Picture> decode_png(ByteView png) {
  HEQI_TRY(const Chunks chunks, read_chunks(png));
  std::size_t whole = 0;
  for (const Pass& pass : passes_of(chunks)) whole += pass.size(chunks);
  HEQI_TRY(auto rows, pdf::inflate_zlib(chunks.rows, whole));
  if (rows.octets.size() != whole) return fail(Code::malformed, "PNG: rows are missing");
  Picture out{chunks.width, chunks.height, Bytes(std::size_t{chunks.width} * chunks.height * 4)};
  std::span<std::uint8_t> rest(rows.octets);
  for (const Pass& pass : passes_of(chunks)) {
    const std::size_t size = pass.size(chunks);
    if (size == 0) continue;
    HEQI_TRY(put_pass(chunks, pass, rest.first(size), out));
    rest = rest.subspan(size);
  }
  return out;
}

}  // namespace heqi::documents::drawing
