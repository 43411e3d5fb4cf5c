// Pictures of other programs: JPEG of every colour space, PNG with interlacing.
#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>
#include <zlib.h>

#include <cmath>

#include <heqi/documents/drawing/canvas.h>
#include <heqi/testing/expect.h>

namespace heqi::documents::drawing {
namespace {

using base::Bytes;
using base::Code;

// Form is how a JPEG is written.
struct Form {
  J_COLOR_SPACE given = JCS_RGB, written = JCS_YCbCr;
  int components = 3;
  bool progressive = false, adobe = false;
};

// jpeg_of writes width by height pixels, all of one colour but for a darker left half.
Bytes jpeg_of(const Form& form, const Bytes& color, JDIMENSION width = 32, JDIMENSION height = 24) {
  jpeg_compress_struct writer{};
  jpeg_error_mgr errors{};
  writer.err = jpeg_std_error(&errors);
  jpeg_create_compress(&writer);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&writer, &out, &size);
  writer.image_width = width, writer.image_height = height;
  writer.input_components = form.components;
  writer.in_color_space = form.given;
  jpeg_set_defaults(&writer);
  jpeg_set_colorspace(&writer, form.written);
  jpeg_set_quality(&writer, 98, TRUE);
  writer.write_Adobe_marker = form.adobe ? TRUE : FALSE;
  if (form.progressive) jpeg_simple_progression(&writer);
  jpeg_start_compress(&writer, TRUE);
  Bytes row;
  for (JDIMENSION x = 0; x < width; ++x) row.insert(row.end(), color.begin(), color.end());
  JSAMPROW rows[1] = {row.data()};
  while (writer.next_scanline < height) jpeg_write_scanlines(&writer, rows, 1);
  jpeg_finish_compress(&writer);
  jpeg_destroy_compress(&writer);
  Bytes made(out, out + size);
  std::free(out);
  return made;
}

void expect_color(const Bytes& jpeg, int red, int green, int blue) {
  const auto read = decode_jpeg(jpeg);
  ASSERT_OK(read);
  ASSERT_EQ(read->width, 32U);
  ASSERT_EQ(read->height, 24U);
  for (std::size_t i = 0; i < read->rgba.size(); i += 4) {
    ASSERT_NEAR(read->rgba[i], red, 4);
    ASSERT_NEAR(read->rgba[i + 1], green, 4);
    ASSERT_NEAR(read->rgba[i + 2], blue, 4);
    ASSERT_EQ(read->rgba[i + 3], 255);
  }
}

TEST(Jpeg, OfEveryColourSpaceIsRead) {
  expect_color(jpeg_of({}, {200, 40, 90}), 200, 40, 90);
  expect_color(jpeg_of({.progressive = true}, {200, 40, 90}), 200, 40, 90);
  expect_color(jpeg_of({JCS_GRAYSCALE, JCS_GRAYSCALE, 1}, {77}), 77, 77, 77);
  expect_color(jpeg_of({JCS_RGB, JCS_RGB, 3, false, true}, {10, 240, 60}), 10, 240, 60);
  // Ink: no cyan, all magenta, half yellow, no black; Adobe writes the opposite of each.
  expect_color(jpeg_of({JCS_CMYK, JCS_CMYK, 4}, {0, 255, 128, 0}), 255, 0, 127);
  expect_color(jpeg_of({JCS_CMYK, JCS_CMYK, 4, false, true}, {255, 0, 127, 255}), 255, 0, 127);
  expect_color(jpeg_of({JCS_CMYK, JCS_YCCK, 4, true, true}, {255, 0, 127, 255}), 255, 0, 127);
}

TEST(Jpeg, ThatIsCutOrDamagedIsRefused) {
  const Bytes good = jpeg_of({.progressive = true}, {200, 40, 90});
  for (std::size_t size = 0; size + 2 < good.size(); ++size)
    EXPECT_FALSE(decode_jpeg(base::ByteView(good).first(size)).has_value()) << size;
  EXPECT_ERROR(decode_jpeg(base::bytes_of("\xFF\xD8\xFF no picture")), Code::malformed);
  Bytes damaged = jpeg_of({}, {200, 40, 90}, 64, 64);
  damaged[damaged.size() - 6] = 0xFF, damaged[damaged.size() - 5] = 0xC4;
  EXPECT_FALSE(decode_jpeg(damaged).has_value());
}

TEST(Jpeg, OfTooManyPixelsIsRefusedBeforeItIsRead) {
  Bytes large = jpeg_of({}, {200, 40, 90});
  for (std::size_t at = 0; at + 9 < large.size(); ++at)
    if (large[at] == 0xFF && large[at + 1] == 0xC0) large[at + 5] = 0xFF;
  EXPECT_ERROR(decode_jpeg(large), Code::limit_exceeded);
}

void append_word(Bytes& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append_chunk(Bytes& out, std::string_view type, const Bytes& body) {
  append_word(out, static_cast<std::uint32_t>(body.size()));
  Bytes whole(type.begin(), type.end());
  whole.insert(whole.end(), body.begin(), body.end());
  out.insert(out.end(), whole.begin(), whole.end());
  append_word(
      out, static_cast<std::uint32_t>(::crc32(0, whole.data(), static_cast<uInt>(whole.size()))));
}

std::uint8_t grey_of(std::uint32_t x, std::uint32_t y) {
  return static_cast<std::uint8_t>(x * 37 + y * 91 + x * y);
}

// interlaced writes grey pixels in seven passes, every row with the filter that looks left.
Bytes interlaced(std::uint32_t width, std::uint32_t height) {
  constexpr std::uint32_t passes[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                          {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
  Bytes rows;
  for (const auto& [x0, y0, dx, dy] : passes)
    for (std::uint32_t y = y0; y < height && x0 < width; y += dy) {
      rows.push_back(1);
      std::uint8_t left = 0;
      for (std::uint32_t x = x0; x < width; x += dx) {
        rows.push_back(static_cast<std::uint8_t>(grey_of(x, y) - left));
        left = grey_of(x, y);
      }
    }
  Bytes packed(::compressBound(rows.size()));
  uLongf size = packed.size();
  EXPECT_EQ(::compress(packed.data(), &size, rows.data(), rows.size()), Z_OK);
  packed.resize(size);
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, header;
  append_word(header, width), append_word(header, height);
  header.insert(header.end(), {8, 0, 0, 0, 1});
  append_chunk(out, "IHDR", header);
  append_chunk(out, "IDAT", packed);
  append_chunk(out, "IEND", {});
  return out;
}

TEST(Png, InterlacedOfEverySizeIsReadPixelByPixel) {
  for (std::uint32_t width = 1; width <= 18; ++width)
    for (std::uint32_t height = 1; height <= 18; ++height) {
      const auto read = decode_png(interlaced(width, height));
      ASSERT_OK(read);
      for (std::uint32_t y = 0; y < height; ++y)
        for (std::uint32_t x = 0; x < width; ++x)
          ASSERT_EQ(read->rgba[(std::size_t{y} * width + x) * 4], grey_of(x, y))
              << width << " by " << height;
    }
}

TEST(Png, InterlacedWithoutItsLastPassOrOfAnUnknownKindIsRefused) {
  Bytes png = interlaced(9, 9);
  const Bytes shorter = interlaced(9, 8);
  Bytes cut = shorter;
  cut[23] = 9;  // the height, while rows of the last pass are missing
  const auto checksum = static_cast<std::uint32_t>(::crc32(0, &cut[12], 17));
  for (std::size_t i = 0; i < 4; ++i)
    cut[29 + i] = static_cast<std::uint8_t>(checksum >> (24 - 8 * i));
  EXPECT_ERROR(decode_png(cut), Code::malformed);
  png[28] = 2;
  EXPECT_ERROR(decode_png(png), Code::malformed);
}

Shading line(Shading::Beyond beyond) {
  Shading out;
  out.begin = {10, 0}, out.end = {20, 0};
  out.stops = {{0, {0, 0, 0, 255}}, {1, {200, 100, 0, 255}}};
  out.before = out.after = beyond;
  return out;
}

TEST(Shading, GoesAlongItsLine) {
  const Shading bounded = line(Shading::Beyond::nothing);
  EXPECT_EQ(bounded.color_at({15, 77}).red, 100);
  EXPECT_EQ(bounded.color_at({15, 77}).green, 50);
  EXPECT_EQ(bounded.color_at({9.9, 0}).alpha, 0);
  EXPECT_EQ(bounded.color_at({20.1, 0}).alpha, 0);
  const Shading open = line(Shading::Beyond::same_color);
  EXPECT_EQ(open.color_at({-500, 0}).red, 0);
  EXPECT_EQ(open.color_at({-500, 0}).alpha, 255);
  EXPECT_EQ(open.color_at({500, 0}).red, 200);
  EXPECT_EQ(bounded.mapped(scaled(2, 2)).color_at({30, 0}).red, 100);
}

TEST(Shading, GoesFromCircleToCircle) {
  Shading ring = line(Shading::Beyond::nothing);
  ring.kind = Shading::Kind::radial;
  ring.begin = ring.end = {50, 50};
  ring.begin_radius = 10, ring.end_radius = 20;
  EXPECT_EQ(ring.color_at({50, 65}).red, 100);
  EXPECT_EQ(ring.color_at({35, 50}).red, 100);
  EXPECT_EQ(ring.color_at({50, 55}).alpha, 0);  // inside the first
  EXPECT_EQ(ring.color_at({50, 71}).alpha, 0);  // outside the last
  ring.before = Shading::Beyond::same_color;
  EXPECT_EQ(ring.color_at({50, 50}).alpha, 255);
}

TEST(Shading, OfNoLengthOrWithoutColoursPaintsNothing) {
  Shading none = line(Shading::Beyond::same_color);
  none.end = none.begin;
  EXPECT_EQ(none.color_at({0, 0}).alpha, 0);
  none.kind = Shading::Kind::radial;
  EXPECT_EQ(none.color_at({0, 0}).alpha, 0);
  Shading empty = line(Shading::Beyond::same_color);
  empty.stops.clear();
  EXPECT_EQ(empty.color_at({15, 0}).alpha, 0);
  Shading flat = line(Shading::Beyond::same_color);
  flat.place = scaled(1, 0);
  EXPECT_EQ(flat.color_at({15, 0}).alpha, 0);
}

TEST(Shading, ComesAgainAsOftenAsThereIsRoom) {
  Shading waves = line(Shading::Beyond::nothing);
  const auto once = waves.stops;
  waves.stops = cycled(once, Cycle::again, 0.25);
  EXPECT_EQ(waves.stops.size(), 8U);
  EXPECT_NEAR(waves.color_at({11.25, 0}).red, 100, 1);
  EXPECT_NEAR(waves.color_at({13.75, 0}).red, 100, 1);
  waves.stops = cycled(once, Cycle::back_and_forth, 0.5);
  EXPECT_NEAR(waves.color_at({15, 0}).red, 200, 1);
  EXPECT_NEAR(waves.color_at({20, 0}).red, 0, 1);
  EXPECT_LE(cycled(once, Cycle::again, 1e-9).size(), kStopsMax);
  EXPECT_EQ(cycled(once, Cycle::again, 0).size(), 2U);
}

}  // namespace
}  // namespace heqi::documents::drawing
