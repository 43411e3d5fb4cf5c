// heqi ofd: the OFD twin of a PDF from a template of ours.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/twin/twin.h>

#include <array>
#include <cstdio>

#include "arguments.h"
#include "commands.h"

namespace heqi::program {

using base::Bytes;
using base::Result;

namespace {

constexpr std::size_t kPdfSizeMax = std::size_t{256} << 20;

constexpr std::array kTwinOptions{
    Option{"--out", "FILE.ofd", "where the OFD goes", "输出文件", Need::required},
    Option{"--title", "TEXT", "the document's title; default the file's name", "文档标题"},
    Option{"--created", "TIME", "when the contract was made, RFC 3339; default now", "创建时间"},
    Option{"--json", "", "answer in JSON", "以 JSON 输出"}};

constexpr Syntax kTwin{
    "heqi ofd twin",
    "FILE.pdf",
    1,
    1,
    "Writes the OFD twin of an unsigned PDF from a template of this platform: the same letters\n"
    "at the same places, in the same embedded font. What other makers' PDF files have and ours\n"
    "do not is refused by its name. Sign both with the same seal (heqi sign --seal).",
    "由本平台模板生成的 PDF 制作同版式 OFD；其他来源的 PDF 会被指明原因后拒绝。",
    kTwinOptions};

Result<int> make_twin(const Arguments& arguments) {
  const std::string& input = arguments.operands()[0];
  documents::twin::TwinWish wish;
  wish.title = arguments.find("--title").value_or(input.substr(input.rfind('/') + 1));
  wish.created = std::chrono::floor<std::chrono::seconds>(base::SystemClock().now());
  if (const auto time = arguments.find("--created")) {
    HEQI_TRY(wish.created, base::parse_rfc3339(*time));
  }
  HEQI_TRY(const Bytes pdf, base::read_file(input, kPdfSizeMax));
  HEQI_TRY(const Bytes made, documents::twin::make_ofd_twin(pdf, wish));
  HEQI_TRY(base::write_file(arguments.get("--out"), made));
  const std::string digest = base::to_hex(crypto::sm3(made));
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("pdf", input).field("pdf_sm3", base::to_hex(crypto::sm3(pdf)));
    json.field("ofd", arguments.get("--out")).field("ofd_sm3", digest).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s  SM3 %s\n", arguments.get("--out").c_str(), digest.c_str());
  }
  return kExitDone;
}

int print_ofd_help(std::FILE* to, int code) {
  std::fputs(
      "heqi ofd twin [--help]\n\n"
      "  twin      the OFD twin of a PDF from a template · 由模板 PDF 制作同版式 OFD\n",
      to);
  return code;
}

}  // namespace

int run_ofd(CommandLine arguments) {
  if (arguments.empty()) return print_ofd_help(stderr, kExitUsage);
  if (arguments[0] == "--help") return print_ofd_help(stdout, kExitDone);
  if (arguments[0] == "twin") return run_command(kTwin, arguments.subspan(1), make_twin);
  return print_ofd_help(stderr, kExitUsage);
}

}  // namespace heqi::program
