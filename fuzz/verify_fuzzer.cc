// Verification of whole files: no verdict is good without an anchor, and every report can be
// written.
// uses: heqi_documents_verify
#include <heqi/base/text.h>
#include <heqi/documents/verify/report_json.h>
#include <heqi/documents/verify/report_text.h>
#include <heqi/documents/verify/verify.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace heqi::documents::verify;
  VerifyOptions options;
  options.now = heqi::base::time_from_micros(1'780'000'000'000'000);
  options.limits.decoded_size = 1 << 20;
  options.limits.decoded_total = 4 << 20;
  options.limits.objects = 10'000;
  options.limits.xref_entries = 20'000;
  options.limits.revisions = 32;
  const auto report = verify_pdf({data, size}, options);
  if (!report) return 0;
  HEQI_CHECK(exit_code_of(report->verdict) == 1);  // nobody is trusted
  HEQI_CHECK(heqi::base::is_utf8(to_json(*report)));
  static_cast<void>(to_text(*report, Language::both));
  return 0;
}
