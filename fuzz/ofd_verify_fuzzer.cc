// Verification of whole OFD files: no verdict is good without an anchor, nor where the anchor is a
// part of the file that nobody signed; every report can be written.
// uses: heqi_documents_ofd
// covers: src/documents/ofd/document.cc
// covers: src/documents/ofd/signature_file.cc
// covers: src/documents/ofd/judge_message.cc
// covers: src/documents/ofd/judge_parts.cc
// covers: src/documents/ofd/judge_seal.cc
// covers: src/documents/ofd/judge_value.cc
// covers: src/documents/ofd/verify.cc
#include <heqi/base/text.h>
#include <heqi/documents/ofd/package.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>

namespace {

using namespace heqi::documents;
using heqi::base::ByteView;

// anchors_inside are the certificates of the entry anchor.der: so that inputs get beyond the
// signer's certificate.
heqi::pki::TrustStore anchors_inside(ByteView file, const ofd::Limits& limits) {
  heqi::pki::TrustStore out;
  const auto package = ofd::Package::open(file, limits);
  const auto entry = package ? package->read("anchor.der") : package.error();
  auto anchor = entry ? heqi::x509::parse_certificate(*entry) : entry.error();
  if (anchor) static_cast<void>(out.add(*std::move(anchor)));
  return out;
}

void judge(ByteView file, const ofd::VerifyOptions& options) {
  const auto report = ofd::verify_ofd(file, options);
  if (!report) return;
  HEQI_CHECK(verify::exit_code_of(report->verdict) == 1);
  HEQI_CHECK(heqi::base::is_utf8(verify::to_json(*report)));
  static_cast<void>(verify::to_text(*report, verify::Language::both));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView file(data, size);
  static_cast<void>(ofd::is_package(file));
  ofd::VerifyOptions options;
  options.now = heqi::base::time_from_micros(1'780'336'800'000'000);
  options.limits.entries = 200;
  options.limits.unpacked_total = 8 << 20;
  options.limits.unpacked_entry = 4 << 20;
  options.limits.xml_nodes = 20'000;
  judge(file, options);
  options.trust = anchors_inside(file, options.limits);
  if (!options.trust.empty()) judge(file, options);
  return 0;
}
