// heqi watermark: puts marks against counterfeits on the pages of an OFD, and reads them.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/documents/drawing/canvas.h>

#include <array>
#include <charconv>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "mark_reading.h"

namespace heqi::program {

namespace marked = documents::marked;
using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kOfdSizeMax = std::size_t{256} << 20;
constexpr std::size_t kScanSizeMax = std::size_t{128} << 20;

constexpr std::array kEmbedOptions{
    Option{"--use", "TEXT", "what this copy is for; the marks are bound to it", "用途，与水印绑定",
           Need::required},
    Option{
        "--mark", "robust|dots|fragile",
        "invisible, visible micro-pattern, or destroyed by any copy; may be repeated; default all",
        "不可见、密度或光学防伪水印；可重复；默认全部", Need::repeatable},
    Option{"--secret", "FILE", "hides the marks from who does not have it", "水印密钥文件"},
    Option{"--out", "FILE.ofd", "where the marked OFD goes", "输出文件", Need::required}};
constexpr Syntax kEmbed{
    "heqi watermark embed",
    "FILE.ofd",
    1,
    1,
    "Puts marks on every page of an OFD that nobody has signed yet. Sign it afterwards: the\n"
    "signature covers marks and record. heqi verify --marks reads them.",
    "在未签名的 OFD 每页加入防伪水印，然后再签名。",
    kEmbedOptions};

constexpr std::array kReadOptions{
    Option{"--of", "FILE.ofd", "the document that the page is said to be of", "所属文档",
           Need::required},
    Option{"--secret", "FILE", "with which the marks were made", "水印密钥文件"},
    Option{"--resolution", "DPI", "of the picture; default 150", "图像分辨率，默认 150"},
    Option{"--paper", "",
           "the page was printed and scanned: it may be turned and stretched a little",
           "页面经打印扫描"},
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};
constexpr Syntax kRead{
    "heqi watermark read",
    "PAGE.png",
    1,
    1,
    "Reads the marks in the picture of a page and compares them with those of a document. Exit\n"
    "code 0: at least one mark says that the page is of this document; 1: none does.",
    "读取页面图像中的水印并与文档比对。",
    kReadOptions};

Result<marked::MarkRecord> record_of(const Arguments& arguments) {
  marked::MarkRecord out;
  out.use = arguments.get("--use");
  for (const std::string& name : arguments.all("--mark")) {
    const auto mark = marked::find_mark(name);
    if (!mark) return fail(Code::malformed, "--mark: robust, dots or fragile");
    out.marks.push_back(*mark);
  }
  if (out.marks.empty())
    out.marks = {marked::Mark::robust, marked::Mark::dots, marked::Mark::fragile};
  return out;
}

Result<int> embed(const Arguments& arguments) {
  HEQI_TRY(const marked::MarkRecord wish, record_of(arguments));
  HEQI_TRY(const crypto::Digest secret, load_mark_secret(arguments));
  HEQI_TRY(const Bytes file, base::read_file(arguments.operands()[0], kOfdSizeMax));
  HEQI_TRY(const Bytes done, marked::mark_document(file, wish, secret));
  HEQI_TRY(base::write_file(arguments.get("--out"), done));
  std::printf("%s  SM3 %s\n", arguments.get("--out").c_str(),
              base::to_hex(crypto::sm3(done)).c_str());
  return kExitDone;
}

Result<marked::Scan> scan_of(const Arguments& arguments) {
  marked::Scan out;
  if (const auto text = arguments.find("--resolution")) {
    double dpi = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), dpi);
    if (read.ec != std::errc() || !(dpi >= 72 && dpi <= 1'200))
      return fail(Code::malformed, "--resolution: 72 to 1200");
    out.pixels_per_mm = dpi / 25.4;
  }
  if (arguments.has("--paper")) out.search = {.scale = 0.008, .degrees = 0.5};
  return out;
}

Result<int> read(const Arguments& arguments) {
  HEQI_TRY(const marked::Scan scan, scan_of(arguments));
  HEQI_TRY(const crypto::Digest secret, load_mark_secret(arguments));
  HEQI_TRY(const Bytes file, base::read_file(arguments.get("--of"), kOfdSizeMax));
  HEQI_TRY(const documents::ofd::Package package, documents::ofd::Package::open(file));
  HEQI_TRY(const auto record, marked::find_record(package));
  if (!record) return fail(Code::not_found, arguments.get("--of") + ": it has no marks");
  HEQI_TRY(const Bytes png, base::read_file(arguments.operands()[0], kScanSizeMax));
  HEQI_TRY(const documents::drawing::Picture page, documents::drawing::decode_png(png));
  const PageMarks marks = marked::read_page(page, *record, secret, scan);
  bool own = false;
  for (const marked::MarkReading& one : marks) own = own || one.state == marked::MarkState::read;
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("picture", arguments.operands()[0]).field("use", record->use);
    json.field("document", base::to_hex(record->document)).key("marks");
    write_marks(json, marks);
    json.end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s  %s\n", arguments.operands()[0].c_str(), marks_text(marks).c_str());
  }
  return own ? kExitDone : kExitRefused;
}

int print_watermark_help(std::FILE* to, int code) {
  std::fputs(
      "heqi watermark embed|read [--help]\n\n"
      "  embed     puts marks on the pages of an OFD · 加入防伪水印\n"
      "  read      reads the marks in the picture of a page · 读取页面图像中的水印\n",
      to);
  return code;
}

}  // namespace

int run_watermark(CommandLine arguments) {
  if (arguments.empty()) return print_watermark_help(stderr, kExitUsage);
  const CommandLine rest = arguments.subspan(1);
  if (arguments[0] == "--help") return print_watermark_help(stdout, kExitDone);
  if (arguments[0] == "embed") return run_command(kEmbed, rest, embed);
  if (arguments[0] == "read") return run_command(kRead, rest, read);
  return print_watermark_help(stderr, kExitUsage);
}

}  // namespace heqi::program
