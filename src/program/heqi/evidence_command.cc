// heqi evidence: is an evidence package what the platform made of a contract? Offline.
#include <heqi/base/json.h>
#include <heqi/base/text.h>
#include <heqi/documents/evidence/verify.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "arguments.h"
#include "commands.h"
#include "display_text.h"
#include "evidence_files.h"
#include "mapped_file.h"
#include "trust_files.h"
#include "verification.h"

namespace heqi::program {

namespace evidence = documents::evidence;
using base::Result;

namespace {

constexpr std::size_t kFilesMax = 10'000;

constexpr std::array kOptions{
    Option{"--trust", "DIR_or_FILE",
           "the platform's root: a PEM or DER file, a folder of them, or a platform's data folder",
           "平台根证书：文件、文件夹，或平台数据目录"},
    kAtOption, Option{"--json", "", "one JSON object for each file", "每个文件输出一个 JSON 对象"}};

constexpr Syntax kVerify{
    "heqi evidence verify",
    "FILE…",
    1,
    kFilesMax,
    "Verifies evidence packages of contracts, without network and without the platform: the\n"
    "manifest's signature, every entry, the signed file, each moment's time-stamp. Exit code 0:\n"
    "VALID or VALID_WITH_NOTES; 1: INVALID or INDETERMINATE; 2: unreadable.",
    "离线验证合同证据包。退出码 0：有效；1：无效或不确定；2：无法读取。",
    kOptions};

struct Verification {
  pki::TrustStore trust;
  base::Time now{};
  std::unique_ptr<x509::SignatureVerifier> signatures = ossl::make_signature_verifier();
  pki::FunctionDigester digests{ossl::digest, ossl::digest_parts};
  bool json = false;

  pki::Algorithms algorithms() const { return {*signatures, digests}; }
};

int print_unreadable(const Verification& own, const std::string& path, const base::Error& error) {
  if (own.json) std::printf("%s\n", unreadable_json(path, error).c_str());
  print_error(path, error);
  return documents::verify::kExitUnreadable;
}

void print_row(std::string_view name, const std::string& value) {
  if (!value.empty())
    std::printf("  %-24.*s %s\n", static_cast<int>(name.size()), name.data(), value.c_str());
}

void print_report(const std::string& path, const evidence::PackageReport& report) {
  std::printf("%s\n%s\n", path.c_str(), std::string(name_of(report.verdict)).c_str());
  print_row("contract 合同", printable(report.title));
  print_row("", report.contract);
  for (const evidence::Party& one : report.parties)
    print_row("party 当事方", printable(one.name) + "  " + one.person);
  for (const evidence::MomentReport& one : report.moments)
    print_row(one.operation, base::to_rfc3339(one.time) + "  " + printable(one.person));
  if (report.signer)
    print_row("signed by 签名者",
              printable(report.signer->subject) + "  " +
                  (report.signed_at ? base::to_rfc3339(*report.signed_at) : std::string()));
  for (const evidence::Finding& one : report.findings) {
    const evidence::FaultText& text = evidence::text_of(one.fault);
    std::printf("  - %s: %s · %s%s%s\n", printable(one.where).c_str(),
                std::string(text.english).c_str(), std::string(text.chinese).c_str(),
                one.detail.empty() ? "" : ": ", printable(one.detail).c_str());
  }
}

int verify_file(const Verification& own, const std::string& path) {
  const auto file = MappedFile::open(path, evidence::kPackageSizeMax);
  if (!file) return print_unreadable(own, path, file.error());
  const evidence::JudgeDocument judge = [&](base::ByteView document,
                                            const evidence::Helpers& helpers) {
    return verify_document(document, own.trust, own.algorithms(), own.now,
                           {.certificates = helpers.certificates,
                            .crls = helpers.crls,
                            .ocsp_answers = helpers.ocsp_answers,
                            .seal_status = {}});
  };
  const auto report =
      evidence::verify_package(file->octets(), {own.trust, own.now, own.algorithms(), judge});
  if (!report) return print_unreadable(own, path, report.error());
  if (own.json) {
    base::JsonWriter json;
    json.begin_object().field("file", path);
    json.key("report").raw(evidence::to_json(*report)).end_object();
    std::printf("%s\n", json.str().c_str());
  } else {
    print_report(path, *report);
  }
  return documents::verify::exit_code_of(report->verdict);
}

Result<int> verify(const Arguments& arguments) {
  Verification own;
  own.json = arguments.has("--json");
  auto trust = load_trust(arguments.find("--trust"));
  if (!trust) {
    print_error("heqi evidence verify --trust", trust.error());
    return kExitUsage;
  }
  own.trust = *std::move(trust);
  if (own.trust.empty())
    std::fputs(
        "heqi evidence verify: no trusted root (--trust); no package can be more than "
        "INDETERMINATE\n"
        "  未指定平台根证书（--trust），结论至多为“不确定”\n",
        stderr);
  const auto now = time_of_judgement(arguments);
  if (!now) {
    print_usage_error(kVerify.command, now.error().detail);
    return kExitUsage;
  }
  own.now = *now;
  int worst = kExitDone;
  for (const std::string& path : arguments.operands())
    worst = std::max(worst, verify_file(own, path));
  return worst;
}

int print_evidence_help(std::FILE* to, int code) {
  std::fputs(
      "heqi evidence COMMAND [--help]\n\n"
      "  verify   an evidence package of a contract, without network · 离线验证合同证据包\n",
      to);
  return code;
}

}  // namespace

int run_evidence(CommandLine arguments) {
  if (arguments.empty()) return print_evidence_help(stderr, kExitUsage);
  if (arguments[0] == "--help") return print_evidence_help(stdout, kExitDone);
  if (arguments[0] == "verify") return run_command(kVerify, arguments.subspan(1), verify);
  return print_evidence_help(stderr, kExitUsage);
}

}  // namespace heqi::program
