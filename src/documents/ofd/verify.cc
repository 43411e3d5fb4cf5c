#include <heqi/documents/ofd/verify.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

#include "judgement.h"

namespace heqi::documents::ofd {

using base::ByteView;
using verify::Reason;
using verify::Report;
using verify::Verdict;

namespace {

base::Result<std::vector<Judged>> list_signatures(const Package& package,
                                                  const std::vector<Body>& bodies, Report& report) {
  std::vector<Judged> out;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    if (!bodies[i].signatures_part) continue;
    if (!package.find(*bodies[i].signatures_part)) {
      report.findings.push_back(
          {Reason::signature_removed, "no " + *bodies[i].signatures_part, std::nullopt});
      continue;
    }
    HEQI_TRY(const SignatureList list, read_signature_list(package, *bodies[i].signatures_part));
    for (const SignatureEntry& entry : list.entries) {
      Judged one;
      one.body = i;
      one.entry = entry;
      one.report.field = entry.part;
      one.report.filter = entry.type == SignatureType::seal ? "Seal" : "Sign";
      out.push_back(std::move(one));
    }
  }
  if (out.size() > kSignaturesMax)
    return base::fail(base::Code::limit_exceeded, "too many signatures");
  return out;
}

void judge_one(const Context& context, Judged& judged) {
  auto file = read_signature_file(context.package, judged.entry.part);
  if (!file) {
    judged.report.format = verify::Format::malformed;
    judged.find(Reason::signature_part_malformed, file.error().detail);
    return;
  }
  judged.file = *std::move(file);
  if (const auto xml = context.package.read(judged.entry.part))
    judged.report.signed_digest = base::to_hex(crypto::sm3(*xml));
  if (!judged.file->provider.empty()) judged.report.stated_name = judged.file->provider;
  for (const std::string& one : judged.file->deviations) judged.find(Reason::message_deviates, one);
  judge_references(context, judged);
  judge_value(context, judged);
  judge_stamps(context, judged);
}

std::string_view file_of(std::string_view part) {
  const std::size_t slash = part.rfind('/');
  return slash == std::string_view::npos ? part : part.substr(slash + 1);
}

// find_unlisted looks for what would be a signature, if it were listed.
void find_unlisted(const Context& context, const std::vector<Judged>& all, Report& report) {
  for (const Entry& entry : context.package.entries()) {
    const std::string_view file = file_of(entry.name);
    if (file != "Signature.xml" && file != "SignedValue.dat" && file != "Signatures.xml") continue;
    const bool listed =
        std::any_of(all.begin(), all.end(),
                    [&](const Judged& one) { return one.owns(entry.name); }) ||
        std::any_of(context.bodies.begin(), context.bodies.end(),
                    [&](const Body& body) { return body.signatures_part == entry.name; });
    if (!listed) report.findings.push_back({Reason::signature_unlisted, entry.name, std::nullopt});
  }
}

// check_whole unpacks every entry: one that cannot be unpacked, or whose checksum is wrong, is read
// differently by different programs.
base::Status check_whole(const Package& package) {
  for (const Entry& entry : package.entries()) {
    HEQI_TRY(package.read(entry.name));
  }
  return {};
}

void conclude(verify::SignatureReport& report) {
  report.verdict = verify::verdict_of(report.findings);
  if (report.format != verify::Format::ok) return;
  const bool deviates = std::any_of(report.findings.begin(), report.findings.end(),
                                    [](const verify::Finding& finding) {
                                      return finding.reason == Reason::message_deviates ||
                                             finding.reason == Reason::seal_deviates;
                                    });
  if (deviates) report.format = verify::Format::deviating;
}

}  // namespace

bool is_package(ByteView file) {
  const auto begins = [&](std::string_view mark) {
    return file.size() >= mark.size() && base::text_of(file.first(mark.size())) == mark;
  };
  if (begins("%PDF")) return false;
  if (begins("PK\x03\x04")) return true;
  const std::size_t tail = std::min<std::size_t>(file.size(), 65'557);
  return base::text_of(file.last(tail)).find("PK\x05\x06") != std::string_view::npos;
}

base::Result<Report> verify_ofd(ByteView file, const VerifyOptions& options) {
  HEQI_TRY(const Package package, Package::open(file, options.limits));
  HEQI_TRY(check_whole(package));
  HEQI_TRY(const std::vector<Body> bodies, read_bodies(package));
  Report report;
  HEQI_TRY(std::vector<Judged> all, list_signatures(package, bodies, report));
  const x509::Sm2SignatureVerifier sm2;
  const pki::Sm3Digester sm3;
  const Context context{
      package,
      bodies,
      options,
      {options.signatures ? *options.signatures : sm2,
       options.digests ? *options.digests : static_cast<const pki::Digester&>(sm3)}};
  report.document_format = "ofd";
  report.evaluated_at = options.now;
  report.size = file.size();
  report.digest = base::to_hex(crypto::sm3(file));
  for (Judged& one : all) judge_one(context, one);
  for (Judged& one : all) judge_coverage(context, one, all);
  find_unlisted(context, all, report);
  if (package.octets_outside() != 0)
    report.findings.push_back({Reason::package_octets_outside,
                               std::to_string(package.octets_outside()) + " octets", std::nullopt});
  report.verdict = verify::verdict_of(report.findings);
  for (Judged& one : all) {
    conclude(one.report);
    report.verdict = std::max(report.verdict, one.report.verdict);
    report.signatures.push_back(std::move(one.report));
  }
  if (report.signatures.empty() && report.verdict != Verdict::invalid)
    report.verdict = Verdict::no_signature;
  return report;
}

}  // namespace heqi::documents::ofd
