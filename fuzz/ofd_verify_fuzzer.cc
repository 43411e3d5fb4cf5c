// Verification of whole OFD files: no verdict is good without an anchor, and every report can be
// written.
// uses: heqi_documents_ofd
#include <heqi/base/text.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::documents;
  ofd::VerifyOptions options;
  options.now = heqi::base::time_from_micros(1'780'000'000'000'000);
  options.limits.entries = 200;
  options.limits.unpacked_total = 8 << 20;
  options.limits.unpacked_entry = 4 << 20;
  options.limits.xml_nodes = 20'000;
  const auto report = ofd::verify_ofd({data, size}, options);
  if (!report) return 0;
  HEQI_CHECK(verify::exit_code_of(report->verdict) == 1);  // nobody is trusted
  HEQI_CHECK(heqi::base::is_utf8(verify::to_json(*report)));
  static_cast<void>(verify::to_text(*report, verify::Language::both));
  return 0;
}
