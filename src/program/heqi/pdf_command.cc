// heqi pdf: what is in a PDF, what should not be there before it is signed, fields for the parties,
// a signature in two phases for keys that are elsewhere, and what makes signatures last.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/documents/pdf/form.h>
#include <heqi/documents/pdf/lint.h>
#include <heqi/documents/sign/pending.h>
#include <heqi/http/client.h>

#include <array>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "complete_pdf.h"
#include "mapped_file.h"
#include "progress.h"
#include "seam_field.h"
#include "sign_pdf.h"
#include "software_key.h"
#include "trust_files.h"
#include "two_phases.h"

namespace heqi::program {

namespace pdf = documents::pdf;
using base::Code;
using base::Result;

namespace {

constexpr std::uint64_t kPdfSizeMax = std::uint64_t{4} << 30;   // docs/limits.md
constexpr std::size_t kPendingSizeMax = std::size_t{64} << 20;  // docs/limits.md
constexpr std::size_t kSmallFileSizeMax = std::size_t{1} << 20;
constexpr std::size_t kFieldsMax = 1'000;

constexpr Option kJson{"--json", "", "answer in JSON", "以 JSON 输出"};
constexpr std::array kReportOptions{kJson};
constexpr std::array kFieldsOptions{
    Option{"--out", "FILE", "the file with the fields", "输出文件", Need::required}, kJson};
constexpr std::array kPrepareOptions{
    Option{"--certificate", "CERT.pem", "of the key that will sign, and its chain",
           "签名证书及证书链", Need::required},
    Option{"--field", "NAME", "the signature field", "签名域", Need::required},
    Option{"--profile", "NAME", "pades (default), gm, or a reader", "签名格式"},
    Option{"--reason", "TEXT", "why it is signed", "签名原因"},
    Option{"--pending", "FILE", "what finish needs; keep it with the PDF", "待完成签名的状态文件",
           Need::required},
    Option{"--to-sign", "FILE", "the octets that the key signs", "待签数据", Need::required},
    kJson};
constexpr std::array kFinishOptions{
    Option{"--pending", "FILE", "from heqi pdf prepare", "待完成签名的状态文件", Need::required},
    Option{"--signature", "FILE", "the signature value (SM2, ECDSA: DER)", "签名值",
           Need::required},
    Option{"--out", "FILE", "the signed file", "已签文件", Need::required}, kJson};

constexpr std::array kCompleteOptions{
    Option{"--tsa", "URL", "the time-stamp authority", "时间戳服务地址", Need::required},
    Option{"--trust", "DIR_or_FILE", "trusted roots", "信任的根证书", Need::required},
    Option{"--out", "FILE", "the completed file", "输出文件", Need::required}, kProgressOption,
    kJson};

constexpr Syntax kInspect{"heqi pdf inspect",
                          "FILE",
                          1,
                          1,
                          "Shows saves, pages, fields and signatures of a PDF; judges nothing.",
                          "显示 PDF 的结构、页面、表单域与签名，不作判断。",
                          kReportOptions};
constexpr Syntax kLint{"heqi pdf lint",
                       "FILE",
                       1,
                       1,
                       "Names what could show a signer something else than others will see.\n"
                       "Exit code 1 where something should not be signed as it is.",
                       "列出签名前不应存在的内容；存在此类内容时退出码为 1。",
                       kReportOptions};
constexpr Syntax kFields{"heqi pdf fields",
                         "FILE NAME=PAGE:X,Y,W,H… NAME=SEAM,W,H… NAME=PAGE:X,Y,W,H+SEAM…",
                         2,
                         kFieldsMax,
                         "Makes the empty signature fields of all parties before anyone signs;\n"
                         "millimetres from the upper left corner. SEAM is right or left, or\n"
                         "right:0.3 with the middle as a part of the page's height: slices of a\n"
                         "seal on all pages.",
                         "在签名之前为各方建立签名域（毫米，自左上角）；SEAM 为骑缝章的页边\n"
                         "right 或 left，可带高度比例，如 right:0.3。",
                         kFieldsOptions};
constexpr Syntax kPrepare{"heqi pdf prepare",
                          "FILE",
                          1,
                          1,
                          "First half of a signature whose key is elsewhere. The second half is\n"
                          "heqi pdf finish, today or in a month.",
                          "两步签名的第一步：输出待签数据。",
                          kPrepareOptions};
constexpr Syntax kFinish{"heqi pdf finish",
                         "FILE",
                         1,
                         1,
                         "Second half: checks the signature value and puts it into the file.\n"
                         "Doing it again gives the same file.",
                         "两步签名的第二步：核验签名值并写入文件。",
                         kFinishOptions};

constexpr Syntax kComplete{
    "heqi pdf complete",
    "FILE",
    1,
    1,
    "Makes signatures last (PAdES B-LTA): puts in certificates and revocation answers and a\n"
    "time-stamp over all; again, before the certificate of the last time-stamp ends.",
    "使签名长期可验证：写入证书、吊销信息与文档时间戳；可在末个时间戳证书到期前再次执行。",
    kCompleteOptions};

std::string_view name_of(pdf::XrefStyle style) {
  return style == pdf::XrefStyle::table    ? "table"
         : style == pdf::XrefStyle::stream ? "stream"
                                           : "hybrid";
}

void write_signature(base::JsonWriter& json, const pdf::SignatureDictionary& one) {
  json.begin_object()
      .field("field", one.field.name)
      .field("type", one.type)
      .field("filter", one.filter)
      .field("sub_filter", one.sub_filter);
  json.key("byte_range").begin_array();
  for (const std::int64_t number : one.byte_range) json.number(number);
  json.end_array();
  json.key("problems").begin_array();
  for (const std::string& problem : one.problems) json.text(problem);
  json.end_array().end_object();
}

struct Content {
  std::vector<pdf::Page> pages;
  pdf::Form form;
  std::vector<pdf::SignatureDictionary> signatures;
};

void print_content_json(const std::string& path, const pdf::Document& document,
                        const Content& content) {
  base::JsonWriter json;
  json.begin_object()
      .field("file", path)
      .field("version", document.version())
      .field("size", static_cast<std::int64_t>(document.file().size()))
      .field("linearized", document.is_linearized())
      .field("hybrid", document.is_hybrid());
  json.key("revisions").begin_array();
  for (const pdf::Revision& one : document.revisions())
    json.begin_object()
        .field("end", static_cast<std::int64_t>(one.end))
        .field("style", name_of(one.style))
        .field("objects", static_cast<std::int64_t>(one.numbers.size()))
        .end_object();
  json.end_array().key("pages").begin_array();
  for (const pdf::Page& one : content.pages)
    json.begin_object()
        .key("width")
        .number(one.crop_box.width())
        .key("height")
        .number(one.crop_box.height())
        .field("rotate", std::int64_t{one.rotate})
        .end_object();
  json.end_array().key("fields").begin_array();
  for (const pdf::Field& one : content.form.fields)
    json.begin_object()
        .field("name", one.name)
        .field("type", one.type)
        .field("filled", one.value != nullptr && !one.value->is_null())
        .end_object();
  json.end_array().key("signatures").begin_array();
  for (const pdf::SignatureDictionary& one : content.signatures) write_signature(json, one);
  json.end_array().end_object();
  std::printf("%s\n", json.str().c_str());
}

void print_content(const std::string& path, const pdf::Document& document, const Content& content) {
  std::printf("%s  PDF %.*s, %zu octets, %zu pages / 页, %zu saves / 次保存%s%s\n", path.c_str(),
              static_cast<int>(document.version().size()), document.version().data(),
              document.file().size(), content.pages.size(), document.revisions().size(),
              document.is_linearized() ? ", linearised" : "",
              document.is_hybrid() ? ", hybrid cross-references" : "");
  for (const pdf::Field& one : content.form.fields)
    std::printf("  field / 域        %-4s %s%s\n", one.type.c_str(), one.name.c_str(),
                one.value && !one.value->is_null() ? "  (filled / 已填)" : "");
  for (const pdf::SignatureDictionary& one : content.signatures) {
    std::printf("  signature / 签名  %s  %s  %s\n", one.field.name.c_str(), one.filter.c_str(),
                one.sub_filter.c_str());
    for (const std::string& problem : one.problems) std::printf("    %s\n", problem.c_str());
  }
}

Result<int> inspect(const Arguments& arguments) {
  const std::string& path = arguments.operands()[0];
  HEQI_TRY(const MappedFile file, MappedFile::open(path, kPdfSizeMax));
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file.octets()));
  Content content;
  HEQI_TRY(content.pages, document.pages());
  HEQI_TRY(content.form, pdf::get_form(document));
  HEQI_TRY(content.signatures, pdf::find_signatures(document));
  if (arguments.has("--json"))
    print_content_json(path, document, content);
  else
    print_content(path, document, content);
  return kExitDone;
}

Result<int> lint_file(const Arguments& arguments) {
  const std::string& path = arguments.operands()[0];
  HEQI_TRY(const MappedFile file, MappedFile::open(path, kPdfSizeMax));
  HEQI_TRY(const pdf::Document document, pdf::Document::parse(file.octets()));
  HEQI_TRY(const auto findings, pdf::lint(document));
  bool refused = false;
  base::JsonWriter json;
  json.begin_object().field("file", path).key("findings").begin_array();
  for (const pdf::LintFinding& one : findings) {
    const pdf::LintText& text = pdf::text_of(one.lint);
    refused = refused || text.weight == pdf::LintWeight::refuse;
    write_finding(json, one);
    if (!arguments.has("--json"))
      std::printf("%s  object / 对象 %u  %.*s / %.*s  %s\n",
                  text.weight == pdf::LintWeight::refuse ? "refuse / 拒绝" : "tell / 提示",
                  one.object, static_cast<int>(text.english.size()), text.english.data(),
                  static_cast<int>(text.chinese.size()), text.chinese.data(), one.evidence.c_str());
  }
  json.end_array().end_object();
  if (arguments.has("--json"))
    std::printf("%s\n", json.str().c_str());
  else if (findings.empty())
    std::printf("%s: nothing to say / 未发现问题\n", path.c_str());
  return refused ? kExitRefused : kExitDone;
}

Result<int> make_fields(const Arguments& arguments) {
  const std::string& path = arguments.operands()[0];
  HEQI_TRY(GrowingFile out, GrowingFile::copy_of(path, arguments.get("--out")));
  HEQI_TRY(const MappedFile file, out.map());
  HEQI_TRY(const auto fields, plan_fields(file.octets(), {arguments.operands().begin() + 1,
                                                          arguments.operands().end()}));
  HEQI_TRY(const base::Bytes more, pdf::append_fields(file.octets(), fields));
  HEQI_TRY(out.append(more));
  HEQI_TRY(out.commit());
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("file", arguments.get("--out")).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s\n", arguments.get("--out").c_str());
  }
  return kExitDone;
}

void print_pending(const Arguments& arguments, const documents::sign::Pending& pending) {
  const std::string digest = base::to_hex(pending.content_digest);
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object()
        .field("pending", arguments.get("--pending"))
        .field("to_sign", arguments.get("--to-sign"))
        .field("digest_algorithm", pending.digest_algorithm.dotted())
        .field("digest", digest)
        .end_object();
    std::printf("%s\n", json.str().c_str());
    return;
  }
  std::printf("%s  %zu octets to sign / 字节待签  %s\n", arguments.get("--to-sign").c_str(),
              pending.to_sign.size(), digest.c_str());
}

Result<int> prepare(const Arguments& arguments) {
  HEQI_TRY(const base::Bytes pem,
           base::read_file(arguments.get("--certificate"), kSmallFileSizeMax));
  const FirstPhase wish{
      .certificates = std::string(base::text_of(pem)),
      .field = arguments.get("--field"),
      .profile = arguments.find("--profile").value_or("pades"),
      .reason = arguments.get("--reason"),
      .time = std::chrono::floor<std::chrono::seconds>(base::SystemClock().now())};
  HEQI_TRY(const MappedFile file, MappedFile::open(arguments.operands()[0], kPdfSizeMax));
  HEQI_TRY(const auto pending, begin_signature(file.octets(), wish));
  HEQI_TRY(base::write_file(arguments.get("--pending"), pending.encode()));
  HEQI_TRY(base::write_file(arguments.get("--to-sign"), pending.to_sign));
  print_pending(arguments, pending);
  return kExitDone;
}

Result<int> finish(const Arguments& arguments) {
  HEQI_TRY(const base::Bytes encoded, base::read_file(arguments.get("--pending"), kPendingSizeMax));
  HEQI_TRY(const auto pending, documents::sign::Pending::parse(encoded));
  HEQI_TRY(base::Bytes value, base::read_file(arguments.get("--signature"), kSmallFileSizeMax));
  HEQI_TRY(GrowingFile out, GrowingFile::copy_of(arguments.operands()[0], arguments.get("--out")));
  HEQI_TRY(const MappedFile file, out.map());
  HEQI_TRY(const base::Bytes more, end_signature(file.octets(), pending, std::move(value)));
  HEQI_TRY(out.append(more));
  HEQI_TRY(out.commit());
  std::printf("%s\n", arguments.get("--out").c_str());
  return kExitDone;
}

Result<int> complete(const Arguments& arguments) {
  CompletionWish wish;
  wish.input = arguments.operands()[0];
  wish.output = arguments.get("--out");
  wish.time_stamp_url = arguments.get("--tsa");
  HEQI_TRY(wish.trust, load_trust(arguments.find("--trust")));
  HEQI_TRY(const auto randomness, make_randomness());
  http::CurlFetch fetch({.allows_plain = true});
  Progress progress(wants_progress(arguments));
  HEQI_TRY(const std::uint64_t size,
           complete_pdf(wish, fetch, randomness->clock, *randomness->generator, progress));
  progress.end();
  if (arguments.has("--json")) {
    base::JsonWriter json;
    json.begin_object().field("file", wish.output);
    json.field("size", static_cast<std::int64_t>(size)).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    std::printf("%s\n", wish.output.c_str());
  }
  return kExitDone;
}

struct Part {
  const Syntax& syntax;
  Result<int> (*run)(const Arguments&);
};
constexpr Part kParts[] = {{kInspect, inspect}, {kLint, lint_file}, {kFields, make_fields},
                           {kPrepare, prepare}, {kFinish, finish},  {kComplete, complete}};

int print_parts(std::FILE* to, int code) {
  for (const Part& part : kParts) std::fprintf(to, "%s\n", help_of(part.syntax).c_str());
  return code;
}

}  // namespace

int run_pdf(CommandLine arguments) {
  if (arguments.empty()) return print_parts(stderr, kExitUsage);
  if (arguments[0] == "--help") return print_parts(stdout, kExitDone);
  for (const Part& part : kParts)
    if (part.syntax.command.substr(std::string_view("heqi pdf ").size()) == arguments[0])
      return run_command(part.syntax, arguments.subspan(1), part.run);
  print_usage_error("heqi pdf",
                    "there is no part \"" + std::string(arguments[0]) +
                        "\"; there are inspect, lint, fields, prepare, finish and complete");
  return kExitUsage;
}

}  // namespace heqi::program
