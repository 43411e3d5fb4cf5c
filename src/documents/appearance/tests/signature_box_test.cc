#include <heqi/documents/appearance/seal_box.h>
#include <heqi/documents/appearance/signature_box.h>
#include <heqi/testing/expect.h>

#include <zlib.h>

#include <heqi/documents/appearance/compress.h>

namespace heqi::documents::appearance {
namespace {

using base::Bytes;
using base::Code;

// font is the system's; the tests need fonts-noto-cjk, as the program does.
const Font& font() {
  static const Font opened = *Font::open({});
  return opened;
}

SignatureBox box() {
  SignatureBox out;
  out.signer = "张晓岚";
  out.date = "2026-11-21 16:41:56 +08:00";
  out.code = "验证码 7K3M-Q2XD";
  return out;
}

void put_word(Bytes& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

Bytes png_of(std::uint32_t width, std::uint32_t height, std::uint8_t kind, const Bytes& rows) {
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  const auto chunk = [&](std::string_view type, const Bytes& body) {
    put_word(out, body.size());
    Bytes checked = base::to_bytes(type);
    base::append(checked, body);
    base::append(out, checked);
    put_word(out, ::crc32(0, checked.data(), static_cast<uInt>(checked.size())));
  };
  Bytes header;
  put_word(header, width);
  put_word(header, height);
  base::append(header, Bytes{8, kind, 0, 0, 0});
  chunk("IHDR", header);
  chunk("IDAT", compress(rows));
  chunk("IEND", {});
  return out;
}

TEST(SignatureBox, IsTheSameForTheSameInputAndOnlyAsLargeAsItsCharacters) {
  const auto made = make_signature_box(font(), box());
  ASSERT_OK(made);
  EXPECT_EQ(made->width, 170);
  const auto again = make_signature_box(font(), box());
  ASSERT_EQ(made->graph.objects.size(), again->graph.objects.size());
  std::size_t size = 0;
  for (std::size_t i = 0; i < made->graph.objects.size(); ++i) {
    EXPECT_EQ(made->graph.objects[i].value, again->graph.objects[i].value);
    EXPECT_EQ(made->graph.objects[i].data, again->graph.objects[i].data);
    if (made->graph.objects[i].data) size += made->graph.objects[i].data->size();
  }
  EXPECT_LT(size, 40'000u);
}

TEST(SignatureBox, RefusesWhatItCannotShow) {
  SignatureBox bad = box();
  bad.signer = "\xF3\xB0\x80\x80";  // private use, in no font
  EXPECT_ERROR(make_signature_box(font(), bad), Code::unsupported);
  bad.signer = "\xff";
  EXPECT_ERROR(make_signature_box(font(), bad), Code::malformed);
  bad = box();
  bad.width = 5;
  EXPECT_ERROR(make_signature_box(font(), bad), Code::malformed);
  bad = box();
  bad.picture = Picture{2, 2, Bytes(15)};
  EXPECT_ERROR(make_signature_box(font(), bad), Code::malformed);
  bad.picture = Picture{};
  EXPECT_ERROR(make_signature_box(font(), bad), Code::malformed);
}

TEST(SignatureBox, MissingAndBrokenFontsAreNamed) {
  EXPECT_ERROR(Font::open({"/nowhere/font.ttc", "SC"}), Code::unavailable);
  EXPECT_ERROR(Font::open({HEQI_EXAMPLES "/lease.pdf", "SC"}), Code::malformed);
}

TEST(Png, EveryFilterAndColourIsRead) {
  // Rows of two pixels; the filters none, sub, up, average, Paeth.
  const auto grey = parse_png(png_of(2, 5, 0, {0, 10, 20, 1, 5, 5, 2, 1, 1, 3, 1, 1, 4, 1, 1}));
  ASSERT_OK(grey);
  const std::array<int, 10> expected = {10, 20, 5, 10, 6, 11, 4, 8, 5, 9};
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(grey->rgba[4 * i], expected[i]) << i;
    EXPECT_EQ(grey->rgba[4 * i + 3], 255);
  }
  const auto color = parse_png(png_of(1, 1, 6, {0, 1, 2, 3, 4}));
  ASSERT_OK(color);
  EXPECT_EQ(color->rgba, (Bytes{1, 2, 3, 4}));
  SignatureBox with = box();
  with.picture = *color;
  EXPECT_OK(make_signature_box(font(), with));
}

TEST(Png, RefusesBrokenPictures) {
  const Bytes good = png_of(1, 1, 6, {0, 1, 2, 3, 4});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_ERROR(parse_png(base::ByteView(good).first(size)), Code::malformed) << size;
  for (std::size_t at = 8; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] ^= 1;
    EXPECT_FALSE(parse_png(bad).has_value()) << at;
  }
  EXPECT_ERROR(parse_png(png_of(5000, 1, 6, {0})), Code::limit_exceeded);
  EXPECT_ERROR(parse_png(png_of(0, 1, 6, {0})), Code::malformed);
  EXPECT_ERROR(parse_png(png_of(1, 1, 3, {0, 0})), Code::unsupported);
  EXPECT_ERROR(parse_png(png_of(1, 1, 6, {7, 1, 2, 3, 4})), Code::malformed);
  EXPECT_ERROR(parse_png(png_of(1, 2, 6, {0, 1, 2, 3, 4})), Code::malformed);
  EXPECT_ERROR(parse_png(png_of(1, 1, 0, {0, 1, 0, 1, 0, 1})), Code::limit_exceeded);
}

TEST(SealBox, IsThePictureAloneInItsMillimetres) {
  const Picture picture{1, 2, {255, 0, 0, 128, 0, 0, 255, 0}};
  const auto made = make_seal_box(picture, 40, 25.4);
  ASSERT_OK(made);
  EXPECT_EQ(made->fit, pdf::Fit::exact);
  EXPECT_DOUBLE_EQ(made->height, 72);
  EXPECT_NEAR(made->width, 113.386, 0.001);
  ASSERT_EQ(made->graph.objects.size(), 3u);  // form, colours, opacity
  EXPECT_NE(made->graph.objects[1].value.dictionary()->find("SMask"), nullptr);
  EXPECT_ERROR(make_seal_box(picture, 0, 40), Code::malformed);
  EXPECT_ERROR(make_seal_box({2, 2, Bytes(4)}, 40, 40), Code::malformed);
}

}  // namespace
}  // namespace heqi::documents::appearance
