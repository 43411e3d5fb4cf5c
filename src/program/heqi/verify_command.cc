// heqi verify: is this document signed as it claims? Offline.
#include <heqi/base/file_store.h>
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/services/ca/hierarchy.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "arguments.h"
#include "commands.h"
#include "verification.h"

namespace heqi::program {

using base::Code;
using base::Result;
using documents::verify::Language;

namespace {

constexpr std::size_t kDocumentSizeMax = std::size_t{1} << 30;  // docs/limits.md
constexpr std::size_t kTrustFileSizeMax = std::size_t{1} << 20;
constexpr std::size_t kFilesMax = 10'000;
// Where an installation keeps what it trusts, if --trust says nothing; the first that is there.
constexpr std::array kDefaultTrust{"/etc/heqi/trust", "/var/lib/heqi/certificates"};

constexpr std::array kOptions{
    Option{"--trust", "DIR_or_FILE",
           "trusted roots: a PEM or DER file, a folder of them, or a platform's data folder",
           "信任的根证书：文件、文件夹，或平台数据目录"},
    Option{"--lang", "zh|en", "one language instead of both", "只用一种语言"},
    Option{"--json", "", "one JSON object for each file", "每个文件输出一个 JSON 对象"}};

constexpr Syntax kSyntax{
    "heqi verify",
    "FILE…",
    1,
    kFilesMax,
    "Verifies signed PDF files, without network. Exit code 0: VALID or VALID_WITH_NOTES;\n"
    "1: INVALID, INDETERMINATE or NO_SIGNATURE; 2: unreadable.",
    "离线验证已签 PDF。退出码 0：有效；1：无效、不确定或无签名；2：无法读取。",
    kOptions};

bool is_folder(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_directory(path, none);
}

// load_folder takes the root alone where the folder is a hierarchy: what it issued is not an
// anchor.
Result<pki::TrustStore> load_folder(const std::string& path) {
  for (const std::string& folder : {path + "/certificates", path}) {
    if (!is_folder(folder)) continue;
    HEQI_TRY(const auto files, base::open_folder(folder));
    const auto hierarchy = services::ca::load_hierarchy(*files);
    if (hierarchy) return pki::TrustStore({hierarchy->root});
    if (hierarchy.error().code != Code::not_found) return hierarchy.error();
  }
  HEQI_TRY(const auto files, base::open_folder(path));
  return pki::load_trust_store(*files, "");
}

Result<pki::TrustStore> load_trust(const std::optional<std::string>& given) {
  if (!given) {
    for (const char* path : kDefaultTrust)
      if (is_folder(path)) return load_folder(path);
    std::fputs(
        "heqi verify: no trusted roots (--trust); no signature can be more than INDETERMINATE\n"
        "  未指定信任的根证书（--trust），结论至多为“不确定”\n",
        stderr);
    return pki::TrustStore();
  }
  if (is_folder(*given)) {
    HEQI_TRY(pki::TrustStore store, load_folder(*given));
    if (store.empty())
      return base::fail(Code::not_found, *given + ": no certificate in the folder");
    return store;
  }
  HEQI_TRY(const base::Bytes content, base::read_file(*given, kTrustFileSizeMax));
  pki::TrustStore store;
  HEQI_TRY(store.add_encoded(content));
  return store;
}

struct Verification {
  pki::TrustStore trust;
  std::unique_ptr<x509::SignatureVerifier> signatures = ossl::make_signature_verifier();
  pki::FunctionDigester digests{ossl::digest};
  base::SystemClock clock;
  Language language = Language::both;
  bool json = false;
};

int print_unreadable(const Verification& own, const std::string& path, const base::Error& error) {
  if (own.json) {
    base::JsonWriter json;
    json.begin_object().field("file", path).key("error").begin_object();
    json.field("id", base::error_text(error.code).id)
        .field("text_en", base::error_text(error.code).english)
        .field("text_zh", base::error_text(error.code).chinese)
        .field("detail", error.detail)
        .end_object()
        .end_object();
    std::printf("%s\n", json.str().c_str());
  }
  print_error(path, error);
  return documents::verify::kExitUnreadable;
}

int verify_file(const Verification& own, const std::string& path) {
  const auto content = base::read_file(path, kDocumentSizeMax);
  if (!content) return print_unreadable(own, path, content.error());
  const auto report =
      verify_document(*content, own.trust, {*own.signatures, own.digests}, own.clock);
  if (!report) return print_unreadable(own, path, report.error());
  if (own.json) {
    base::JsonWriter json;
    json.begin_object().field("file", path);
    json.key("report").raw(documents::verify::to_json(*report)).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    const std::string text = documents::verify::to_text(*report, own.language);
    std::printf("%s\n%s\n", path.c_str(), text.c_str());
  }
  return documents::verify::exit_code_of(report->verdict);
}

Result<int> verify(const Arguments& arguments) {
  Verification own;
  own.json = arguments.has("--json");
  const std::string language = arguments.get("--lang");
  if (!language.empty() && language != "zh" && language != "en") {
    print_usage_error(kSyntax.command, "--lang: zh or en");
    return kExitUsage;
  }
  if (!language.empty()) own.language = language == "zh" ? Language::chinese : Language::english;
  auto trust = load_trust(arguments.find("--trust"));
  if (!trust) {
    print_error("heqi verify --trust", trust.error());
    return kExitUsage;
  }
  own.trust = *std::move(trust);
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
