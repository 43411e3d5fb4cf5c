// Reads JPEG with libjpeg-turbo. Its errors are jumps; nothing that has a destructor lives in the
// frames they leave.
#include <csetjmp>
#include <cstdio>  // before jpeglib.h, which needs FILE

#include <jpeglib.h>

#include <string>

#include <heqi/documents/drawing/canvas.h>

namespace heqi::documents::drawing {

using base::ByteView;
using base::Code;
using base::fail;

namespace {

constexpr long kMemoryMax = 256L << 20;
constexpr int kScansMax = 64;  // a progressive picture of many scans costs a pass for each

struct Decoding {
  jpeg_error_mgr errors{};  // first: libjpeg hands its address back
  std::jmp_buf out_of_it{};
  jpeg_progress_mgr progress{};
  bool too_many_scans = false;
  jpeg_decompress_struct reader{};
};

[[noreturn]] void leave(j_common_ptr common) {
  auto* decoding = reinterpret_cast<Decoding*>(common->err);
  std::longjmp(decoding->out_of_it, 1);
}

// complain: a warning says that data is damaged or missing; such a picture has no one look.
void complain(j_common_ptr common, int level) {
  if (level < 0) leave(common);
}

void count_scans(j_common_ptr common) {
  auto* decoding = reinterpret_cast<Decoding*>(common->err);
  if (decoding->reader.input_scan_number <= kScansMax) return;
  decoding->too_many_scans = true;
  leave(common);
}

void be_silent(j_common_ptr) {}

void begin(Decoding& decoding, ByteView jpeg) {
  jpeg_decompress_struct& reader = decoding.reader;
  jpeg_create_decompress(&reader);
  reader.mem->max_memory_to_use = kMemoryMax;
  reader.progress = &decoding.progress;
  decoding.progress.progress_monitor = count_scans;
  jpeg_mem_src(&reader, jpeg.data(), static_cast<unsigned long>(jpeg.size()));
  jpeg_read_header(&reader, TRUE);
  const bool four = reader.jpeg_color_space == JCS_CMYK || reader.jpeg_color_space == JCS_YCCK;
  reader.out_color_space = four ? JCS_CMYK : JCS_RGB;
  reader.dct_method = JDCT_ISLOW;  // the same octets on every machine
}

// put_row translates a row in place: three or four channels to four of RGBA. Adobe's programs write
// ink as its opposite.
void put_row(const jpeg_decompress_struct& reader, const std::uint8_t* row, std::uint8_t* out) {
  const bool four = reader.out_color_components == 4;
  for (JDIMENSION x = 0; x < reader.output_width; ++x, out += 4) {
    const std::uint8_t* pixel = row + std::size_t{x} * (four ? 4 : 3);
    for (int i = 0; i < 3; ++i) {
      const unsigned paper = reader.saw_Adobe_marker ? pixel[i] : 255U - pixel[i];
      const unsigned light = four ? (reader.saw_Adobe_marker ? pixel[3] : 255U - pixel[3]) : 255U;
      out[i] = static_cast<std::uint8_t>(four ? paper * light / 255 : pixel[i]);
    }
    out[3] = 255;
  }
}

void read_rows(Decoding& decoding, std::uint8_t* row, Picture& out) {
  jpeg_decompress_struct& reader = decoding.reader;
  jpeg_start_decompress(&reader);
  while (reader.output_scanline < reader.output_height) {
    std::uint8_t* const place =
        out.rgba.data() + std::size_t{reader.output_scanline} * reader.output_width * 4;
    JSAMPROW rows[1] = {row};
    if (jpeg_read_scanlines(&reader, rows, 1) == 1) put_row(reader, row, place);
  }
  jpeg_finish_decompress(&reader);
}

// guarded runs one step; false where libjpeg left it.
template <class Step>
bool guarded(Decoding& decoding, const Step& step) {
  if (setjmp(decoding.out_of_it) != 0) return false;
  step();
  return true;
}

}  // namespace

base::Result<Picture> decode_jpeg(ByteView jpeg) {
  Decoding decoding;
  decoding.reader.err = jpeg_std_error(&decoding.errors);
  decoding.errors.error_exit = leave;
  decoding.errors.emit_message = complain;
  decoding.errors.output_message = be_silent;
  struct End {
    jpeg_decompress_struct& reader;
    ~End() { jpeg_destroy_decompress(&reader); }
  } const end{decoding.reader};
  const jpeg_decompress_struct& reader = decoding.reader;
  if (!guarded(decoding, [&] { begin(decoding, jpeg); }))
    return fail(Code::malformed, "JPEG: no header that can be read");
  if (reader.image_width > kPictureSideMax || reader.image_height > kPictureSideMax)
    return fail(Code::limit_exceeded, "JPEG: too many pixels");
  Picture out{reader.image_width, reader.image_height,
              base::Bytes(std::size_t{reader.image_width} * reader.image_height * 4)};
  base::Bytes row(std::size_t{reader.image_width} * 4);
  if (guarded(decoding, [&] { read_rows(decoding, row.data(), out); })) return out;
  if (decoding.too_many_scans) return fail(Code::limit_exceeded, "JPEG: too many scans");
  return fail(Code::malformed, "JPEG: damaged or cut");
}

}  // namespace heqi::documents::drawing
