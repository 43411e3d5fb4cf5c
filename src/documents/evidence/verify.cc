#include <heqi/documents/evidence/verify.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>

#include "judgement.h"

namespace heqi::documents::evidence {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

namespace {

constexpr FaultText kTexts[] = {
#define HEQI_FAULT(symbol, severity, english, chinese) \
  {#symbol, Severity::severity, english, chinese},
#include <heqi/documents/evidence/faults.def>
#undef HEQI_FAULT
};

constexpr ofd::Limits kLimits{
    .entries = kEntriesMax, .unpacked_total = kPackageSizeMax, .unpacked_entry = kPackageSizeMax};

template <class Item>
void add_parsed(Judgement& on, const ofd::Entry& entry, Result<Item> (*parse)(ByteView),
                std::vector<Item>& out) {
  const Result<ByteView> der = on.package.read(entry.name);
  Result<Item> item = der ? parse(*der) : Result<Item>(der.error());
  if (item)
    out.push_back(*std::move(item));
  else
    on.unreadable.push_back({Fault::entry_unreadable, entry.name, item.error().detail});
}

// read_helpers reads certificates and their status. None is trusted for being here.
void read_helpers(Judgement& on) {
  for (const ofd::Entry& entry : on.package.entries()) {
    const std::string_view name = entry.name;
    if (name.starts_with(kCertificatesFolder) && name.ends_with(".cer"))
      add_parsed(on, entry, x509::parse_certificate, on.helpers.certificates);
    else if (name.starts_with(kStatusFolder) && name.ends_with(".crl"))
      add_parsed(on, entry, pki::parse_crl, on.helpers.crls);
    else if (name.starts_with(kStatusFolder) && name.ends_with(".ocsp"))
      add_parsed(on, entry, pki::parse_ocsp_answer, on.helpers.ocsp_answers);
  }
}

bool is_broken(const PackageReport& report) {
  return std::any_of(report.findings.begin(), report.findings.end(), [](const Finding& one) {
    return text_of(one.fault).severity == Severity::invalid;
  });
}

// verdict_of is the document's own, unless something else is worse.
Verdict verdict_of(const PackageReport& report) {
  if (is_broken(report) || !report.document) return Verdict::invalid;
  return report.findings.empty() ? report.document->verdict : Verdict::indeterminate;
}

}  // namespace

const FaultText& text_of(Fault fault) {
  return kTexts[static_cast<std::size_t>(fault)];
}

pki::PathOptions Judgement::path_options() const {
  pki::PathOptions out;
  out.at = out.now = check.now;
  out.intermediates = helpers.certificates;
  out.crls = helpers.crls;
  out.ocsp_answers = helpers.ocsp_answers;
  return out;
}

Fault fault_of(pki::PathStatus status, Fault invalid, Fault untrusted) {
  const bool is_open =
      status == pki::PathStatus::untrusted || status == pki::PathStatus::unknown_revocation;
  return is_open ? untrusted : invalid;
}

Result<PackageReport> verify_package(ByteView file, const PackageCheck& check) {
  if (file.size() > kPackageSizeMax) return fail(Code::limit_exceeded, "an evidence package");
  HEQI_TRY(const ofd::Package package, ofd::Package::open(file, kLimits));
  for (const std::string_view name : {kManifestName, kSignatureName})
    if (package.find(name) == nullptr)
      return fail(Code::malformed, "no evidence package: it has no " + std::string(name));
  Judgement on{.check = check,
               .package = package,
               .helpers = {},
               .unreadable = {},
               .manifest = {},
               .report = {}};
  on.report.size = file.size();
  on.report.digest = base::to_hex(crypto::sm3(file));
  on.report.evaluated_at = check.now;
  read_helpers(on);
  // What the manifest says counts once its signature holds, if only under an unknown root; the
  // entries count once they are those of the manifest.
  judge_signature(on);
  if (!is_broken(on.report)) judge_entries(on);
  if (is_broken(on.report)) return std::move(on.report);
  judge_document(on);
  judge_moments(on);
  on.report.verdict = verdict_of(on.report);
  return std::move(on.report);
}

}  // namespace heqi::documents::evidence
