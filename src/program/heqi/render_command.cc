// heqi render: pages of an OFD or PDF as SVG or PNG, drawn in confined processes.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "arguments.h"
#include "commands.h"
#include "rendering.h"

namespace heqi::program {

namespace ofd_render = documents::ofd_render;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr std::array kOptions{
    Option{"--output", "DIR", "a folder for all pages, page-0001.png and so on, and rendering.json",
           "输出目录：每页一个文件，另有 rendering.json"},
    Option{"--format", "png|svg", "of the files in the folder; default png",
           "目录中文件的格式，默认 png"},
    Option{"--out", "FILE", "one page instead: a file that ends with .svg or .png",
           "只输出一页的文件（.svg 或 .png）"},
    Option{"--page", "N", "which page goes to --out; default 1", "页码，默认 1"},
    Option{"--resolution", "DPI", "of PNG, dots to the inch; default 150", "分辨率，默认 150"},
    Option{"--dpi", "DPI", "the same", "同上"},
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};

constexpr Syntax kSyntax{
    "heqi render",
    "FILE.ofd|FILE.pdf",
    1,
    1,
    "Draws pages with their seals, in a process without network, files and programs. A PDF is\n"
    "drawn by pdftoppm or pdftocairo (poppler-utils). What cannot be drawn is named. The SM3 of\n"
    "the file is printed; heqi verify prints the same one: what is seen is what is signed.",
    "在隔离进程中渲染 OFD 或 PDF 页面（含印章），并输出文件的 SM3 摘要。",
    kOptions};

// Wish is what the command line asks for.
struct Wish {
  std::string input, folder, single;
  RenderRequest first;
  const char* extension = "png";
};

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

// complaint_of names what does not fit together, or is empty.
std::string complaint_of(const Arguments& arguments) {
  const std::string out = arguments.get("--out"), format = arguments.get("--format");
  if (arguments.has("--out") == arguments.has("--output"))
    return "either --output DIR, for all pages, or --out FILE, for one";
  if (arguments.has("--out") && !out.ends_with(".svg") && !out.ends_with(".png"))
    return "--out: a name that ends with .svg or .png";
  if (!format.empty() && format != "svg" && format != "png") return "--format: svg or png";
  if (arguments.has("--output") && arguments.has("--page")) return "--page is for --out";
  return {};
}

Result<Wish> wish_of(const Arguments& arguments) {
  Wish out;
  out.input = arguments.operands()[0];
  out.folder = arguments.get("--output"), out.single = arguments.get("--out");
  HEQI_TRY(const unsigned page, number_of(arguments, "--page", 1, 1'000'000));
  HEQI_TRY(const unsigned dpi, number_of(arguments, "--dpi", 150, 2'400));
  HEQI_TRY(const unsigned resolution, number_of(arguments, "--resolution", dpi, 2'400));
  const bool svg = arguments.get("--format") == "svg" || out.single.ends_with(".svg");
  out.extension = svg ? "svg" : "png";
  out.first.page = page - 1;
  out.first.output = svg ? ofd_render::Output::svg : ofd_render::Output::png;
  out.first.pixels_per_mm = resolution / 25.4;
  return out;
}

// Drawn is one page with the file that it went to.
struct Drawn {
  std::string path;
  std::size_t page = 0;
  Rendered rendered;  // without its octets
  std::string picture_digest;
};

Result<Drawn> draw(base::ByteView file, const RenderRequest& request, const std::string& path) {
  Drawn out{path, request.page + 1, {}, {}};
  HEQI_TRY(out.rendered, render_confined(file, request));
  HEQI_TRY(base::write_file(path, out.rendered.octets));
  out.picture_digest = base::to_hex(crypto::sm3(out.rendered.octets));
  out.rendered.octets = {};
  return out;
}

std::string name_of_page(const Wish& wish, std::size_t page) {
  char name[32];
  std::snprintf(name, sizeof name, "/page-%04zu.%s", page + 1, wish.extension);
  return wish.folder + name;
}

Result<std::vector<Drawn>> draw_all(base::ByteView file, const Wish& wish) {
  std::error_code failed;
  std::filesystem::create_directories(wish.folder, failed);
  if (failed) return fail(Code::storage, wish.folder + ": " + failed.message());
  std::vector<Drawn> out;
  RenderRequest request = wish.first;
  for (request.page = 0; out.empty() || request.page < out.front().rendered.pages; ++request.page) {
    HEQI_TRY(Drawn one, draw(file, request, name_of_page(wish, request.page)));
    out.push_back(std::move(one));
  }
  return out;
}

std::string to_json(const Wish& wish, const std::vector<Drawn>& all) {
  base::JsonWriter json;
  json.begin_object().field("file", wish.input).field("sm3", all.front().rendered.digest);
  json.field("pages", static_cast<std::int64_t>(all.front().rendered.pages));
  json.key("drawn").begin_array();
  for (const Drawn& one : all) {
    json.begin_object().field("page", static_cast<std::int64_t>(one.page)).field("out", one.path);
    json.field("picture_sm3", one.picture_digest);
    json.key("width_mm").number(one.rendered.width_mm);
    json.key("height_mm").number(one.rendered.height_mm);
    json.key("notes").begin_array();
    for (const std::string& note : one.rendered.notes) json.text(note);
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.str();
}

void print_text(const std::vector<Drawn>& all) {
  for (const Drawn& one : all) {
    std::printf("%s  %zu/%zu  SM3 %s\n", one.path.c_str(), one.page, one.rendered.pages,
                one.rendered.digest.c_str());
    for (const std::string& note : one.rendered.notes) std::printf("  (i) %s\n", note.c_str());
  }
}

Result<int> render(const Arguments& arguments) {
  if (const std::string complaint = complaint_of(arguments); !complaint.empty()) {
    print_usage_error(kSyntax.command, complaint);
    return kExitUsage;
  }
  HEQI_TRY(const Wish wish, wish_of(arguments));
  HEQI_TRY(const base::Bytes file, base::read_file(wish.input, kRenderInputMax));
  std::vector<Drawn> all;
  if (wish.folder.empty()) {
    HEQI_TRY(Drawn one, draw(file, wish.first, wish.single));
    all.push_back(std::move(one));
  } else {
    HEQI_TRY(all, draw_all(file, wish));
    HEQI_TRY(base::write_file(wish.folder + "/rendering.json",
                              base::bytes_of(to_json(wish, all) + "\n")));
  }
  if (arguments.has("--json"))
    std::printf("%s\n", to_json(wish, all).c_str());
  else
    print_text(all);
  return kExitDone;
}

}  // namespace

int run_render(CommandLine arguments) {
  return run_command(kSyntax, arguments, render);
}

}  // namespace heqi::program
