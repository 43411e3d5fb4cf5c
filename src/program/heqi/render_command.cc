// heqi render: pages of an OFD as SVG or PNG.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/documents/ofd_render/render.h>

#include <array>
#include <charconv>
#include <cstdio>

#include "arguments.h"
#include "commands.h"

namespace heqi::program {

namespace ofd_render = documents::ofd_render;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t kOfdSizeMax = std::size_t{1} << 30;

constexpr std::array kOptions{
    Option{"--page", "N", "which page; default 1", "页码，默认 1"},
    Option{"--out", "FILE", "ends with .svg or .png", "输出文件（.svg 或 .png）", Need::required},
    Option{"--dpi", "N", "of a PNG; default 150", "分辨率，默认 150"},
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};

constexpr Syntax kSyntax{
    "heqi render",
    "FILE.ofd",
    1,
    1,
    "Draws one page of an OFD with its seals. What cannot be drawn is named. The SM3 of the\n"
    "file is printed; heqi verify prints the same one: what is seen is what is signed.",
    "渲染 OFD 的一页（含印章），并输出文件的 SM3 摘要。",
    kOptions};

Result<unsigned> number_of(const Arguments& arguments, std::string_view name, unsigned otherwise,
                           unsigned most) {
  const auto text = arguments.find(name);
  if (!text) return otherwise;
  unsigned out = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), out);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size() || out == 0 || out > most)
    return fail(Code::malformed, std::string(name) + ": 1 to " + std::to_string(most));
  return out;
}

void print_rendered(const Arguments& arguments, const ofd_render::Rendered& done, unsigned page) {
  if (!arguments.has("--json")) {
    std::printf("%s  %u/%zu  SM3 %s\n", arguments.get("--out").c_str(), page, done.pages,
                done.digest.c_str());
    for (const std::string& note : done.notes) std::printf("  (i) %s\n", note.c_str());
    return;
  }
  base::JsonWriter json;
  json.begin_object().field("file", arguments.operands()[0]).field("sm3", done.digest);
  json.field("page", std::int64_t{page}).field("pages", static_cast<std::int64_t>(done.pages));
  json.key("width_mm").number(done.width_mm).key("height_mm").number(done.height_mm);
  json.key("notes").begin_array();
  for (const std::string& note : done.notes) json.text(note);
  json.end_array().end_object();
  std::printf("%s\n", json.str().c_str());
}

Result<int> render(const Arguments& arguments) {
  const std::string out = arguments.get("--out");
  if (!out.ends_with(".svg") && !out.ends_with(".png")) {
    print_usage_error(kSyntax.command, "--out: a name that ends with .svg or .png");
    return kExitUsage;
  }
  HEQI_TRY(const unsigned page, number_of(arguments, "--page", 1, 1'000'000));
  HEQI_TRY(const unsigned dpi, number_of(arguments, "--dpi", 150, 2'400));
  HEQI_TRY(const base::Bytes file, base::read_file(arguments.operands()[0], kOfdSizeMax));
  ofd_render::RenderRequest request;
  request.page = page - 1;
  request.output = out.ends_with(".svg") ? ofd_render::Output::svg : ofd_render::Output::png;
  request.pixels_per_mm = dpi / 25.4;
  HEQI_TRY(const ofd_render::Rendered done, ofd_render::render_page(file, request));
  HEQI_TRY(base::write_file(out, done.octets));
  print_rendered(arguments, done, page);
  return kExitDone;
}

}  // namespace

int run_render(CommandLine arguments) {
  return run_command(kSyntax, arguments, render);
}

}  // namespace heqi::program
