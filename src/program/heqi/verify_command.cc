// heqi verify: is this document signed as it claims? Offline.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "evidence_files.h"
#include "mapped_file.h"
#include "mark_reading.h"
#include "progress.h"
#include "report_pdf.h"
#include "trust_files.h"
#include "verification.h"

namespace heqi::program {

using base::Code;
using base::Result;
using documents::verify::Language;

namespace {

constexpr std::uint64_t kDocumentSizeMax = std::uint64_t{4} << 30;  // docs/limits.md
constexpr std::size_t kFilesMax = 10'000;

constexpr std::array kOptions{
    Option{"--trust", "DIR_or_FILE",
           "trusted roots: a PEM or DER file, a folder of them, or a platform's data folder",
           "信任的根证书：文件、文件夹，或平台数据目录"},
    kCertificatesOption,
    kCrlOption,
    kOcspOption,
    kStatusOption,
    kAtOption,
    Option{"--marks", "", "read the marks against counterfeits of OFD pages too (heqi watermark)",
           "同时读取 OFD 防伪水印"},
    Option{"--secret", "FILE", "with which the marks were made", "水印密钥文件"},
    Option{"--lang", "zh|en", "one language instead of both", "只用一种语言"},
    Option{"--pdf", "OUT.pdf", "the report as a PDF too (one file only)",
           "另存为 PDF 报告（仅限一个文件）"},
    kProgressOption,
    Option{"--json", "", "one JSON object for each file", "每个文件输出一个 JSON 对象"}};

constexpr Syntax kSyntax{
    "heqi verify",
    "FILE…",
    1,
    kFilesMax,
    "Verifies signed PDF and OFD files, without network. Exit code 0: VALID or VALID_WITH_NOTES;\n"
    "1: INVALID, INDETERMINATE or NO_SIGNATURE; 2: unreadable.",
    "离线验证已签 PDF 和 OFD。退出码 0：有效；1：无效、不确定或无签名；2：无法读取。",
    kOptions};

struct Verification {
  pki::TrustStore trust;
  Evidence evidence;
  std::unique_ptr<x509::SignatureVerifier> signatures = ossl::make_signature_verifier();
  pki::FunctionDigester digests{ossl::digest, ossl::digest_parts};
  base::Time now{};
  Language language = Language::both;
  bool json = false;
  Told progress = Told::never;
  std::optional<std::string> pdf;
  std::optional<crypto::Digest> mark_secret;  // where marks are to be read
};

// Marks are those of each page; nullopt where none were asked for, or the file has no record.
using Marks = std::optional<std::vector<PageMarks>>;

Result<Marks> find_marks(const Verification& own, base::ByteView file) {
  if (!own.mark_secret || !documents::ofd::is_package(file)) return Marks();
  return read_marks(file, *own.mark_secret);
}

void print_json_report(const std::string& path, const documents::verify::Report& report,
                       const Marks& marks) {
  base::JsonWriter json;
  json.begin_object().field("file", path);
  json.key("report").raw(documents::verify::to_json(report));
  if (marks) {
    json.key("marks").begin_array();
    for (const PageMarks& page : *marks) write_marks(json, page);
    json.end_array();
  }
  json.end_object();
  std::printf("%s\n", json.str().c_str());
}

void print_marks(const Marks& marks) {
  if (!marks) return;
  for (std::size_t page = 0; page < marks->size(); ++page)
    std::printf("Marks / 防伪水印  %zu: %s\n", page + 1, marks_text((*marks)[page]).c_str());
}

// exit_code_of: marks that a record promises and a page does not show are as bad as a bad report.
int exit_code_of(const documents::verify::Report& report, const Marks& marks) {
  const int code = documents::verify::exit_code_of(report.verdict);
  const bool shown = !marks || std::all_of(marks->begin(), marks->end(), all_read);
  return shown ? code : std::max(code, kExitRefused);
}

base::Status save_report(const Verification& own, const std::string& path,
                         const documents::verify::Report& report) {
  const std::string text = documents::verify::to_text(report, own.language);
  HEQI_TRY(const base::Bytes made, write_text_pdf("Heqi  " + path, text));
  return base::write_file(*own.pdf, made);
}

int print_unreadable(const Verification& own, const std::string& path, const base::Error& error) {
  if (own.json) std::printf("%s\n", unreadable_json(path, error).c_str());
  print_error(path, error);
  return documents::verify::kExitUnreadable;
}

int verify_file(const Verification& own, const std::string& path) {
  const auto file = MappedFile::open(path, kDocumentSizeMax);
  if (!file) return print_unreadable(own, path, file.error());
  Progress progress(own.progress);
  const std::uint64_t size = file->octets().size();
  progress.step(path + ": judging", "验证", size);
  const auto report = verify_document(
      file->octets(), own.trust, {*own.signatures, own.digests}, own.now, own.evidence,
      [&] { progress.step(path + ": reading it once more, with qpdf", "第二种解析", size); });
  progress.end();
  if (!report) return print_unreadable(own, path, report.error());
  if (own.pdf) {
    if (const base::Status saved = save_report(own, path, *report); !saved)
      return print_unreadable(own, *own.pdf, saved.error());
  }
  const auto marks = find_marks(own, file->octets());
  if (!marks) return print_unreadable(own, path, marks.error());
  if (own.json) {
    print_json_report(path, *report, *marks);
  } else {
    const std::string text = documents::verify::to_text(*report, own.language);
    std::printf("%s\n%s\n", path.c_str(), text.c_str());
    print_marks(*marks);
  }
  return exit_code_of(*report, *marks);
}

Result<int> verify(const Arguments& arguments) {
  Verification own;
  own.json = arguments.has("--json");
  own.progress = wants_progress(arguments);
  own.pdf = arguments.find("--pdf");
  if (own.pdf && arguments.operands().size() != 1) {
    print_usage_error(kSyntax.command, "--pdf is for one FILE");
    return kExitUsage;
  }
  const std::string language = arguments.get("--lang");
  if (!language.empty() && language != "zh" && language != "en") {
    print_usage_error(kSyntax.command, "--lang: zh or en");
    return kExitUsage;
  }
  if (!language.empty()) own.language = language == "zh" ? Language::chinese : Language::english;
  auto trust = load_trust(arguments.find("--trust"));
  if (trust && !arguments.has("--trust") && trust->empty())
    std::fputs(
        "heqi verify: no trusted roots (--trust); no signature can be more than INDETERMINATE\n"
        "  未指定信任的根证书（--trust），结论至多为“不确定”\n",
        stderr);
  if (!trust) {
    print_error("heqi verify --trust", trust.error());
    return kExitUsage;
  }
  own.trust = *std::move(trust);
  auto evidence = load_evidence(arguments);
  if (!evidence) {
    print_error("heqi verify", evidence.error());
    return kExitUsage;
  }
  own.evidence = *std::move(evidence);
  if (arguments.has("--marks")) {
    HEQI_TRY(own.mark_secret, load_mark_secret(arguments));
  }
  const auto now = time_of_judgement(arguments);
  if (!now) {
    print_usage_error(kSyntax.command, now.error().detail);
    return kExitUsage;
  }
  own.now = *now;
  int worst = kExitDone;
  for (const std::string& path : arguments.operands())
    worst = std::max(worst, verify_file(own, path));
  return worst;
}

}  // namespace

int run_verify(CommandLine arguments) {
  return run_command(kSyntax, arguments, verify);
}

}  // namespace heqi::program
