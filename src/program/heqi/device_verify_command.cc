#include "device_verify_command.h"

#include <heqi/base/file_store.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>
#include <heqi/ossl/digest.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "device_connection.h"
#include "device_verifier.h"
#include "display_text.h"
#include "evidence_files.h"
#include "mapped_file.h"
#include "pin_entry.h"
#include "trust_files.h"

namespace heqi::program {

using base::Code;
using base::Result;
using documents::verify::Axis;
using documents::verify::Finding;
using documents::verify::Report;
using documents::verify::Severity;
using documents::verify::SignatureReport;

namespace {

constexpr std::uint64_t kSealedFileSizeMax = std::uint64_t{1} << 30;  // docs/limits.md

constexpr std::array kOptions{
    kSocket,
    kServer,
    Option{"--roots", "DIR_or_FILE", "trusted roots of signers and makers of seals",
           "信任的签章人、制章人根证书", Need::required},
    kCertificatesOption,
    kCrlOption,
    kOcspOption,
    kStatusOption,
    kPinFile,
    kPinStdin,
    kTrust,
    kWait,
    kJson};

// is_about_the_file tells findings on the file from those on the seal and who used it.
bool is_about_the_file(Axis axis) {
  return axis == Axis::integrity || axis == Axis::coverage || axis == Axis::later_changes ||
         axis == Axis::permissions || axis == Axis::document;
}

// take_findings keeps those that are more than a note.
void take_findings(SealAnswer& answer, const std::vector<Finding>& findings) {
  for (const Finding& one : findings) {
    const auto& text = documents::verify::text_of(one.reason);
    if (text.severity == Severity::note) continue;
    (is_about_the_file(text.axis) ? answer.unchanged : answer.legal) = false;
    answer.failed.push_back(one);
  }
}

Result<base::SecretBytes> read_pin(const Arguments& arguments) {
  if (const auto file = arguments.find("--pin-file")) return read_secret_file(*file);
  if (arguments.has("--pin-stdin")) return read_secret_stdin();
  return ask_secret("PIN: the device verifies / 输入 PIN，由设备验证: ");
}

void print_answer(const SealAnswer& answer) {
  std::printf("%s (%s)\n", answer.name.c_str(), answer.id.c_str());
  std::printf("  %s\n", answer.legal
                            ? "the unit's legal seal / 该单位的合法印章"
                            : "NOT shown to be the unit's legal seal / 未能确认为该单位的合法印章");
  std::printf("  %s\n", answer.unchanged ? "the file is unchanged / 文件未被改动"
                                         : "the file is NOT as it was sealed / 文件与盖章时不一致");
  for (const Finding& one : answer.failed) {
    const auto& text = documents::verify::text_of(one.reason);
    std::printf("  ✗ %.*s / %.*s", static_cast<int>(text.english.size()), text.english.data(),
                static_cast<int>(text.chinese.size()), text.chinese.data());
    if (!one.evidence.empty()) std::printf(" [%s]", printable(one.evidence).c_str());
    std::printf("\n");
  }
}

void print_json_answers(const std::string& path, const std::vector<SealAnswer>& answers,
                        const DeviceVerifier& verifier, const Report& report) {
  base::JsonWriter json;
  json.begin_object().field("file", path).field("verified_in", "heqi-device");
  json.field("values_verified", static_cast<std::int64_t>(verifier.asked()));
  json.key("seals").begin_array();
  for (const SealAnswer& one : answers) {
    json.begin_object().field("name", one.name).field("id", one.id);
    json.field("legal", one.legal).field("unchanged", one.unchanged);
    json.key("failed").begin_array();
    for (const Finding& finding : one.failed)
      json.text(documents::verify::text_of(finding.reason).name);
    json.end_array().end_object();
  }
  json.end_array();
  json.key("report").raw(documents::verify::to_json(report));
  json.end_object();
  std::printf("%s\n", json.str().c_str());
}

int exit_code_of(const std::vector<SealAnswer>& answers, const Report& report) {
  const bool good =
      !answers.empty() && std::all_of(answers.begin(), answers.end(),
                                      [](const auto& one) { return one.legal && one.unchanged; });
  return good ? documents::verify::exit_code_of(report.verdict) : kExitRefused;
}

}  // namespace

constinit const Syntax kDeviceVerifySyntax{
    "heqi device verify",
    "FILE",
    1,
    1,
    "Says whether a seal in a PDF or OFD is the unit's legal seal and the file unchanged, or "
    "which\n"
    "check failed. The device verifies every SM2 value, and asks for the PIN. Exit code 0: it is.",
    "由设备验证文件中的印章：是否为单位合法印章、文件是否未被改动，或指出未通过的检查。需要 PIN。",
    kOptions};

std::vector<SealAnswer> seal_answers(const Report& report) {
  std::vector<SealAnswer> out;
  for (const SignatureReport& one : report.signatures) {
    if (!one.seal_used) continue;
    SealAnswer answer{printable(one.seal_used->name), printable(one.seal_used->id), true, true, {}};
    take_findings(answer, one.findings);
    take_findings(answer, report.findings);
    out.push_back(std::move(answer));
  }
  return out;
}

Result<int> verify_in_device(const Arguments& arguments) {
  const std::string& path = arguments.operands().front();
  HEQI_TRY(const MappedFile file, MappedFile::open(path, kSealedFileSizeMax));
  HEQI_TRY(const pki::TrustStore roots, load_trust(arguments.find("--roots")));
  HEQI_TRY(const Evidence evidence, load_evidence(arguments));
  HEQI_TRY(const auto connection, connect(arguments));
  HEQI_TRY(base::SecretBytes pin, read_pin(arguments));
  PersonWithPin person(std::move(pin));
  const DeviceVerifier verifier({*connection->device, *connection->fetch, connection->clock},
                                arguments.get("--server"), person);
  const pki::FunctionDigester digests{ossl::digest, ossl::digest_parts};
  HEQI_TRY(const Report report, verify_document(file.octets(), roots, {verifier, digests},
                                                connection->clock.now(), evidence));
  if (verifier.failure()) return *verifier.failure();
  const std::vector<SealAnswer> answers = seal_answers(report);
  if (arguments.has("--json")) {
    print_json_answers(path, answers, verifier, report);
    return exit_code_of(answers, report);
  }
  if (answers.empty()) std::puts("no seal in this file / 文件中没有电子印章");
  for (const SealAnswer& one : answers) print_answer(one);
  std::printf("%zu SM2 values were verified by the device / 由设备验证的 SM2 签名值\n\n",
              verifier.asked());
  std::printf("%s\n",
              documents::verify::to_text(report, documents::verify::Language::both).c_str());
  return exit_code_of(answers, report);
}

}  // namespace heqi::program
