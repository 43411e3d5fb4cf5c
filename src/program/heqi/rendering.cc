#include "rendering.h"

#include <unistd.h>

#include <charconv>
#include <cmath>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/drawing/typeface.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/documents/pdf/document.h>

#include "confined_run.h"
#include "process.h"

namespace heqi::program {

namespace drawing = documents::drawing;
namespace ofd_render = documents::ofd_render;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr double kPoint = 25.4 / 72;  // millimetres of a point

// A message to or from the worker is lines of text, an empty line, and octets.
struct Message {
  std::vector<std::string> lines;
  ByteView octets;
};

Bytes encode(const std::vector<std::string>& lines, ByteView octets) {
  Bytes out;
  for (const std::string& line : lines) base::append(out, base::bytes_of(line + "\n"));
  out.push_back('\n');
  base::append(out, octets);
  return out;
}

Result<Message> decode(ByteView in) {
  constexpr std::size_t lines_max = 10'000;
  Message out;
  while (out.lines.size() < lines_max) {
    const std::string_view text = base::text_of(in);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    in = in.subspan(end + 1);
    if (end == 0) {
      out.octets = in;
      return out;
    }
    out.lines.emplace_back(text.substr(0, end));
  }
  return fail(Code::malformed, "the worker's message");
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number out{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return out;
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text.empty() ? " " : text;
}

Result<RenderRequest> request_of(const std::vector<std::string>& lines) {
  if (lines.size() != 4) return fail(Code::malformed, "the worker's request");
  const auto body = number_of<std::size_t>(lines[0]), page = number_of<std::size_t>(lines[1]);
  const auto pixels = number_of<double>(lines[3]);
  if (!body || !page || !pixels || !(*pixels > 0)) return fail(Code::malformed, "the request");
  RenderRequest out;
  out.body = *body, out.page = *page, out.pixels_per_mm = *pixels;
  out.output = lines[2] == "svg" ? ofd_render::Output::svg : ofd_render::Output::png;
  return out;
}

Bytes encode_error(const base::Error& error) {
  return encode({"error", std::string(base::error_text(error.code).id), one_line(error.detail)},
                {});
}

Result<Rendered> decode_rendered(ByteView answer) {
  HEQI_TRY(const Message message, decode(answer));
  const auto& lines = message.lines;
  if (lines.size() == 3 && lines[0] == "error")
    return fail(base::find_error(lines[1]).value_or(Code::malformed), lines[2]);
  if (lines.size() < 5 || lines[0] != "ok") return fail(Code::malformed, "the worker's answer");
  const auto width = number_of<double>(lines[1]), height = number_of<double>(lines[2]);
  const auto pages = number_of<std::size_t>(lines[3]);
  if (!width || !height || !pages) return fail(Code::malformed, "the worker's answer");
  Rendered out;
  out.octets = base::to_bytes(message.octets);
  out.width_mm = *width, out.height_mm = *height, out.pages = *pages;
  out.digest = lines[4];
  out.notes.assign(lines.begin() + 5, lines.end());
  return out;
}

Result<Rendered> render_ofd(ByteView file, const RenderRequest& request) {
  if (file.size() > kRenderInputMax - 1024)
    return fail(Code::limit_exceeded, "a file too large to be drawn");
  const bool svg = request.output == ofd_render::Output::svg;
  const Bytes input = encode({std::to_string(request.body), std::to_string(request.page),
                              svg ? "svg" : "png", std::to_string(request.pixels_per_mm)},
                             file);
  HEQI_TRY(const Bytes answer, run_in_worker("render", input, kRenderedMax));
  HEQI_TRY(Rendered out, decode_rendered(answer));
  // The worker reads the same octets; a digest that differs is a fault of this program.
  if (out.digest != base::to_hex(crypto::sm3(file)))
    return fail(Code::internal, "the worker drew other octets");
  return out;
}

Result<std::string> find_poppler(const char* name) {
  for (const char* folder : {"/usr/bin/", "/usr/local/bin/"})
    if (::access((std::string(folder) + name).c_str(), X_OK) == 0)
      return std::string(folder) + name;
  return fail(Code::unavailable, std::string(name) + " is not here; install poppler-utils");
}

Result<Rendered> render_pdf(ByteView file, const RenderRequest& request) {
  HEQI_TRY(const documents::pdf::Document document, documents::pdf::Document::parse(file));
  HEQI_TRY(const std::vector<documents::pdf::Page> pages, document.pages());
  if (request.page >= pages.size())
    return fail(Code::not_found, "there is no page " + std::to_string(request.page + 1));
  const bool svg = request.output == ofd_render::Output::svg;
  HEQI_TRY(const std::string program, find_poppler(svg ? "pdftocairo" : "pdftoppm"));
  const std::string number = std::to_string(request.page + 1);
  ConfinedRun run{{program, "-f", number, "-l", number}, Fence::foreign_program, kRenderedMax};
  if (svg)
    run.arguments.insert(run.arguments.end(), {"-svg", "-", "-"});
  else
    run.arguments.insert(run.arguments.end(), {"-cropbox", "-png", "-r",
                                               std::to_string(request.pixels_per_mm * 25.4), "-"});
  const documents::pdf::Page& page = pages[request.page];
  const double width = page.crop_box.width() * kPoint, height = page.crop_box.height() * kPoint;
  const bool turned = page.rotate % 180 != 0;
  Rendered out;
  out.width_mm = turned ? height : width, out.height_mm = turned ? width : height;
  HEQI_TRY(out.octets, run_confined(run, file));
  if (out.octets.empty()) return fail(Code::malformed, "the page could not be drawn");
  out.pages = pages.size();
  out.digest = base::to_hex(crypto::sm3(file));
  return out;
}

}  // namespace

Result<Rendered> render_confined(ByteView file, const RenderRequest& request) {
  return documents::ofd::is_package(file) ? render_ofd(file, request) : render_pdf(file, request);
}

void warm_up_rendering() {
  for (const drawing::Style style : {drawing::Style::song, drawing::Style::hei})
    static_cast<void>(drawing::Typeface::open_style(style));  // a missing font is named later
}

Bytes answer_rendering(ByteView input) {
  const auto message = decode(input);
  if (!message) return encode_error(message.error());
  const auto request = request_of(message->lines);
  if (!request) return encode_error(request.error());
  const auto done = ofd_render::render_page(message->octets, *request);
  if (!done) return encode_error(done.error());
  std::vector<std::string> lines{"ok", std::to_string(done->width_mm),
                                 std::to_string(done->height_mm), std::to_string(done->pages),
                                 done->digest};
  for (const std::string& note : done->notes) lines.push_back(one_line(note));
  return encode(lines, done->octets);
}

}  // namespace heqi::program
